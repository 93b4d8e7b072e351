// How a tunnel ends when Adit leaves. A WebSocket's client is told by a close frame of ours, 1012, put where
// a frame of its endpoint ends, so that it comes again elsewhere at once; the endpoint hears it from the
// client, whose answering close frame goes through, masked, as any other. Frames are followed in the
// direction to the client only, and from the 101 on: in the middle of a stream no boundary could be found any
// more.
#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"

namespace adit::proxy {

namespace {
constexpr std::chrono::seconds parting_patience{2}; // for the client's close frame and the end of both sides
} // namespace

void exchange::part() {
    if (!tunnel_ || parting_ != parting::none) return;
    if (!websocket_ || upstream_ended_) return finish(); // nothing could be said, or nothing may
    parting_ = parting::wanted;
    if (!frames_.at_boundary()) return;
    say_farewell();
    if (tunnel_flush_down()) tunnel_drained_down();
}

// Bytes of the endpoint on their way to the client.
void exchange::tunnel_add_down(std::string_view data) {
    if (!websocket_) return to_client_.add(data);
    switch (parting_) {
    case parting::none: frames_.pass(data); return to_client_.add(data);
    case parting::wanted:
        to_client_.add(data.substr(0, frames_.pass_to_boundary(data)));
        if (frames_.at_boundary()) say_farewell();
        return;
    case parting::said: return; // it has heard the last
    }
}

// Traffic keeps a tunnel alive, unless it is to end.
void exchange::touch_tunnel() noexcept {
    if (parting_ != parting::said) worker_.loop.set(timer_, times_->tunnel_idle);
}

void exchange::say_farewell() {
    parting_ = parting::said;
    if (!frames_.closing()) to_client_.add(http::close_service_restart);
    worker_.loop.set(timer_, parting_patience);
}

} // namespace adit::proxy
