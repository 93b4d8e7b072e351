#include "upstream/outlier.hpp"

#include <algorithm>

namespace adit::upstream {

sentence outlier::accuse(const model::passive_health& wish, const crowd& among, instant now) noexcept {
    if (ejected_) return sentence::again;
    if (among.stable && among.healthy <= 1) return sentence::last_of_stable;
    const auto share = std::uint64_t{among.ready} * wish.max_share / 100;
    if (among.ejected + 1 > std::max<std::uint64_t>(share, 1)) return sentence::share_reached;
    // Who has behaved for as long as the longest ejection begins anew.
    if (row_ > 0 && now - returned_ >= from(wish.max_ejection)) row_ = 0;
    ++row_;
    ejected_ = true;
    until_ = now + std::min(from(wish.base_ejection) * row_, from(wish.max_ejection));
    return sentence::ejected;
}

void outlier::give_back(instant now) noexcept {
    ejected_ = false;
    returned_ = now;
}

bool rise_fall::take(bool good, std::uint32_t rise, std::uint32_t fall) noexcept {
    if (good != failing_) {
        against_ = 0;
        return false;
    }
    if (++against_ < (failing_ ? rise : fall)) return false;
    failing_ = !failing_;
    against_ = 0;
    return true;
}

} // namespace adit::upstream
