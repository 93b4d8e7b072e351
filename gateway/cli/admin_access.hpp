// How commands reach the admin API of a running gateway.
#pragma once

#include "cli/event_client.hpp"

#include <CLI/App.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace adit::cli {

struct admin_access {
    std::string address = "127.0.0.1:9090";
    std::string token_file;
};

// --admin and --token-file; `into` outlives the parsing. Returns --admin.
CLI::Option* add_admin_options(CLI::App& command, admin_access& into);

// The token that a client sends, from a file as the gateway reads it ("TOKEN" or "NAME TOKEN" a line): the
// first. nullopt where there is none.
std::optional<std::string> first_token(std::string_view text);

// Asks, with the token. nullopt when there was no good answer: the reason has been told on stderr.
std::optional<api_answer> ask_or_complain(const admin_access& access, api_request request);
// The same for a stream, whose events are heard; false when there was none, or it broke.
bool listen_or_complain(const admin_access& access, api_request request, event_parser::listener hear);

} // namespace adit::cli
