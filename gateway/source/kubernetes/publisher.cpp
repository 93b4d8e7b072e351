#include "source/kubernetes/publisher.hpp"

#include "core/bytes.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "source/file/load.hpp"
#include "source/kubernetes/message.hpp"
#include "source/kubernetes/resource.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace adit::source::kubernetes {

namespace {

constexpr std::chrono::seconds patience{10};         // for one answer
constexpr std::chrono::seconds between_looks{1};     // for what is wanted
constexpr std::chrono::seconds until_retried{60};    // a write that changed nothing, or was undone
constexpr std::size_t max_answer_size = 1024 * 1024; // bytes
constexpr std::size_t max_name_size = 253;           // bytes of a namespace's name, and more

constexpr unsigned ok = 200, created = 201, not_found = 404, conflict = 409;

std::string leases_of(const std::string& name_space) {
    return "/apis/coordination.k8s.io/v1/namespaces/" + percent_encode(name_space) + "/leases";
}

// A MicroTime has six digits behind the point, no more and no fewer.
std::string micro_time() {
    auto out = format_time(std::chrono::system_clock::now());
    return out.insert(out.size() - 1, "000");
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

} // namespace

publisher::publisher(
    boost::asio::io_context& context, std::shared_ptr<credentials> as, settings with, hooks tell
)
    : with_(std::move(with)),
      tell_(std::move(tell)),
      as_(std::move(as)),
      election_(with_.me, with_.rules),
      timer_(context),
      connection_(context, as_) {}

void publisher::touched() {
    stale_ = true;
    if (!asking_) rest(gathered_ + from(between_looks));
}

// One request after the other; the Lease goes first.
void publisher::turn() {
    if (asking_) return;
    const auto now = monotonic_now();
    const bool leads = election_.leads(now);
    if (std::exchange(led_, leads) != leads) {
        stale_ = true;
        tried_.clear();
        tell_.turned(leads);
    }
    if (!leads) queue_.clear();
    if (election_.due() <= now) return ask_for_lease();
    if (leads) {
        gather(now);
        if (!queue_.empty()) return write_one();
    }
    rest(election_.due());
}

void publisher::rest(instant until) {
    const auto at = std::min(until, election_.due());
    timer_.expires_after(std::chrono::nanoseconds(std::max<instant>(0, at - monotonic_now())));
    timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (!stopped) turn();
    });
}

void publisher::ask_for_lease() {
    const auto what = election_.next();
    election_.asked(monotonic_now());
    connection::request out{leases_of(with_.name_space)};
    if (what != election::request::create) out.target += '/' + percent_encode(with_.lease);
    if (what != election::request::read) {
        out.method = what == election::request::create ? "POST" : "PUT";
        out.body = lease_body(what == election::request::renew);
    }
    send(out, [this, what](unsigned status, const std::string& body) { lease_answered(what, status, body); });
}

void publisher::lease_answered(election::request what, unsigned status, const std::string& body) {
    const auto now = monotonic_now();
    std::string why;
    const auto got = status == ok || status == created ? read_lease(body, why) : std::nullopt;
    if (got && what == election::request::read) return election_.found(*got, now);
    if (got) return election_.written(got->version, now);
    if (status == not_found) return election_.missing(now);
    if (status == conflict) return election_.beaten(now);
    election_.failed(now);
    complain("the Lease " + with_.name_space + '/' + with_.lease + ": " + (why.empty() ? body : why));
}

std::string publisher::lease_body(bool renewal) const {
    boost::json::object meta{{"name", with_.lease}, {"namespace", with_.name_space}};
    if (renewal) meta["resourceVersion"] = election_.version();
    const boost::json::object spec{
        {"holderIdentity", with_.me},
        {"leaseDurationSeconds", with_.rules.lasts.count()},
        {"renewTime", micro_time()}};
    return boost::json::serialize(boost::json::object{
        {"apiVersion", "coordination.k8s.io/v1"}, {"kind", "Lease"}, {"metadata", meta}, {"spec", spec}});
}

void publisher::gather(instant now) {
    if (now - forgotten_ >= from(until_retried)) {
        forgotten_ = now;
        tried_.clear();
        stale_ = true;
    }
    if (!stale_ || (gathered_ != 0 && now - gathered_ < from(between_looks))) return;
    stale_ = false;
    gathered_ = now;
    queue_ = tell_.wanted();
    std::erase_if(queue_, [&](const auto& one) { return tried_.contains(one.key + ' ' + one.body); });
}

void publisher::write_one() {
    auto one = std::move(queue_.back());
    queue_.pop_back();
    tried_.insert(one.key + ' ' + one.body);
    connection::request out{std::move(one.target), "PATCH", std::move(one.body)};
    out.body_type = "application/merge-patch+json";
    send(out, [this, key = std::move(one.key)](unsigned status, const std::string& body) {
        if (status == ok) {
            ++written_;
            complaint_.clear();
        } else if (status != not_found) { // gone meanwhile
            complain("the status of Ingress " + key + ": " + body);
        }
    });
}

// `done` gets what a refusal says in the place of its body.
void publisher::send(const connection::request& what, answered done) {
    if (!as_->refresh()) {
        done(0, as_->problem());
        return rest(monotonic_now() + from(between_looks));
    }
    asking_ = true;
    status_ = 0;
    body_.clear();
    connection_.send(
        what, patience,
        {[this](unsigned status, auto) { status_ = status; },
         [this](std::string_view piece) {
             if (body_.size() < max_answer_size) body_ += piece;
         },
         [this, done = std::move(done)](const std::string& problem) {
             asking_ = false;
             const bool good = problem.empty() && (status_ == ok || status_ == created);
             const auto status = problem.empty() ? status_ : 0;
             done(
                 status, good               ? body_
                         : !problem.empty() ? problem
                                            : std::to_string(status_) + ' ' + read_refusal(body_).message
             );
             turn();
         }}
    );
}

void publisher::complain(std::string what) {
    if (what == complaint_) return;
    tell_.failed(what);
    complaint_ = std::move(what);
}

std::string own_name_space(const access& of) {
    if (auto said = variable("POD_NAMESPACE"); !said.empty()) return said;
    if (of.token.file.filename() == "token")
        if (const auto text = load_regular(of.token.file.parent_path() / "namespace", max_name_size)) {
            const auto end = text->find_last_not_of(" \t\r\n");
            if (end != text->npos) return text->substr(0, end + 1);
        }
    return of.name_space.empty() ? "default" : of.name_space;
}

std::string own_identity() {
    if (auto said = variable("POD_NAME"); !said.empty()) return said;
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) name = {};
    return std::string(name.data()) + '_' + std::to_string(random_source().next());
}

} // namespace adit::source::kubernetes
