// Records as tests write them down.
#pragma once

#include "observe/exchange_record.hpp"
#include "observe/record_clock.hpp"

#include <chrono>
#include <memory>

namespace adit::observe {

using text = exchange_record::text;

// Monotonic 10 s is 2026-01-31T09:05:00Z.
inline constexpr instant second = 1'000'000'000;
inline record_clock some_clock() {
    return {10 * second, std::chrono::system_clock::time_point(std::chrono::seconds(1769850300))};
}

inline std::unique_ptr<exchange_record> empty_record() {
    auto out = std::make_unique<exchange_record>();
    out->reset();
    return out;
}

// GET /cart?id=7 that went to the canary by its cohort and took 1.5 ms.
inline std::unique_ptr<exchange_record> some_record() {
    auto out = empty_record();
    out->started = 10 * second;
    out->attempt_at = out->started + 100'000;
    out->sent_at = out->attempt_at + 200'000;
    out->first_byte_at = out->sent_at + 700'000;
    out->ended = out->started + 1'500'000;
    out->bytes_in = 321;
    out->bytes_out = 1234;
    out->body_out = 1000;
    out->reason = "cohort";
    out->end = "done";
    out->client = ip_address::v4({192, 0, 2, 7});
    out->peer = ip_address::v4({10, 0, 0, 1});
    out->weight = 1250;
    out->total = 10'000;
    out->bucket = 42;
    out->status = 200;
    out->attempts = 1;
    out->put(text::request_id, "abc123", 128);
    out->put(text::route, "shop", 255);
    out->put(text::track, "canary", 255);
    out->put(text::endpoint, "10.1.0.9:8080", 96);
    out->put(text::method, "GET", 32);
    out->put(text::host, "shop.test:8443", 255);
    out->put(text::user, "ann", 64);
    out->put(text::path, "/cart", 512);
    out->put(text::query, "id=7", 384);
    out->put(text::referer, "https://shop.test/", 256);
    out->put(text::user_agent, "curl/8.0", 256);
    return out;
}

} // namespace adit::observe
