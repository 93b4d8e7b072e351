// One exchange's question to the service that makes error pages.
#pragma once

#include "http/refusal.hpp"
#include "proxy/sub_request.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace adit::proxy {

// Lent by the worker until the page has been sent.
struct page_request {
    static constexpr std::chrono::seconds within{5}; // afterwards the client gets the plain answer

    explicit page_request(worker& home) : question(home) {}

    sub_request question;
    std::uint16_t status = 0; // of the answer that the page is for
    http::refusal reason = http::refusal::none;
    std::string_view fields; // further lines of that answer; behind the question in its memory
};

} // namespace adit::proxy
