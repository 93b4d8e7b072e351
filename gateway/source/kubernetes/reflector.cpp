#include "source/kubernetes/reflector.hpp"

#include "source/kubernetes/resource.hpp"

#include <algorithm>
#include <utility>

namespace adit::source::kubernetes {

namespace {

using namespace std::chrono_literals;

constexpr unsigned gone = 410;          // RFC 9110 §15.5.11: the version, or the list's token, is too old
constexpr unsigned most_doublings = 16; // of a wait; more would overflow and change nothing
constexpr std::chrono::seconds list_time{60}; // for one page

} // namespace

std::string reflector::query(double jitter) {
    heard_ = watching_ = false;
    if (next_ == request::list) {
        lasts_ = list_time;
        if (!paged_) return {};
        std::string out = "limit=" + std::to_string(rules_.page);
        if (!more_.empty()) out += "&continue=" + percent_encode(more_);
        return out;
    }
    const auto least = rules_.watch_lasts.count();
    lasts_ = std::chrono::seconds(least + static_cast<std::int64_t>(static_cast<double>(least) * jitter));
    return "watch=1&allowWatchBookmarks=true&resourceVersion=" + percent_encode(version_) +
           "&timeoutSeconds=" + std::to_string(lasts_.count());
}

std::vector<std::string> reflector::page(
    std::string_view version, std::string_view more, const std::vector<std::string>& names, instant now
) {
    due_ = now;
    met_.insert(names.begin(), names.end());
    more_ = more;
    if (!more.empty()) return {};
    std::vector<std::string> out;
    std::set_difference(known_.begin(), known_.end(), met_.begin(), met_.end(), std::back_inserter(out));
    known_ = std::exchange(met_, {});
    version_ = version;
    next_ = request::watch;
    paged_ = true;
    refusals_ = 0;
    ++lists_;
    return out;
}

void reflector::began(instant now) noexcept {
    watching_ = true;
    began_ = now;
}

void reflector::event(change what, std::string_view version, std::string_view name) {
    heard_ = true;
    row_ = refusals_ = 0;
    if (!version.empty()) version_ = version;
    if (name.empty() || what == change::bookmark) return;
    if (what != change::deleted)
        known_.emplace(name);
    else if (const auto at = known_.find(name); at != known_.end())
        known_.erase(at);
}

// Nothing in all the time that bookmarks come in: the version may be one of the future, to which an API
// server says nothing at all.
bool reflector::was_silent(instant now) const noexcept {
    return watching_ && !heard_ && now - began_ >= from(rules_.silence);
}

void reflector::ended(instant now, double jitter) {
    if (was_silent(now)) {
        list_again();
        due_ = now;
    } else if (heard_ || now - began_ >= from(rules_.calm)) {
        row_ = 0;
        due_ = now;
    } else {
        due_ = now + from(wait(jitter)); // who ends every watch at once is not to be asked in a loop
        ++row_;
    }
    watching_ = false;
}

void reflector::refused(
    unsigned status, std::optional<std::chrono::seconds> retry_after, instant now, double jitter
) {
    const auto asked = std::min(retry_after.value_or(0s), rules_.longest_asked);
    const bool first = row_ == 0;
    fail(now, jitter, asked);
    if (next_ == request::watch) {
        if (status != gone && ++refusals_ < rules_.patience) return;
        list_again();
        if (status == gone && first && !retry_after) due_ = now;
    } else if (status == gone && !more_.empty()) {
        list_again(); // from the beginning, and in one piece: pages take longer than versions are kept
        paged_ = false;
        if (first && !retry_after) due_ = now;
    }
}

void reflector::lost(instant now, double jitter) {
    if (was_silent(now)) list_again();
    fail(now, jitter, 0s);
}

void reflector::list_again() noexcept {
    next_ = request::list;
    more_.clear();
    met_.clear();
    refusals_ = 0;
}

void reflector::fail(instant now, double jitter, std::chrono::nanoseconds at_least) {
    watching_ = false;
    due_ = now + from(std::max(wait(jitter), at_least));
    ++row_;
    ++failures_;
}

std::chrono::nanoseconds reflector::wait(double jitter) const {
    const auto doubled = rules_.first_wait * (1 << std::min(row_, most_doublings));
    const auto whole = std::min<std::chrono::nanoseconds>(doubled, rules_.longest_wait);
    return std::chrono::nanoseconds(
        static_cast<std::int64_t>(static_cast<double>(whole.count()) * (0.5 + jitter / 2))
    );
}

} // namespace adit::source::kubernetes
