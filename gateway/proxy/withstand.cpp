// Whether there is room for one more: the newest are turned away first, so that those who are in can finish.
#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"

namespace adit::proxy {

http::refusal worker::admit(int descriptor) noexcept {
    if (descriptor >= pressure_.descriptor_ceiling) return http::refusal::overloaded_descriptors;
    if (pressure_.memory.load(std::memory_order_relaxed)) return http::refusal::overloaded_memory;
    // Exact over all workers: who takes the last place has taken it before anybody else can ask.
    const auto most = current().limits.connections;
    const auto before = pressure_.connections.fetch_add(1, std::memory_order_relaxed);
    if (most == 0 || before < most) return http::refusal::none;
    pressure_.connections.fetch_sub(1, std::memory_order_relaxed);
    return http::refusal::overloaded;
}

http::refusal worker::admit_exchange(std::uint32_t most, bool& counted) noexcept {
    if (pressure_.memory.load(std::memory_order_relaxed)) return http::refusal::overloaded_memory;
    if (most == 0) return http::refusal::none;
    counted = pressure_.exchanges.fetch_add(1, std::memory_order_relaxed) < most;
    if (counted) return http::refusal::none;
    pressure_.exchanges.fetch_sub(1, std::memory_order_relaxed);
    return http::refusal::overloaded_in_flight;
}

// Only where a ceiling is set: an exchange without pays for one comparison.
bool exchange::withstand() {
    const auto reason = worker_.admit_exchange(held_->value->limits.in_flight, counted_);
    if (reason == http::refusal::none) return true;
    answer(reason);
    return false;
}

} // namespace adit::proxy
