// What the clients of the admin API have in common: requests as Beast sends
// them, answers as commands tell them.
#pragma once

#include "cli/api_client.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>

namespace adit::cli {

// "host:port", with brackets where they are needed.
std::string authority_of(const api_address& where);
boost::beast::http::request<boost::beast::http::string_body>
to_message(const api_address& where, const api_request& from);
// False, with the reason in `out`, for what would become something else on the
// wire.
bool may_be_sent(const api_request& request, api_answer& out);
// Nobody answered.
void tell_failure(api_answer& out, const char* step, const api_address& where, const std::string& error);
// Sets error and hint from the problem in the body.
void read_problem(api_answer& answer);

} // namespace adit::cli
