#include "source/kubernetes/election.hpp"

namespace adit::source::kubernetes {

void election::found(const lease& what, instant now) {
    const bool same = seen_.holder == what.holder && seen_.renewed == what.renewed && seen_at_ != 0;
    if (!same) seen_at_ = now;
    seen_ = what;
    const bool free = what.holder.empty() || what.holder == me_;
    const auto lasts = what.lasts.count() > 0 ? what.lasts : rules_.lasts;
    const bool over = now - seen_at_ >= from(lasts);
    next_ = free || over ? request::renew : request::read;
    due_ = next_ == request::renew ? now : now + from(rules_.again);
    if (next_ == request::read) leads_until_ = 0; // somebody else's
}

void election::missing(instant now) noexcept {
    next_ = request::create;
    due_ = now;
}

void election::written(std::string_view version, instant now) {
    seen_.version = version;
    leads_until_ = asked_ + from(rules_.trusted);
    next_ = request::renew;
    due_ = now + from(rules_.again);
}

void election::beaten(instant now) noexcept {
    next_ = request::read;
    due_ = now + from(rules_.again);
}

void election::failed(instant now) noexcept {
    next_ = request::read;
    due_ = now + from(rules_.again);
}

} // namespace adit::source::kubernetes
