// Cross-origin requests (https://fetch.spec.whatwg.org/#http-cors-protocol) answered by the gateway.
#pragma once

#include "http/head.hpp"
#include "http/writer.hpp"
#include "model/policies.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adit::policy {

// Immutable; shared by all workers.
class cors {
public:
    explicit cors(const model::cors& wish);

    // OPTIONS with Origin and Access-Control-Request-Method: a browser asks whether it may ask.
    static bool is_preflight(const http::request_head& head) noexcept;

    // Lines for the answer to a preflight. An origin that is not allowed gets none but Vary.
    void write_preflight(http::writer& out, const http::request_head& head) const noexcept;

    // Marks what an upstream says of all this as dropped.
    static void drop(http::head& response) noexcept;
    // Lines for an answer to the real request. `response` is what the upstream's Vary is looked for in, null
    // for an answer of our own.
    void write(http::writer& out, const http::request_head& head, const http::head* response) const noexcept;

private:
    struct origin {
        std::string before, after; // of a wildcard; `after` is empty where there is none
        bool wildcard = false;

        bool matches(std::string_view text) const noexcept;
    };

    bool allows(std::string_view from) const noexcept;
    // False where the origin may nothing.
    bool write_origin(http::writer& out, std::string_view from) const noexcept;

    std::vector<origin> origins_;
    bool any_ = false; // "*" is among them
    bool credentials_ = false;
    bool any_header_ = false;
    // Whole lines, but for the origin and the headers of `any_header_`.
    std::string preflight_lines_, answer_lines_;
};

} // namespace adit::policy
