#include "model/validate_timeouts.hpp"

#include "model/units.hpp"

namespace adit::model {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_tunnel{7 * 24 * 3'600'000};
constexpr std::uint64_t highest_rate = 1024ULL * 1024 * 1024; // bytes a second

void check_rate(std::uint64_t value, const findings& found) {
    if (value > highest_rate)
        found.error(
            "nobody could send " + size_to_text(value) + " a second", "at most " + size_to_text(highest_rate)
        );
}

// 0 stands for no bound.
void check_exchange(milliseconds value, const findings& found) {
    if (value != milliseconds::zero()) check_time(value, longest_time, found);
}

} // namespace

void check_time(milliseconds value, milliseconds high, const findings& found) {
    if (value <= milliseconds::zero())
        found.error(to_text(value) + " would end every exchange at once", "from 1ms to " + to_text(high));
    else if (value > high)
        found.error(to_text(value) + " is too long", "from 1ms to " + to_text(high));
}

void check_timeouts(const timeouts& wish, const findings& found) {
    check_time(wish.tls_handshake, longest_time, found.under("tls_handshake"));
    check_time(wish.head, longest_time, found.under("head"));
    check_time(wish.body, longest_time, found.under("body"));
    check_time(wish.idle, longest_time, found.under("idle"));
    check_time(wish.connect, longest_time, found.under("connect"));
    check_time(wish.first_byte, longest_time, found.under("first_byte"));
    check_time(wish.response, longest_time, found.under("response"));
    check_time(wish.send, longest_time, found.under("send"));
    check_exchange(wish.exchange, found.under("exchange"));
    check_time(wish.tunnel_idle, longest_tunnel, found.under("tunnel_idle"));
    check_time(wish.upstream_idle, longest_time, found.under("upstream_idle"));
    check_rate(wish.min_rate, found.under("min_rate"));
    check_time(wish.rate_grace, longest_time, found.under("rate_grace"));
}

void check_timeouts(const route_timeouts& wish, const findings& found) {
    const auto time = [&](const auto& value, const char* name, milliseconds high = longest_time) {
        if (value) check_time(*value, high, found.under(name));
    };
    time(wish.body, "body");
    time(wish.connect, "connect");
    time(wish.first_byte, "first_byte");
    time(wish.response, "response");
    time(wish.send, "send");
    if (wish.exchange) check_exchange(*wish.exchange, found.under("exchange"));
    time(wish.tunnel_idle, "tunnel_idle", longest_tunnel);
    if (wish.min_rate) check_rate(*wish.min_rate, found.under("min_rate"));
    time(wish.rate_grace, "rate_grace");
}

} // namespace adit::model
