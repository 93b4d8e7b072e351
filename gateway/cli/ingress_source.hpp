// Kubernetes objects as a source of wishes, wherever they come from: looked at when they change, translated,
// and tried before they are offered.
#pragma once

#include "admin/control.hpp"
#include "cli/site.hpp"
#include "core/complaint.hpp"
#include "model/gateway.hpp"
#include "observe/labels.hpp"
#include "source/cluster/state.hpp"
#include "source/ingress/translate.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace adit::cli {

// Control thread only.
class ingress_source {
public:
    virtual ~ingress_source() = default;
    ingress_source(const ingress_source&) = delete;
    ingress_source& operator=(const ingress_source&) = delete;

    // Brings the objects up to date; true when there may be a new wish since the last look.
    virtual bool look() = 0;
    // False until there was a whole picture of them once.
    virtual bool found() const = 0;
    // Calls `changed` when a look may be worth it.
    virtual void follow(boost::asio::io_context& io, std::function<void()> changed) = 0;
    // "the folder objects", for people.
    virtual std::string whence() const = 0;

    // Of sources that can be lost.
    virtual std::optional<admin::readiness_check> readiness() const { return std::nullopt; }
    virtual std::optional<observe::api_server_figures> figures() const { return std::nullopt; }

    struct offer {
        wish_change change; // from what was taken() last
        complaints news;    // of those that stand now, what was not there the last time
    };
    // What the objects of the last look ask for.
    offer translate();
    // The last offer is in force.
    void taken();
    // Takes those routes out of the last offer that do not compile alone, and says so. True if there were
    // any.
    bool mend(complaints& found);
    // All that stands now; and of that one error, empty where there is none.
    complaints all() const;
    std::string first_error() const;
    // As it was offered last.
    wish_change pending() const { return pending_; }

protected:
    ingress_source(source::ingress::options by, std::vector<model::listener> listeners)
        : translator_(std::move(by), std::move(listeners)) {}

    virtual const source::cluster::state& objects() const = 0;
    virtual source::cluster::lookups take_touched() = 0;
    virtual complaints problems() const = 0; // of the objects themselves

private:
    void count(const complaints& come, const complaints& gone, complaints& news);

    source::ingress::translator translator_;
    wish_change pending_; // its frame may be one that is in force
    struct mended {
        model::group_ref whole;
        complaints left_out; // why
    };
    std::map<model::group_ref, mended> mended_; // for groups that do not compile
    complaints problems_;                       // as they were last
    struct standing {
        complaint what;
        std::size_t times = 0;
    };
    std::map<std::string, standing> standing_; // by their text
    std::set<std::string> errors_;
};

// Takes those routes out of `wish` that do not compile alone, and says so. True if there were any.
bool drop_broken_routes(model::gateway& wish, complaints& found);

} // namespace adit::cli
