#include "cli/cluster_source.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace adit::cli {

namespace {

// A rollout is many events one after the other; one event is to be in force on all workers within 50 ms.
constexpr std::chrono::milliseconds gathering{15};

} // namespace

cluster_source::cluster_source(
    boost::asio::io_context& io, source::kubernetes::access of, source::ingress::options by,
    source::kubernetes::publish_options publish, std::vector<model::listener> listeners
)
    : ingress_source(by, std::move(listeners)),
      access_(std::move(of)),
      by_(std::move(by)),
      publish_(std::move(publish)),
      scopes_(source::kubernetes::scopes_of(by_, publish_.wanted() ? publish_.service : "")),
      timer_(io) {}

void cluster_source::follow(boost::asio::io_context& io, std::function<void()> changed) {
    tell_ = std::move(changed);
    mirror_ = std::make_unique<source::kubernetes::mirror>(
        io, access_, scopes_,
        source::kubernetes::mirror::hooks{
            [this] { this->changed(); },
            [this] {
                if (publisher_) publisher_->touched();
            },
            [this] { turned(); }}
    );
    if (publish_.wanted()) begin_to_publish(io);
}

void cluster_source::begin_to_publish(boost::asio::io_context& io) {
    namespace kubernetes = source::kubernetes;
    kubernetes::publisher::hooks hear;
    hear.wanted = [this] {
        // Not knowing is no reason to take away what others may have written.
        const auto addresses = kubernetes::addresses_to_publish(publish_, objects());
        if (!found() || addresses.empty()) return std::vector<kubernetes::status_patch>{};
        return kubernetes::wanted_patches(addresses, objects(), by_);
    };
    hear.turned = [this](bool leads) {
        log_info(
            leads ? "this replica writes the status of Ingresses"
                  : "another replica writes the status of Ingresses",
            {{"lease", publish_.lease()}}
        );
    };
    hear.failed = [](const std::string& problem) {
        log_warning("the status of Ingresses is not written", {{"problem", problem}});
    };
    publisher_ = std::make_unique<kubernetes::publisher>(
        io, mirror_->as(),
        kubernetes::publisher::settings{
            publish_.lease(), kubernetes::own_name_space(access_), kubernetes::own_identity()},
        std::move(hear)
    );
    publisher_->start();
}

void cluster_source::changed() {
    dirty_ = true;
    if (telling_ || !found()) return;
    telling_ = true;
    // Under a storm of events, half of this thread's time is for others.
    timer_.expires_at(std::max(clock::now() + gathering, ended_ + took_));
    timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (stopped) return;
        telling_ = false;
        const auto began = clock::now();
        tell_();
        ended_ = clock::now();
        took_ = ended_ - began;
    });
}

// Said once for each time that it is lost, and before everything was read once, for each reason.
void cluster_source::turned() {
    const bool troubled = mirror_->troubled();
    auto text = mirror_->text();
    if (troubled ? troubled_ && (found() || text == told_) : !troubled_) return;
    troubled_ = troubled;
    if (troubled)
        log_warning("the API server cannot be followed", {{"problem", text}});
    else
        log_info("the API server is followed again", {{"server", access_.place()}});
    told_ = std::move(text);
}

std::optional<admin::readiness_check> cluster_source::readiness() const {
    using state = admin::readiness_check::state;
    if (!found()) return admin::readiness_check{"kubernetes", state::failed, mirror_ ? mirror_->text() : ""};
    return admin::readiness_check{
        "kubernetes", mirror_->troubled() ? state::degraded : state::ok, mirror_->text()};
}

std::optional<observe::api_server_figures> cluster_source::figures() const {
    if (!mirror_) return std::nullopt;
    const auto now = mirror_->count();
    return observe::api_server_figures{found() && !mirror_->troubled(), now.events, now.lists, now.failures};
}

} // namespace adit::cli
