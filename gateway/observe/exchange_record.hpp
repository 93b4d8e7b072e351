// All that is told of one exchange when it is over, as plain values: for the access log, for whoever watches
// live, and for traces.
#pragma once

#include "core/clock.hpp"
#include "core/ip.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace adit::observe {

// Views in it are of texts that live as long as the process.
struct exchange_facts {
    // Texts of the exchange's own, in the order of their claim to the room, which put() calls follow.
    enum class text : std::uint8_t {
        request_id,
        route,    // empty: none matched
        track,    // that carried it
        chosen,   // track that was chosen, where another one carried it
        endpoint, // of the last attempt; empty: none was asked
        method,
        host, // as it was asked for, perhaps with a port
        user, // of Basic authentication, where the route asks for it
        path, // as it was received
        query,
        referer,
        user_agent,
        count_
    };
    static constexpr std::size_t texts = static_cast<std::size_t>(text::count_);
    struct text_place {
        std::uint16_t at = 0, size = 0;
        bool cut = false;
    };

    static constexpr std::uint16_t no_rule = 0xffff;
    static constexpr std::uint16_t no_bucket = 0xffff;

    // Monotonic; 0 = it did not come so far.
    instant started = 0;       // first byte of the request
    instant attempt_at = 0;    // the last attempt began: an endpoint was chosen
    instant sent_at = 0;       // its connection stood and the request went out
    instant first_byte_at = 0; // the head of its response was here
    instant ended = 0;         // last byte of the response out, or cut off

    std::uint64_t bytes_in = 0;  // from the client: head and body as they were on the wire
    std::uint64_t bytes_out = 0; // to the client, likewise
    std::uint64_t body_out = 0;  // of these, what came after the head

    std::string_view reason; // why that track; empty without a route
    std::string_view end;    // "done", or the name of what ended it
    std::string_view tls;    // "TLSv1.3"; empty on a plain connection

    ip_address client; // who asked: of X-Forwarded-For where the peer is trusted
    ip_address peer;   // who is connected

    // For traces; all zero = none.
    std::array<std::uint8_t, 16> trace_id{};
    std::array<std::uint8_t, 8> span_id{};   // of this exchange
    std::array<std::uint8_t, 8> parent_id{}; // of the client's span
    std::uint8_t trace_flags = 0;

    // The chance of the chosen track was weight in total; total 0 = nothing was drawn.
    std::uint32_t weight = 0, total = 0;
    std::uint16_t rule = no_rule;     // of routes[].force, that decided
    std::uint16_t bucket = no_bucket; // of the cohort
    std::uint16_t status = 0;         // that the client got; 499 = it left before it had one
    std::uint8_t attempts = 0;
    std::uint8_t minor_version = 1;        // HTTP/1.x
    bool failed = false;                   // 5xx, or cut off
    bool for_log = false, for_tap = false; // whom it was made for

    std::uint16_t used = 0; // of the room
    std::array<text_place, texts> places{};
};

// Of a fixed size, whatever the exchange was like: filled once by the worker, without an allocation, and read
// by another thread.
struct exchange_record : exchange_facts {
    static constexpr std::size_t size = 2048;
    static constexpr std::size_t room_size = size - sizeof(exchange_facts);

    // For the next exchange.
    void reset() noexcept { static_cast<exchange_facts&>(*this) = {}; }

    // At most `most` bytes of it, and no more than there is room for; a text that was cut says so.
    void put(text which, std::string_view value, std::size_t most) noexcept {
        const auto taken = std::min({value.size(), most, room_size - used});
        auto& place = places[static_cast<std::size_t>(which)];
        place = {used, static_cast<std::uint16_t>(taken), taken < value.size()};
        if (taken != 0) std::memcpy(room + used, value.data(), taken);
        used = static_cast<std::uint16_t>(used + taken);
    }
    std::string_view get(text which) const noexcept {
        const auto& place = places[static_cast<std::size_t>(which)];
        return {room + place.at, place.size};
    }
    bool is_cut(text which) const noexcept { return places[static_cast<std::size_t>(which)].cut; }

    char room[room_size]; // not cleared
};

static_assert(sizeof(exchange_record) == exchange_record::size);

} // namespace adit::observe
