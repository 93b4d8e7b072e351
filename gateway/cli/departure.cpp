#include "cli/departure.hpp"

#include "core/log.hpp"

#include <utility>

namespace adit::cli {

namespace {

using std::chrono::milliseconds;

std::string counted(std::int64_t count, std::string_view what) {
    return std::to_string(count) + ' ' + std::string(what) + (count == 1 ? "" : "s");
}

} // namespace

departure::departure(
    boost::asio::io_context& control, proxy::fleet& fleet, std::function<void(const admin::event&)> tell
)
    : timer_(control), fleet_(fleet), tell_(std::move(tell)) {}

departure::load departure::carried() const {
    using state = observe::connection_state;
    load out{};
    out.tunnels = fleet_.connections(state::tunnel);
    out.exchanges = fleet_.connections(state::reading) + fleet_.connections(state::active);
    out.connections = out.tunnels + out.exchanges + fleet_.connections(state::idle);
    return out;
}

void departure::begin(milliseconds accepting, milliseconds at_most, std::function<void()> done) {
    done_ = std::move(done);
    at_most_ = at_most;
    began_ = clock::now();
    step_ = step::accepting;
    step_ends_ = began_ + accepting;
    say("draining: every response ends its connection, a second signal stops at once", "accepting", accepting,
        false);
    fleet_.announce_drain();
    if (accepting <= milliseconds::zero()) return stop_accepting();
    timer_.expires_after(accepting);
    timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (!stopped) stop_accepting();
    });
}

void departure::stop_accepting() {
    step_ = step::finishing;
    step_ends_ = clock::now() + at_most_;
    say("no longer accepting, waiting for what is under way", "finishing", at_most_, false);
    fleet_.drain([this] { end(false); });
    timer_.expires_after(at_most_);
    timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (!stopped) end(true);
    });
}

void departure::end(bool cut) {
    if (step_ == step::over || !done_) return;
    step_ = step::over;
    timer_.cancel();
    const auto took = std::chrono::duration_cast<milliseconds>(clock::now() - began_);
    if (cut)
        say("exchanges cut off: they did not end in time", "cut", took, true);
    else
        say("drained: nothing was cut off", "drained", took, false);
    std::exchange(done_, nullptr)();
}

void departure::cancel() {
    timer_.cancel();
    done_ = nullptr;
}

// `lasting` is ahead while the drain goes on and behind at its end.
void departure::say(std::string_view what, std::string_view word, milliseconds lasting, bool warn) {
    const auto now = carried();
    const bool over = step_ == step::over;
    const auto line = warn ? log_warning : log_info;
    line(
        std::string(what), {{over ? "took_ms" : "at_most_ms", lasting.count()},
                            {"connections", now.connections},
                            {"exchanges", now.exchanges},
                            {"tunnels", now.tunnels}}
    );
    tell_(
        {"drain",
         {{"step", word},
          {over ? "took_ms" : "at_most_ms", lasting.count()},
          {"connections", now.connections},
          {"exchanges", now.exchanges},
          {"tunnels", now.tunnels}}}
    );
}

std::string departure::text() const {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(step_ends_ - clock::now()).count() + 1;
    const auto now = carried();
    switch (step_) {
    case step::none: return {};
    case step::accepting: return "draining: accepting for another " + std::to_string(left) + " s";
    case step::finishing:
        return "draining: waiting for " + counted(now.exchanges, "exchange") + " and " +
               counted(now.tunnels, "tunnel") + ", at most " + std::to_string(left) + " s";
    case step::over: return "drained";
    }
    return {};
}

} // namespace adit::cli
