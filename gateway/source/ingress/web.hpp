// Which Ingresses have to be translated together: those with a host in common, and those of which a canary
// has to see the Services.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace adit::source::ingress {

// Names only. Any one thread.
class web {
public:
    struct ties {
        std::set<std::string> hosts;
        std::set<std::string> upstreams; // that it leads to
        std::set<std::string> watched;   // upstreams of which it has to see all that lead there

        bool operator==(const ties&) const = default;
    };

    // In the place of what the Ingress had.
    void put(const std::string& ingress, ties now);
    void remove(const std::string& ingress);

    const std::set<std::string>& on_host(const std::string& host) const;
    const ties* find(const std::string& ingress) const;
    // All that are tied to one, directly or by others, itself among them.
    std::set<std::string> all_tied_to(const std::string& ingress) const;

private:
    using index = std::map<std::string, std::set<std::string>>;

    void for_each_entry(const ties& of, const std::function<void(index&, const std::string&)>& visit);

    std::map<std::string, ties> ties_; // by Ingress
    index hosts_, upstreams_, watched_;
};

} // namespace adit::source::ingress
