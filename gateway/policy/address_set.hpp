// A set of addresses, made of prefixes, that is asked in logarithmic time.
#pragma once

#include "core/ip.hpp"

#include <vector>

namespace adit::policy {

// Immutable; shared by all workers.
class address_set {
public:
    address_set() = default;
    explicit address_set(const std::vector<ip_prefix>& prefixes);

    bool empty() const noexcept { return ranges_.empty(); }
    bool contains(const ip_address& address) const noexcept;

private:
    struct range {
        ip_address first, last;
    };

    std::vector<range> ranges_; // ascending, apart from each other
};

// Who may come: nobody in `deny`, and only who is in `allow` where that is not empty.
struct access_list {
    address_set allow, deny;

    bool admits(const ip_address& address) const noexcept {
        return !deny.contains(address) && (allow.empty() || allow.contains(address));
    }
};

} // namespace adit::policy
