// How one collection of an API server is followed: listed page by page, then watched from the version of the
// list, and what is done when that fails. Decides alone, without a socket; the clock is passed in.
#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source::kubernetes {

struct reflector_rules {
    unsigned page = 500; // objects of one answer to a list
    // Between a failure and the next try: doubled from one failure to the next, and jittered.
    std::chrono::milliseconds first_wait{200}, longest_wait{30'000};
    std::chrono::seconds longest_asked{300}; // Retry-After is heeded up to that
    // A watch is asked to end after so long, or up to twice that, so that not all end at once.
    std::chrono::seconds watch_lasts{300};
    // A watch that lasted so long was a good one though it told nothing.
    std::chrono::seconds calm{5};
    // Who hears nothing for so long, not even a bookmark, does not trust the version it watches from.
    std::chrono::seconds silence{150};
    unsigned patience = 3; // a watch that is refused so often is not tried again from the same version
};

// One thread. `jitter` is drawn from [0, 1) each time.
class reflector {
public:
    enum class request { list, watch };
    enum class change { added, modified, deleted, bookmark };

    explicit reflector(reflector_rules rules = {}) : rules_(rules) {}

    // What is to be asked next, and when.
    request next() const noexcept { return next_; }
    instant due() const noexcept { return due_; }
    // For the request that is sent now: "limit=500&continue=…" or "watch=1&resourceVersion=…".
    std::string query(double jitter);
    // How long the answer to it may take to end.
    std::chrono::seconds lasts() const noexcept { return lasts_; }

    // A page of a list, with the names of its objects. The last one tells which names that were known before
    // have gone; before that nothing goes.
    std::vector<std::string>
    page(std::string_view version, std::string_view more, const std::vector<std::string>& names, instant now);
    // A watch has begun; something it told; it came to an end as it should.
    void began(instant now) noexcept;
    void event(change what, std::string_view version, std::string_view name);
    void ended(instant now, double jitter);
    // The answer was not the one that was asked for: by its status, or an ERROR event's code.
    void
    refused(unsigned status, std::optional<std::chrono::seconds> retry_after, instant now, double jitter);
    // There was none, or it broke off.
    void lost(instant now, double jitter);

    // Whether a whole list was read once.
    bool complete() const noexcept { return lists_ != 0; }
    // Whether the next list, if it is one, begins at the beginning.
    bool at_start() const noexcept { return more_.empty(); }
    std::uint64_t lists() const noexcept { return lists_; }       // whole ones
    std::uint64_t failures() const noexcept { return failures_; } // since the start

private:
    void list_again() noexcept;
    void fail(instant now, double jitter, std::chrono::nanoseconds at_least);
    std::chrono::nanoseconds wait(double jitter) const;
    bool was_silent(instant now) const noexcept;

    reflector_rules rules_;
    request next_ = request::list;
    instant due_ = 0;
    std::chrono::seconds lasts_{};
    std::string version_, more_; // where the watch, the list goes on
    bool paged_ = true;
    std::set<std::string, std::less<>> known_, met_; // met: in the list that is under way
    instant began_ = 0;
    bool watching_ = false, heard_ = false;
    unsigned row_ = 0;      // failures, one after the other
    unsigned refusals_ = 0; // of a watch from this version
    std::uint64_t lists_ = 0, failures_ = 0;
};

} // namespace adit::source::kubernetes
