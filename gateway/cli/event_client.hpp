// Reads a stream of Server-Sent Events of the admin API until one side has had
// enough.
#pragma once

#include "cli/api_client.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace adit::cli {

// Takes a stream apart, in whatever pieces it comes (HTML Living Standard
// §9.2.6, as far as Adit uses it).
class event_parser {
public:
    // `hear` gets name and data; it returns false when it has had enough, and is
    // not called again.
    using listener = std::function<bool(std::string_view name, std::string_view data)>;

    explicit event_parser(listener hear) : hear_(std::move(hear)) {}
    // False once the listener has had enough.
    bool feed(std::string_view bytes);

private:
    bool line(std::string_view text);

    listener hear_;
    std::string rest_; // of a line
    std::string name_, data_;
    bool enough_ = false;
};

// Asks, and calls `hear` for each event. The answer has a status of 200 and no
// error where the stream came to an end, or `hear` ended it; else as ask()
// tells it. The timeout of the request is for its answer to begin.
api_answer listen(const api_address& where, const api_request& request, event_parser::listener hear);

} // namespace adit::cli
