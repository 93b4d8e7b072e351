// Kubernetes objects as a source of wishes, wherever they come from: looked at when they change, translated,
// and tried before they are offered.
#pragma once

#include "admin/control.hpp"
#include "core/complaint.hpp"
#include "model/gateway.hpp"
#include "observe/labels.hpp"
#include "source/cluster/state.hpp"
#include "source/ingress/translate.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
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
        model::gateway wish;
        complaints all;  // that stand now
        complaints news; // those of them that were not there the last time
    };
    // What the objects of the last look ask for.
    offer translate();

protected:
    ingress_source(source::ingress::options by, std::vector<model::listener> listeners)
        : translator_(std::move(by), std::move(listeners)) {}

    virtual const source::cluster::state& objects() const = 0;
    virtual complaints problems() const = 0; // of the objects themselves

private:
    source::ingress::translator translator_;
    std::set<std::string> told_;
};

// Takes those routes out of `wish` that do not compile alone, and says so. True if there were any.
bool drop_broken_routes(model::gateway& wish, complaints& found);

} // namespace adit::cli
