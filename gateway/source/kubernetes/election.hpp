// Which of several replicas writes: the one whose name stands in a Lease (coordination.k8s.io/v1) and was
// renewed lately. Decides alone, without a socket; the clock is passed in. What the clocks of others say is
// not heeded: a Lease has run out when it was seen unchanged for as long as it says that it lasts.
#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace adit::source::kubernetes {

// A Lease, as far as it matters.
struct lease {
    std::string version; // metadata.resourceVersion
    std::string holder;  // spec.holderIdentity; empty = free
    std::string renewed; // spec.renewTime, as it is written
    std::chrono::seconds lasts{};
};

struct election_rules {
    std::chrono::seconds lasts{15};   // what others have to wait for when the holder is gone
    std::chrono::seconds trusted{10}; // so long after it asked for a renewal the holder thinks that it leads
    std::chrono::seconds again{2};    // between two looks
};

// One thread.
class election {
public:
    enum class request { read, create, renew };

    explicit election(std::string me, election_rules rules = {}) : me_(std::move(me)), rules_(rules) {}

    // What is to be asked next, and when.
    request next() const noexcept { return next_; }
    instant due() const noexcept { return due_; }
    const std::string& me() const noexcept { return me_; }
    const election_rules& rules() const noexcept { return rules_; }
    const std::string& version() const noexcept { return seen_.version; } // that a renewal is based on
    bool leads(instant now) const noexcept { return now < leads_until_; }

    // The request goes out.
    void asked(instant now) noexcept { asked_ = now; }
    // It was read.
    void found(const lease& what, instant now);
    void missing(instant now) noexcept;
    // It was made or renewed: it is ours.
    void written(std::string_view version, instant now);
    // Somebody else was faster.
    void beaten(instant now) noexcept;
    // No answer, or another one.
    void failed(instant now) noexcept;

private:
    std::string me_;
    election_rules rules_;
    request next_ = request::read;
    instant due_ = 0, asked_ = 0;
    lease seen_;
    instant seen_at_ = 0; // when it was first seen as it is
    instant leads_until_ = 0;
};

} // namespace adit::source::kubernetes
