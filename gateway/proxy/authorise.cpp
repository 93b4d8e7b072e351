// External authorisation: a service is asked about the request before it goes on. The exchange waits
// meanwhile in a station of its own and watches the client, who may leave.
#include "http/local_answer.hpp"
#include "proxy/authorisation.hpp"
#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"
#include "route/normalise.hpp"

namespace adit::proxy {

namespace {

using policy::auth_verdict;

// Statuses with which cookies of the service reach the client unless it is `always`: nginx's for add_header.
bool carries_cookies(unsigned status) noexcept {
    switch (status) {
    case 101:
    case 200:
    case 201:
    case 204:
    case 206:
    case 301:
    case 302:
    case 303:
    case 304:
    case 307:
    case 308: return true;
    default: return false;
    }
}

} // namespace

// True: go on. False: it waits, or has been answered.
bool exchange::authorise() {
    const auto& rules = *route_->external_auth;
    rules.drop_spoofed(head_);
    auth_ = &worker_.authorisations.take(worker_);
    auth_->attempts = 0;
    auth_->upstream_lines = auth_->client_lines = {};
    if (!auth_->room) auth_->room = block{worker_.blocks};
    if (rules.keeps_answers()) {
        char host_room[route::max_host];
        auth_->key = rules.key_of(
            head_, route::normalise_host(head_.authority(), host_room), http::path_or_root(head_),
            remote_address()
        );
        if (const auto* known =
                worker_.state_of(route_->slot).auth_cache().find(auth_->key, worker_.loop.now())) {
            worker_.counters().auth_cached.add();
            http::writer out{auth_->room.data(), auth_->room.size()};
            const auto size = (out << known->upstream_lines()).text().size();
            out << known->client_lines();
            auth_->upstream_lines = out.text().substr(0, size);
            auth_->client_lines = out.text().substr(size);
            return settle_authorisation(known->verdict);
        }
    }
    if (!take_first_body()) return false;
    station_ = station::authorising;
    if (body_at_ == input_end_) client_->watch();
    ask_authoriser();
    return false;
}

std::string_view exchange::write_auth_question(std::string_view service) {
    const auto& rules = *route_->external_auth;
    const auto& wish = rules.wish();
    auto& question = auth_->question;
    auto* room = question.room();
    http::writer out{room, question.room_size()};
    out << wish.method << " " << wish.target << " HTTP/1.1\r\n";
    out.line("Host", wish.host.empty() ? service : wish.host);
    const auto write_uri = [&] {
        out << http::path_or_root(head_);
        if (head_.has_query) out << "?" << head_.query();
    };
    out << "X-Original-URL: " << (is_https() ? "https" : "http") << "://" << head_.authority();
    write_uri();
    out << "\r\n";
    out.line("X-Original-Method", head_.method_text());
    out << "X-Auth-Request-Redirect: ";
    if (wish.request_redirect.empty())
        write_uri();
    else
        out << wish.request_redirect;
    out << "\r\n";
    write_forwarded(out, nullptr); // before the client's fields: it takes X-Forwarded-For out of them
    rules.write_asked_fields(out, head_);
    if (!head_.has(http::field_id::x_request_id)) out.line("X-Request-ID", request_id());
    if (trace_) write_trace(out, nullptr);
    if (wish.method != "GET" && wish.method != "HEAD") out << "Content-Length: 0\r\n";
    out << "\r\n";
    return out.overflowed() ? std::string_view{} : out.text();
}

void exchange::ask_authoriser() {
    auto* service = worker_.state_of(route_->slot).service(service_kind::authoriser).pick_next();
    if (!service) return authoriser_failed();
    ++auth_->attempts;
    const auto head = write_auth_question(service->text());
    if (head.empty()) return answer(http::refusal::head_too_large);
    const auto& wish = route_->external_auth->wish();
    auth_->question.start(
        service->home(),
        {.head = head,
         .verb = wish.method == "HEAD" ? http::method::head : http::method::get,
         .what = sub_request::wanted::head,
         .within = wish.timeout},
        [](void* self, sub_request::outcome what) { static_cast<exchange*>(self)->authoriser_told(what); },
        this
    );
}

void exchange::authoriser_told(sub_request::outcome what) {
    if (station_ != station::authorising) return; // answered in the meantime
    if (what == sub_request::outcome::unreachable && auth_->attempts < authorisation::most_attempts)
        return ask_authoriser();
    const auto& rules = *route_->external_auth;
    auto& said = auth_->question.head();
    const auto verdict =
        what == sub_request::outcome::answered ? rules.judge(said.status) : auth_verdict::failed;
    if (verdict == auth_verdict::failed) return authoriser_failed();

    http::writer out{auth_->room.data(), auth_->room.size()};
    if (verdict == auth_verdict::allowed) rules.write_upstream_lines(out, said);
    const auto size = out.text().size();
    rules.write_client_lines(out, said);
    if (out.overflowed()) return authoriser_failed();
    auth_->upstream_lines = out.text().substr(0, size);
    auth_->client_lines = out.text().substr(size);
    const auto now = worker_.loop.now();
    if (rules.keeps_answers() && rules.may_be_kept(said))
        worker_.state_of(route_->slot)
            .auth_cache()
            .put(
                auth_->key, verdict, auth_->upstream_lines, auth_->client_lines,
                now + from(rules.wish().cache_ttl)
            );
    auth_->question.forget();
    auto& counters = worker_.counters();
    (verdict == auth_verdict::allowed ? counters.auth_allowed : counters.auth_denied).add();
    if (settle_authorisation(verdict)) authorised();
}

void exchange::authoriser_failed() {
    worker_.counters().auth_failed.add();
    auth_->question.forget();
    if (settle_authorisation(auth_verdict::failed)) authorised();
}

// True: go on; otherwise the exchange has been answered.
bool exchange::settle_authorisation(auth_verdict verdict) {
    const auto& rules = *route_->external_auth;
    switch (verdict) {
    case auth_verdict::allowed: return true;
    case auth_verdict::failed:
        if (rules.wish().allow_on_error) return true;
        answer(http::refusal::external_auth_failed, {.status = rules.wish().status_on_error, .fields = {}});
        return false;
    case auth_verdict::forbidden:
        answer(http::refusal::external_auth_forbidden, {.status = 0, .fields = auth_->client_lines});
        return false;
    case auth_verdict::unauthorised: break;
    }
    if (rules.wish().signin.empty()) {
        answer(http::refusal::external_auth_unauthorised, {.status = 0, .fields = auth_->client_lines});
        return false;
    }
    http::writer fields{worker_.scratch() + status_fields_at, own_fields_at - status_fields_at};
    fields << "Location: ";
    rules.write_signin(fields, is_https() ? "https" : "http", head_);
    fields << "\r\n" << auth_->client_lines;
    if (fields.overflowed())
        answer(http::refusal::external_auth_unauthorised, {.status = 0, .fields = auth_->client_lines});
    else
        answer(http::refusal::external_auth_unauthorised, {.status = 302, .fields = fields.text()});
    return false;
}

// Cookies that the service sets with an allowing answer.
std::string_view exchange::auth_cookies() const noexcept {
    const bool all = route_->external_auth->wish().always_set_cookie;
    return all || carries_cookies(response_.status) ? auth_->client_lines : std::string_view{};
}

void exchange::drop_authorisation() noexcept {
    auth_->question.forget();
    auth_->room.reset();
    worker_.authorisations.give_back(*std::exchange(auth_, nullptr));
}

} // namespace adit::proxy
