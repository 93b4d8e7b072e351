// One span of a trace, as a worker notes it down for the thread that exports them.
#pragma once

#include "core/clock.hpp"
#include "core/ip.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace adit::observe {

// A plain value of fixed size, so that noting one allocates nothing. Views are of texts that live as long as
// the process: names of methods, words of reasons. Other texts are copied, and cut where they are too long.
class span_record {
public:
    enum class role : std::uint8_t { server = 2, client = 3 }; // numbers of OTLP's SpanKind
    // Texts that are copied. Those before `path` have the places that their greatest usual length asks for.
    enum class part : std::uint8_t { route, track, endpoint, host, path };
    static constexpr std::size_t parts = 5;
    static constexpr std::size_t room = 640; // bytes

    std::uint64_t trace_high = 0, trace_low = 0;
    std::uint64_t id = 0, parent = 0; // parent 0: the trace begins here
    instant started = 0, ended = 0;
    std::string_view method; // empty: none of those that are known
    std::string_view reason; // of the choice of the track; empty: there was none
    std::string_view error;  // what kind of; empty with `failed`: the status tells
    ip_address client;
    std::uint16_t status = 0;   // of the response; 0 = there was none
    std::uint16_t attempts = 0; // in all; of an attempt: which one it is, from 1
    role kind = role::server;
    std::uint8_t flags = 0;         // of the trace
    std::uint8_t minor_version = 1; // of HTTP/1
    bool failed = false;
    bool remote_parent = false; // it came from the client
    bool secure = false;        // https

    // For each part once; what does not fit is cut off.
    void put(part which, std::string_view text) noexcept {
        static constexpr std::array<std::size_t, parts> most{253, 63, 64, 128, room};
        const auto i = static_cast<std::size_t>(which);
        const auto size = std::min({text.size(), most[i], room - used_});
        if (size > 0) std::memcpy(text_ + used_, text.data(), size);
        at_[i] = used_;
        size_[i] = static_cast<std::uint16_t>(size);
        used_ = static_cast<std::uint16_t>(used_ + size);
    }
    std::string_view get(part which) const noexcept {
        const auto i = static_cast<std::size_t>(which);
        return {text_ + at_[i], size_[i]};
    }
    // As new, for an object that is used again.
    void reset() noexcept {
        started = ended = 0;
        parent = id = 0;
        method = reason = error = {};
        status = attempts = 0;
        failed = remote_parent = secure = false;
        size_ = {};
        used_ = 0;
    }

private:
    std::array<std::uint16_t, parts> at_{}, size_{};
    std::uint16_t used_ = 0;
    char text_[room];
};

} // namespace adit::observe
