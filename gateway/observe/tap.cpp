#include "observe/tap.hpp"

#include "core/bytes.hpp"
#include "observe/access_line.hpp"

#include <algorithm>
#include <utility>

namespace adit::observe {

bool tap_filter::fits(const exchange_record& one) const noexcept {
    using text = exchange_record::text;
    const auto is = [](const std::string& wanted, std::string_view what) {
        return wanted.empty() || wanted == what;
    };
    return is(route, one.get(text::route)) && is(track, one.get(text::track)) &&
           is(method, one.get(text::method)) && is(reason, one.reason) && is(end, one.end) &&
           one.get(text::path).starts_with(path) && (status == 0 || one.status == status) &&
           (status_class == 0 || one.status / 100 == status_class) &&
           one.ended - one.started >= least.count();
}

bool read_status(std::string_view text, tap_filter& into) noexcept {
    if (text.size() != 3 || text[0] < '1' || text[0] > '5') return false;
    if (iequals(text.substr(1), "xx")) {
        into.status_class = static_cast<std::uint8_t>(text[0] - '0');
        return true;
    }
    const auto number = parse_decimal(text);
    if (!number) return false;
    into.status = static_cast<std::uint16_t>(*number);
    return true;
}

void tap::hear(const exchange_record& one, const record_clock& clock) {
    if (!wish_.filter.fits(one)) return;
    // A second's worth may come at once.
    const double rate = wish_.rate;
    if (refilled_ == 0) left_ = rate;
    const auto passed = static_cast<double>(clock.monotonic - std::exchange(refilled_, clock.monotonic));
    if (passed > 0) left_ = std::min(rate, left_ + passed * rate / 1e9);
    if (left_ < 1) {
        ++heard_.over_rate;
        return;
    }
    --left_;
    static constexpr model::access_log::parts all{true, true, true, true, true};
    write_record_json(heard_.exchanges.emplace_back(), one, clock, all);
}

void tap::rest() {
    if (heard_.exchanges.empty() && heard_.over_rate == 0) return;
    bool tell = false;
    {
        const std::lock_guard lock(mutex_);
        waiting_.over_rate += heard_.over_rate;
        for (auto& one : heard_.exchanges) {
            if (waiting_.exchanges.size() < most_waiting)
                waiting_.exchanges.push_back(std::move(one));
            else
                ++waiting_.late;
        }
        tell = !std::exchange(told_, true);
    }
    heard_.exchanges.clear();
    heard_.over_rate = 0;
    if (tell) ready_();
}

tap_batch tap::fetch() {
    const std::lock_guard lock(mutex_);
    told_ = false;
    return std::exchange(waiting_, {});
}

} // namespace adit::observe
