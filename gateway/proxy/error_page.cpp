// Answers with an error status: a page of the operator's, one that a service makes, or Adit's own words.
#include "proxy/error_page.hpp"

#include "http/local_answer.hpp"
#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"

namespace adit::proxy {

namespace {

// What an upstream says along with an error that stays true when another body is put in the place of its own.
// By its usual name; an empty one does not.
std::string_view outlives_its_body(const http::response_head& head, const http::field& f) noexcept {
    if (f.dropped) return {};
    for (const std::string_view name : {"Set-Cookie", "WWW-Authenticate", "Retry-After", "Allow"})
        if (iequals(head.name(f), name)) return name;
    return {};
}

} // namespace

const policy::error_pages* exchange::pages_in_force() const noexcept {
    if (route_ && route_->error_pages) return route_->error_pages.get();
    return held_->value->error_pages.get();
}

http::answer_context exchange::error_context(std::uint16_t status, std::string_view fields) {
    auto out = own_context();
    out.fields = fields;
    out.status = status;
    return out;
}

// `reason` is none where it is an upstream's answer that is replaced. `fields` may lie in the scratch memory
// from status_fields_at on.
void exchange::send_error(std::uint16_t status, http::refusal reason, std::string_view fields) {
    const auto* pages = pages_in_force();
    if (pages && status >= 400) {
        if (const auto* page = pages->find(status))
            return send_page(status, fields, page->type, page->content);
        if (pages->asks_backend() && route_ && ask_for_page(*pages, status, reason, fields)) return;
    }
    send_plain_error(status, reason, fields);
}

void exchange::send_plain_error(std::uint16_t status, http::refusal reason, std::string_view fields) {
    http::writer out{worker_.scratch(), fields.empty() ? own_fields_at : status_fields_at};
    const auto context = error_context(status, fields);
    reason == http::refusal::none ? http::write_error(out, context)
                                  : http::write_refusal(out, reason, context);
    status_ = status;
    send_answer(out.text());
}

// `content` is borrowed until it is sent: from the snapshot, or from the page request.
void exchange::send_page(
    std::uint16_t status, std::string_view fields, std::string_view type, std::string_view content
) {
    http::writer out{worker_.scratch(), fields.empty() ? own_fields_at : status_fields_at};
    http::write_page_head(out, type, content.size(), error_context(status, fields));
    status_ = status;
    send_answer(out.text(), head_.verb == http::method::head ? std::string_view{} : content);
}

// False if there is nobody to ask, or it was tried already.
bool exchange::ask_for_page(
    const policy::error_pages& pages, std::uint16_t status, http::refusal reason, std::string_view fields
) {
    auto* service = worker_.state_of(route_->slot).service(service_kind::pages).pick_next();
    if (!service || page_) return false;
    page_ = &worker_.page_requests.take(worker_);
    page_->status = status;
    page_->reason = reason;
    auto& question = page_->question;
    auto* room = question.room();
    http::writer out{room, question.room_size()};
    out << "GET / HTTP/1.1\r\n";
    out.line("Host", head_.authority_size > 0 ? head_.authority() : std::string_view{service->text()});
    out << "X-Code: ";
    out.decimal(status) << "\r\n";
    if (head_.has(http::field_id::accept)) out.line("X-Format", head_.get(http::field_id::accept));
    out << "X-Original-URI: " << http::path_or_root(head_);
    if (head_.has_query) out << "?" << head_.query();
    out << "\r\n";
    out.line("X-Original-Method", head_.method_text());
    out.line("X-Request-ID", request_id());
    if (trace_) write_trace(out, nullptr);
    if (reason != http::refusal::none) out.line("X-Reason", http::traits(reason).word);
    out << pages.backend_lines() << "\r\n";
    const auto size = out.text().size();
    out << fields;
    if (out.overflowed()) return drop_page(), false;
    page_->fields = out.text().substr(size);
    station_ = station::paging;
    worker_.loop.cancel(timer_);
    arm_client_timer(false);
    if (body_at_ == input_end_) client_->watch(); // it may leave meanwhile
    question.start(
        service->home(),
        {.head = out.text().substr(0, size),
         .verb = http::method::get,
         .what = sub_request::wanted::body,
         .within = page_request::within},
        [](void* self, sub_request::outcome what) { static_cast<exchange*>(self)->page_told(what); }, this
    );
    return true;
}

void exchange::page_told(sub_request::outcome what) {
    if (station_ != station::paging) return; // answered in the meantime
    auto& question = page_->question;
    if (what != sub_request::outcome::answered) {
        worker_.counters().error_page_failures.add();
        return send_plain_error(page_->status, page_->reason, page_->fields);
    }
    const auto type = question.head().get(http::field_id::content_type);
    send_page(
        page_->status, page_->fields, type.empty() ? std::string_view{"text/html"} : type, question.body()
    );
}

void exchange::drop_page() noexcept {
    page_->question.forget();
    worker_.page_requests.give_back(*std::exchange(page_, nullptr));
}

// Whether the upstream's answer was replaced.
bool exchange::intercept() {
    const auto* pages = pages_in_force();
    if (!pages || !pages->intercepts(response_.status)) return false;
    const bool backend = route_ && pages->asks_backend() &&
                         !worker_.state_of(route_->slot).service(service_kind::pages).empty();
    if (!backend && !pages->find(response_.status)) return false;
    http::writer fields{worker_.scratch() + status_fields_at, own_fields_at - status_fields_at};
    for (const auto& f : response_.fields())
        if (const auto name = outlives_its_body(response_, f); !name.empty())
            fields.line(name, response_.value(f));
    write_tellings(fields);
    if (fields.overflowed()) return false;
    // A short body is here already: then the connection can be used again.
    const std::size_t at = response_.size, size = output_end_ - at;
    const auto taken = response_body_.take(output_.data() + at, size);
    if (taken.consumed < size || taken.reason != http::refusal::none) upstream_keeps_ = false;
    release_upstream();
    if (!request_body_.finished() || worker_.draining()) keep_alive_ = false;
    worker_.counters().intercepted.add();
    send_error(response_.status, http::refusal::none, fields.text());
    return true;
}

} // namespace adit::proxy
