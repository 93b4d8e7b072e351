// Where the daemon listens: addresses of flags and of the file, and sockets that were handed over.
#include "admin/views.hpp"
#include "cli/daemon.hpp"
#include "cli/log_complaints.hpp"
#include "core/log.hpp"
#include "model/address.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace adit::cli {

namespace {

std::optional<net::tcp::endpoint> to_endpoint(const std::string& text, std::string& why) {
    model::fault fault;
    const auto parsed = model::parse_address(text, &fault);
    if (!parsed) {
        why = fault.message + (fault.hint.empty() ? "" : " (" + fault.hint + ')');
        return std::nullopt;
    }
    if (parsed->host.empty()) return net::tcp::endpoint(net::tcp::v4(), parsed->port);
    boost::system::error_code error;
    return net::tcp::endpoint(boost::asio::ip::make_address(parsed->host, error), parsed->port);
}

// Null where a connection begins with its first request.
std::shared_ptr<const proxy::entrance> entrance_of(const model::listener& wish) {
    if (!wish.tls && wish.balancers.empty()) return nullptr;
    proxy::entrance out;
    out.tls = wish.tls;
    out.proxy_lines = !wish.balancers.empty();
    out.balancers = wish.balancers;
    return std::make_shared<const proxy::entrance>(std::move(out));
}

listen_for purpose_of(bool tls) {
    return tls ? listen_for::https : listen_for::http;
}

// What an inherited socket is for is in its name, how a connection begins may be said in the file.
model::listener listener_of(const socket_group& inherited, bool tls, const model::gateway& wish) {
    std::string unheard;
    for (const auto& one : wish.listeners)
        if (one.tls == tls && to_endpoint(one.address, unheard) == inherited.at) {
            auto out = one;
            out.address = to_text(inherited.at);
            return out;
        }
    model::listener out;
    out.address = to_text(inherited.at);
    out.tls = tls;
    return out;
}

} // namespace

std::string to_text(const net::tcp::endpoint& one) {
    return model::to_text(model::endpoint{one.address().to_string(), one.port()});
}

bool daemon::inherit() {
    descriptors_ = net::raise_descriptor_limit();
    if (!options_.listen_fds) return true;
    std::string why;
    auto taken = take_listen_fds(why);
    if (!taken) return log_error(why), false;
    inherited_ = std::move(*taken);
    return true;
}

bool daemon::is_asked_for_tls() const {
    return !options_.https.empty() || !group_sockets(inherited_, listen_for::https).empty();
}

// Inherited sockets rule over flags for the same, flags over the file.
std::vector<model::listener> daemon::wanted_listeners(const model::gateway& wish) const {
    const bool flags = !options_.http.empty() || !options_.https.empty();
    std::vector<model::listener> out;
    for (const bool tls : {false, true}) {
        const auto groups = group_sockets(inherited_, purpose_of(tls));
        for (const auto& one : groups) out.push_back(listener_of(one, tls, wish));
        if (!groups.empty()) continue;
        if (!flags)
            std::copy_if(
                wish.listeners.begin(), wish.listeners.end(), std::back_inserter(out),
                [&](const auto& one) { return one.tls == tls; }
            );
        for (const auto& address : tls ? options_.https : options_.http) {
            out.emplace_back().address = address;
            out.back().tls = tls;
        }
    }
    return out;
}

bool daemon::adopt(const model::listener& wish) {
    for (auto& group : group_sockets(inherited_, purpose_of(wish.tls))) {
        if (to_text(group.at) != wish.address) continue;
        (wish.tls ? https_ : http_).push_back(group.at);
        site_->fleet().adopt(std::move(group.descriptors), entrance_of(wish));
        listening_.push_back(wish);
        return true;
    }
    return false;
}

bool daemon::listen(const model::listener& wish) {
    std::string why;
    const auto at = to_endpoint(wish.address, why);
    if (!at) return log_error("cannot listen at " + wish.address + ": " + why), false;
    try {
        auto& bound = wish.tls ? https_ : http_;
        bound.push_back(site_->fleet().listen(*at, entrance_of(wish)));
        listening_.push_back(wish);
        return true;
    } catch (const boost::system::system_error& error) {
        log_error("cannot listen at " + wish.address + ": " + error.code().message());
        return false;
    }
}

// Addresses that a reload has brought. What is gone stays open: its clients have done nothing wrong.
void daemon::add_listeners(const model::gateway& wish) {
    // By the address as it is written; several may ask for any free port.
    std::vector<bool> met(listening_.size());
    for (const auto& one : wanted_listeners(wish)) {
        std::size_t at = 0;
        while (at < met.size() && (met[at] || listening_[at].address != one.address)) ++at;
        if (at == met.size()) {
            if (listen(one)) log_info("listening at a further address", {{"address", one.address}});
            continue;
        }
        met[at] = true;
        if (listening_[at] == one) continue;
        site_->fleet().change_entrance(at, entrance_of(one));
        listening_[at] = one;
    }
}

bool daemon::may_open_admin() {
    std::vector<std::string> addresses;
    for (const auto& one : group_sockets(inherited_, listen_for::admin)) addresses.push_back(to_text(one.at));
    if (addresses.empty() && !options_.admin.empty()) addresses.push_back(options_.admin);
    for (const auto& one : addresses) {
        const auto wrong =
            admin::check_admin_address(one, !options_.admin_token_file.empty(), options_.admin_open);
        log_complaints(wrong);
        if (has_errors(wrong)) return false;
    }
    return true;
}

// Inherited sockets rule out the address. Throws std::runtime_error with a sentence for the operator.
std::optional<net::tcp::endpoint>
daemon::open_api(const std::string& address, admin::role as, listen_for purpose) {
    const auto groups = group_sockets(inherited_, purpose);
    for (const auto& group : groups)
        for (const int one : group.descriptors) server_->adopt(as, one);
    if (!groups.empty()) return groups.front().at;
    if (address.empty()) return std::nullopt;
    std::string why;
    const auto at = admin::parse_address(address, &why);
    if (!at) throw std::runtime_error("cannot listen at " + address + ": " + why);
    try {
        return server_->listen(as, *at);
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("cannot listen at " + address + ": " + error.code().message());
    }
}

} // namespace adit::cli
