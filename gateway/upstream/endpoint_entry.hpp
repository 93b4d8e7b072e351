// One endpoint as the control thread hands it to the workers: resolved, with what its source says of it.
#pragma once

#include "net/tls_target.hpp"
#include "upstream/endpoint_state.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace adit::upstream {

struct endpoint_entry {
    boost::asio::ip::tcp::endpoint address;
    std::uint32_t weight = 1; // relative to the other endpoints of the track
    std::uint16_t zone = 0;   // number of its zone, the same number for the same name; 0 = in no zone
    bool local = false;       // in this gateway's own zone
    bool ready = true;        // takes new requests
    bool serving = true;      // still answers while terminating
    bool terminating = false; // about to go
    std::shared_ptr<const net::tls_target> tls{}; // null: in clear
    std::shared_ptr<endpoint_state> state;        // null: of nobody's interest (tests)
};

using endpoint_list = std::vector<endpoint_entry>;

} // namespace adit::upstream
