// Writes status.loadBalancer of Ingresses while this replica holds the Lease. Thin: who holds it is decided
// by election, what is written by publication.
#pragma once

#include "source/kubernetes/connection.hpp"
#include "source/kubernetes/election.hpp"
#include "source/kubernetes/publication.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace adit::source::kubernetes {

// Control thread only.
class publisher {
public:
    struct settings {
        std::string lease, name_space; // where it is
        std::string me;                // what it says of its holder
        election_rules rules{};
    };
    struct hooks {
        // What has to be written now; asked while the Lease is held, once a second at most.
        std::function<std::vector<status_patch>()> wanted;
        std::function<void(bool leads)> turned;
        std::function<void(const std::string& problem)> failed; // the same words not twice in a row
    };

    publisher(boost::asio::io_context& context, std::shared_ptr<credentials> as, settings with, hooks tell);
    publisher(const publisher&) = delete;

    void start() { turn(); }
    // What is wanted may have changed.
    void touched();

    std::uint64_t written() const noexcept { return written_; }

private:
    using answered = std::function<void(unsigned status, const std::string& body)>; // 0: there was no answer

    void turn();
    void rest(instant until);
    void ask_for_lease();
    void lease_answered(election::request what, unsigned status, const std::string& body);
    std::string lease_body(bool renewal) const;
    void gather(instant now);
    void write_one();
    void send(const connection::request& what, answered done);
    void complain(std::string what);

    settings with_;
    hooks tell_;
    std::shared_ptr<credentials> as_;
    election election_;
    boost::asio::steady_timer timer_;
    bool asking_ = false, stale_ = true, led_ = false;
    instant gathered_ = 0, forgotten_ = 0;
    std::vector<status_patch> queue_;
    std::set<std::string> tried_; // key and body, for a while
    unsigned status_ = 0;
    std::string body_, complaint_;
    std::uint64_t written_ = 0;
    connection connection_;
};

// For a pod what POD_NAMESPACE says, else the file of its service account, else "default".
std::string own_name_space(const access& of);
// POD_NAME, else the machine's name and something random.
std::string own_identity();

} // namespace adit::source::kubernetes
