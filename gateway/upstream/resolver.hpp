// Names of endpoints to addresses, asked for again and again.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace adit::upstream {

// Control thread only. A name that cannot be resolved any more keeps the addresses it had last.
class resolver {
public:
    // getaddrinfo(3) tells no lifetimes: names are asked for again after this time, those without an answer
    // sooner.
    static constexpr std::chrono::seconds again_after{5};
    static constexpr std::chrono::seconds retry_after{1};

    using addresses = std::vector<boost::asio::ip::address>;
    // `changed(name)` whenever a name's addresses have become others.
    resolver(boost::asio::io_context& context, std::function<void(const std::string& name)> changed);
    ~resolver();

    // The names in use from now on. New ones are asked for at once, others forgotten.
    void watch(const std::set<std::string>& names);
    // In the order of getaddrinfo(3) reduced to IPv4 where there are both families, then sorted; empty while
    // unknown.
    const addresses& find(const std::string& name) const;
    // Every name has been asked for at least once, whatever the answer was.
    bool settled() const;
    // Called once when settled() holds, perhaps at once.
    void when_settled(std::function<void()> then);
    // The last error of a name without addresses; empty if there is none.
    std::string error(const std::string& name) const;

private:
    struct entry {
        explicit entry(boost::asio::io_context& context) : timer(context) {}
        boost::asio::steady_timer timer;
        addresses known;
        std::string error;
        bool asked = false;
    };

    void ask(const std::string& name);
    void answered(
        const std::string& name, const boost::system::error_code& error,
        const boost::asio::ip::tcp::resolver::results_type& found
    );
    void ask_again(const std::string& name, entry& one, std::chrono::seconds after);

    boost::asio::io_context& context_;
    boost::asio::ip::tcp::resolver asking_;
    std::function<void(const std::string&)> changed_;
    std::map<std::string, std::shared_ptr<entry>> names_;
    std::function<void()> settled_;
};

} // namespace adit::upstream
