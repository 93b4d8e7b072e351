#include "cli/demo/addresses.hpp"

#include "admin/server.hpp"
#include "model/address.hpp"

#include <boost/asio/io_context.hpp>

namespace adit::cli {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

bool is_taken(const tcp::endpoint& at) {
    asio::io_context context;
    tcp::acceptor probe(context);
    boost::system::error_code error;
    probe.open(at.protocol(), error);
    if (error) return false;
    // Connections that linger in TIME_WAIT do not count; a listener does, whatever options it has
    // (socket(7)).
    probe.set_option(tcp::acceptor::reuse_address(true), error);
    probe.bind(at, error);
    return error == asio::error::address_in_use;
}

} // namespace

std::string taken_address(const std::vector<std::string>& addresses) {
    for (const auto& text : addresses) {
        const auto at = admin::parse_address(text);
        if (at && at->port() != 0 && is_taken(*at)) return text;
    }
    return {};
}

tcp::endpoint reachable(const tcp::endpoint& bound) {
    if (!bound.address().is_unspecified()) return bound;
    return {asio::ip::address_v4::loopback(), bound.port()};
}

std::string to_authority(const tcp::endpoint& at) {
    return model::to_text(model::endpoint{.host = at.address().to_string(), .port = at.port()});
}

} // namespace adit::cli
