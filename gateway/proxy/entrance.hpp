// What stands between a connection's first byte and its first request, at one listener.
#pragma once

#include "core/ip.hpp"

#include <vector>

namespace adit::proxy {

struct entrance {
    bool tls = false;
    // Peers that begin with a PROXY line, and whom nobody else may imitate; see net/proxy_line.hpp.
    bool proxy_lines = false;
    std::vector<ip_prefix> balancers;
};

} // namespace adit::proxy
