// An API server as a source of wishes.
#pragma once

#include "cli/ingress_source.hpp"
#include "source/kubernetes/mirror.hpp"
#include "source/kubernetes/publisher.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace adit::cli {

// Control thread only. Changes that come close together are told as one. If that is wanted, it also writes
// where the Ingresses are reached.
class cluster_source final : public ingress_source {
public:
    cluster_source(
        boost::asio::io_context& io, source::kubernetes::access of, source::ingress::options by,
        source::kubernetes::publish_options publish, std::vector<model::listener> listeners
    );

    bool look() override { return std::exchange(dirty_, false); }
    bool found() const override { return mirror_ && mirror_->complete(); }
    // Begins to ask.
    void follow(boost::asio::io_context& io, std::function<void()> changed) override;
    std::string whence() const override { return "the API server " + access_.place(); }
    std::optional<admin::readiness_check> readiness() const override;
    std::optional<observe::api_server_figures> figures() const override;

private:
    using clock = std::chrono::steady_clock;

    const source::cluster::state& objects() const override { return mirror_->objects(); }
    source::cluster::lookups take_touched() override { return mirror_->take_touched(); }
    complaints problems() const override { return mirror_->problems(); }
    void changed();
    void turned();
    void begin_to_publish(boost::asio::io_context& io);

    source::kubernetes::access access_;
    source::ingress::options by_;
    source::kubernetes::publish_options publish_;
    std::vector<source::kubernetes::scope> scopes_;
    boost::asio::steady_timer timer_;
    std::unique_ptr<source::kubernetes::mirror> mirror_; // null until somebody follows
    std::unique_ptr<source::kubernetes::publisher> publisher_;
    std::function<void()> tell_;
    bool dirty_ = false;
    bool telling_ = false; // the timer runs
    clock::time_point ended_{};
    clock::duration took_{}; // of the last time that `tell_` was called
    bool troubled_ = false;
    std::string told_; // of the log
};

} // namespace adit::cli
