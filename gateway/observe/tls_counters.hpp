// What one worker counts of TLS. One writer, any reader.
#pragma once

#include "observe/counter.hpp"
#include "observe/histogram.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace adit::observe {

// Why a handshake did not come to an end.
enum class tls_failure : std::uint8_t {
    none,
    closed,         // the other side went away
    timeout,        // timeouts.tls_handshake
    no_version,     // no common protocol version
    no_cipher,      // no common cipher or signature algorithm
    no_application, // ALPN without http/1.1
    refused,        // the other side sent an alert: it does not like our certificate, mostly
    untrusted,      // an upstream's certificate could not be verified
    malformed,      // what came is no TLS
    count_
};
inline constexpr std::size_t tls_failures = static_cast<std::size_t>(tls_failure::count_);

constexpr std::string_view to_text(tls_failure one) noexcept {
    constexpr std::array<std::string_view, tls_failures> words{
        "done",    "closed",    "timeout",  "no-version", "no-cipher", "no-application-protocol",
        "refused", "untrusted", "malformed"};
    return words[static_cast<std::size_t>(one)];
}

// Of one role: towards clients, or towards upstreams.
struct tls_counters {
    // [TLS 1.3][resumed]
    std::array<std::array<counter, 2>, 2> done;
    std::array<counter, tls_failures> failed; // [0] is unused
    histogram duration;                       // of those that were done
};

} // namespace adit::observe
