// What the demo asks of addresses before and after they are opened.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <vector>

namespace adit::cli {

// The first of these "host:port" texts where somebody listens already; empty = none. Texts that are no
// addresses are passed over: they are complained of where they are opened. The workers' own listeners share
// their port (SO_REUSEPORT) and would share it with a second demo too.
std::string taken_address(const std::vector<std::string>& addresses);

// Where a client of this machine reaches what listens at `bound`: every address becomes loopback.
boost::asio::ip::tcp::endpoint reachable(const boost::asio::ip::tcp::endpoint& bound);
// "127.0.0.1:8080", "[::1]:8080".
std::string to_authority(const boost::asio::ip::tcp::endpoint& at);

} // namespace adit::cli
