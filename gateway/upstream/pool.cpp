#include "upstream/pool.hpp"

namespace adit::upstream {

std::string to_text(const net::tcp::endpoint& address) {
    const auto host = address.address().to_string();
    return (address.address().is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(address.port());
}

pool::pool(
    pools& owner, const net::tcp::endpoint& address, std::shared_ptr<const net::tls_target> tls,
    std::shared_ptr<endpoint_state> counted, std::uint32_t most
)
    : owner_(owner),
      address_(address),
      tls_(std::move(tls)),
      text_(to_text(address)),
      counted_(std::move(counted)),
      most_(most) {}

connection& pool::lease(lessee& user, demand what) {
    ++lent_;
    while (newest_ && what != demand::fresh) {
        auto& one = *newest_;
        // Bytes that came before the request would be taken for its answer.
        if ((what == demand::checked || one.stream().readable()) && !one.stream().silent()) {
            one.retire();
            continue;
        }
        unlink(one);
        one.idle_ = false;
        owner_.loop_.cancel(one.idle_timer_);
        one.user_ = &user;
        owner_.counters_.pool_hits.add();
        return one;
    }
    if (counted_ && newest_) newest_->retire(); // a new one in the place of an idle one: no more than allowed
    owner_.counters_.pool_misses.add();
    opened();
    auto& one = owner_.connections_.take(owner_.loop_);
    one.start(*this, user);
    return one;
}

void pool::let_go() {
    if (--keepers_ > 0) return;
    forgotten_ = true;
    close_idle();
    if (lent_ == 0) owner_.pools_.erase(key());
}

// The last thing that is done with a connection that was lent: afterwards the pool may be gone.
void pool::returned() {
    if (--lent_ == 0 && forgotten()) owner_.pools_.erase(key());
}

bool pool::reserve() noexcept {
    if (!counted_ || idle_count_ > 0 || reserved_) return true;
    return reserved_ = counted_->take_connection(most_);
}

// An idle connection that was counted on may turn out to be closed: the one in its stead is opened all the
// same.
void pool::opened() noexcept {
    if (counted_ && !reserved_) counted_->add_connection();
    reserved_ = false;
}

void pool::closed() noexcept {
    if (counted_) counted_->leave_connection();
}

void pool::close_idle() {
    while (newest_) newest_->retire();
}

void pool::link(connection& one) noexcept {
    one.older_ = newest_;
    one.newer_ = nullptr;
    if (newest_) newest_->newer_ = &one;
    newest_ = &one;
    ++idle_count_;
    owner_.counters_.idle_upstream.add();
}

void pool::unlink(connection& one) noexcept {
    if (one.newer_)
        one.newer_->older_ = one.older_;
    else
        newest_ = one.older_;
    if (one.older_) one.older_->newer_ = one.newer_;
    one.older_ = one.newer_ = nullptr;
    --idle_count_;
    owner_.counters_.idle_upstream.subtract();
}

pool& pools::of(const net::tcp::endpoint& address, std::shared_ptr<const net::tls_target> tls) {
    auto& slot = pools_[{address, tls ? tls->identity() : std::string{}, nullptr}];
    if (!slot) slot = std::make_unique<pool>(*this, address, std::move(tls));
    return *slot;
}

pool& pools::limited(
    const net::tcp::endpoint& address, std::shared_ptr<const net::tls_target> tls,
    std::shared_ptr<endpoint_state> counted, std::uint32_t most
) {
    auto& slot = pools_[{address, tls ? tls->identity() : std::string{}, counted.get()}];
    if (!slot) slot = std::make_unique<pool>(*this, address, std::move(tls), std::move(counted), most);
    slot->most_ = most;
    return *slot;
}

void pools::close_idle() {
    for (auto& [address, one] : pools_) one->close_idle();
}

} // namespace adit::upstream
