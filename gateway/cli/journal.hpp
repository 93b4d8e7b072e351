// Who is told of exchanges that are over: the access log, and whoever watches. Wires workers to the one
// thread that writes.
#pragma once

#include "core/complaint.hpp"
#include "model/access_log.hpp"
#include "observe/scribe.hpp"
#include "observe/tap.hpp"
#include "proxy/fleet.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace adit::cli {

// Control thread only.
class journal {
public:
    explicit journal(proxy::fleet& fleet) : fleet_(fleet) {}

    // Opens what the wish names, if it is not open yet; false, with a complaint, where it cannot be. Nothing
    // changes before put_in_force(), or ever if that is not called.
    bool prepare(const std::optional<model::access_log>& wish, complaints& found);
    // Of exchanges that end from now on.
    void put_in_force();
    // Lines are written from now on.
    void start() { scribe_.start(); }
    // The file was moved away.
    void reopen();
    // When the workers have ended: writes the last lines.
    void stop() { scribe_.stop(); }

    // Shows exchanges until the handle goes; `hear` is called on the control thread.
    std::shared_ptr<void>
    tap(boost::asio::io_context& control, observe::tap_wish wish,
        std::function<void(const observe::tap_batch&)> hear);

    // Null where nothing was ever recorded.
    const observe::log_counters* counters() const noexcept { return used_ ? &scribe_.counters() : nullptr; }

private:
    std::uint64_t tap_drops();
    void renew_rings();
    void assign();

    proxy::fleet& fleet_;
    observe::scribe scribe_;
    std::optional<model::access_log> wish_, next_wish_;
    std::shared_ptr<observe::log_output> output_, next_output_;
    std::vector<std::shared_ptr<observe::record_ring>> rings_;   // by worker; empty: nobody wants to know
    std::vector<std::shared_ptr<observe::record_ring>> leaving_; // workers may still write to them
    std::vector<std::shared_ptr<observe::record_listener>> taps_;
    std::size_t changes_ = 0;
    bool used_ = false;
    // Answers of workers that come after the end find this gone.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace adit::cli
