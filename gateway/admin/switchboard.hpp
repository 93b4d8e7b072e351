// What all connections of one server share. Lives as long as the last of them; control thread only.
#pragma once

#include "admin/control.hpp"
#include "admin/endpoints.hpp"
#include "admin/event_hub.hpp"
#include "admin/server.hpp"
#include "admin/token.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <unordered_set>
#include <utility>

namespace adit::admin {

class connection;

struct switchboard {
    switchboard(boost::asio::io_context& context, control& gateway, server_options given)
        : options(std::move(given)),
          at{gateway, options.audit ? options.audit : [](const audit_record&) {}},
          events(context, options.limits.events, options.limits.heartbeat) {
        if (!options.token_file.empty()) tokens.emplace(options.token_file, options.complain);
    }

    server_options options;
    desk at;
    event_hub events;
    std::optional<token_file> tokens;
    std::unordered_set<connection*> connections; // each takes itself out when it ends
    std::size_t taps = 0;                        // that are open
    bool stopping = false;
    std::function<void()> when_empty; // set by stop(), called once
};

// The number of connections of one address; a connection that is shed is counted as long as it is there.
struct address_count {
    role as;
    std::size_t open = 0;
};

} // namespace adit::admin
