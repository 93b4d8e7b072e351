// Waiting for a whole request body, where the route asks for it: the upstream then is not kept waiting by a
// slow client, gets a Content-Length, and any attempt can be made again.
#include "proxy/exchange.hpp"
#include "proxy/gathered_body.hpp"
#include "proxy/worker.hpp"

namespace adit::proxy {

// True: go on. False: it waits, or has been answered.
bool exchange::gather() {
    if (framing_.kind == http::body_kind::none) return true;
    if (framing_.kind == http::body_kind::length && framing_.length > route_->gathers) {
        answer(http::refusal::body_not_buffered);
        return false;
    }
    if (!take_first_body()) return false;
    gathered_ = &worker_.gathered.take();
    station_ = station::gathering;
    if (!gather_part(first_payload_)) return false;
    if (request_body_.finished()) return gathered_all(), true;
    if (expects_) {
        // Nobody else will say it.
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        to_client_.add(go_on);
        head_out_ += said_ = go_on.size();
        flush_response();
        if (station_ != station::gathering) return false;
    }
    read_more_request();
    return false;
}

// More of it has come from the client.
void exchange::gather_read() {
    expects_ = false;
    const auto taken = request_body_.take(input_.data() + body_at_, input_end_ - body_at_);
    body_at_ += taken.consumed;
    if (!count_body(taken) || !gather_part(taken.payload)) return;
    if (!request_body_.finished()) return read_more_request();
    gathered_all();
    lease_first();
}

// False when the exchange has been answered.
bool exchange::gather_part(std::string_view payload) {
    if (gathered_->size() + payload.size() > route_->gathers) {
        answer(http::refusal::body_not_buffered);
        return false;
    }
    gathered_->append(payload, worker_.blocks);
    return true;
}

void exchange::gathered_all() {
    expects_ = false;
    framing_.kind = http::body_kind::length;
    framing_.length = gathered_->size();
    whole_body_at_once_ = true;
    arm_client_timer(false);
    if (body_at_ == input_end_) client_->watch();
}

void exchange::drop_gathered() noexcept {
    gathered_->clear();
    worker_.gathered.give_back(*std::exchange(gathered_, nullptr));
}

} // namespace adit::proxy
