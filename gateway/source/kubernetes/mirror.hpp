// What an API server holds of what a gateway looks at, kept as it is there: every collection listed, then
// watched. When the server cannot be reached, what was last known stays.
#pragma once

#include "core/complaint.hpp"
#include "source/cluster/state.hpp"
#include "source/kubernetes/access.hpp"
#include "source/kubernetes/reflector.hpp"
#include "source/kubernetes/resource.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace adit::source::kubernetes {

class follower;
class credentials;
struct received;

// Control thread only.
class mirror {
public:
    struct hooks {
        std::function<void()> changed; // objects, complaints, or for the first time complete()
        std::function<void()> touched; // the same, or what the API server has written to a status
        std::function<void()> turned;  // troubled() or text() have changed
    };

    mirror(
        boost::asio::io_context& context, access of, const std::vector<scope>& what, hooks tell,
        reflector_rules rules = {}
    );
    ~mirror();
    mirror(const mirror&) = delete;

    const cluster::state& objects() const noexcept { return objects_; }
    cluster::lookups take_touched() { return objects_.take_touched(); }
    // Of objects that are not in force as they are there, the last good version being kept where there was
    // one.
    complaints problems() const;

    // Whether every collection was read once.
    bool complete() const;
    // By whom others may ask as well.
    const std::shared_ptr<credentials>& as() const noexcept { return as_; }
    // Whether something could not be read or followed the last time it was tried.
    bool troubled() const;
    // Whom is followed, and what is amiss, in one line for people.
    std::string text() const;

    struct figures {
        std::uint64_t events = 0, lists = 0, failures = 0;
    };
    figures count() const;

private:
    void found(const scope& of, received one);
    void gone(const scope& of, const std::string& name);
    void noted(const scope& of, std::string problem);
    void turned();

    std::string place_;
    hooks tell_;
    std::shared_ptr<credentials> as_;
    cluster::state objects_;
    std::map<std::string, complaints> problems_; // by kind and name; without a name by scope
    std::vector<std::unique_ptr<follower>> followers_;
    bool was_complete_ = false;
};

} // namespace adit::source::kubernetes
