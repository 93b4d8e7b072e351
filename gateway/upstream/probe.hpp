// Active checks of one endpoint, one after the other until it is destroyed.
#pragma once

#include "core/random.hpp"
#include "model/health.hpp"
#include "net/tls_target.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>

namespace adit::upstream {

// Control thread only.
class probe {
public:
    // Empty: good. Otherwise why not: "503 where 200-399 is wanted", "Connection refused".
    using listener = std::function<void(const std::string& problem)>;

    // `tls`: how the endpoint is spoken to; null = in clear. A TCP check does not look at it.
    probe(
        boost::asio::io_context& context, const boost::asio::ip::tcp::endpoint& to,
        std::shared_ptr<const net::tls_target> tls, const model::active_health& wish, random_source& random,
        listener told
    );
    ~probe();
    probe(const probe&) = delete;

    // Whether it does what is wished for.
    bool asks(const model::active_health& wish, const net::tls_target* tls) const noexcept;

private:
    class attempt;
    class rounds;
    std::shared_ptr<rounds> rounds_;
};

} // namespace adit::upstream
