#include "cli/journal.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace adit::cli {

bool journal::prepare(const std::optional<model::access_log>& wish, complaints& found) {
    next_wish_ = wish;
    next_output_ = nullptr;
    if (!wish) return true;
    if (output_ && output_->path() == wish->path) {
        next_output_ = output_;
        return true;
    }
    std::string error;
    next_output_ = observe::log_output::open(wish->path, error);
    if (next_output_) return true;
    found.push_back(
        {complaint::severity::error, wish->at, "access_log.path",
         "the access log `" + wish->path + "` cannot be opened for writing: " + error,
         "name a file in a folder that this process may write to, or stdout"}
    );
    return false;
}

void journal::put_in_force() {
    wish_ = std::exchange(next_wish_, std::nullopt);
    output_ = std::exchange(next_output_, nullptr);
    renew_rings();
}

void journal::renew_rings() {
    const bool wanted = wish_ || !taps_.empty();
    if (!wanted && rings_.empty()) return;
    used_ = true;
    const auto bytes = wish_ ? wish_->buffer : model::access_log::usual_buffer;
    const auto records = bytes / sizeof(observe::exchange_record);
    auto before = rings_;
    if (!wanted || rings_.empty() || rings_.front()->capacity() != records) {
        rings_.clear();
        for (std::size_t i = 0; wanted && i < fleet_.size(); ++i)
            rings_.push_back(std::make_shared<observe::record_ring>(bytes, scribe_.wakeup()));
        leaving_.insert(leaving_.end(), before.begin(), before.end());
    }
    assign();
    std::vector<proxy::recording> to(fleet_.size());
    for (std::size_t i = 0; i < rings_.size(); ++i) {
        to[i].ring = rings_[i];
        to[i].log = wish_.has_value();
        to[i].tap = !taps_.empty();
        if (!wish_) continue;
        to[i].sample = wish_->sample.hundredths;
        to[i].always_errors = wish_->always_errors;
    }
    // Rings that no worker knows any more are read to their end and let go.
    fleet_.record(std::move(to), [this, mine = ++changes_, alive = std::weak_ptr<bool>(alive_)] {
        if (alive.expired() || mine != changes_ || leaving_.empty()) return;
        leaving_.clear();
        assign();
    });
}

void journal::assign() {
    observe::scribe::work next;
    next.rings = rings_;
    next.rings.insert(next.rings.end(), leaving_.begin(), leaving_.end());
    next.output = output_;
    next.listeners = taps_;
    if (wish_) {
        next.layout = wish_->format;
        next.parts = wish_->fields;
    }
    scribe_.assign(std::move(next));
}

// Exchanges that no worker could show, so far.
std::uint64_t journal::tap_drops() {
    std::uint64_t out = 0;
    for (const auto* one : fleet_.counters()) out += one->tap_dropped.value();
    return out;
}

std::shared_ptr<void> journal::tap(
    boost::asio::io_context& control, observe::tap_wish wish,
    std::function<void(const observe::tap_batch&)> hear
) {
    struct watcher {
        std::shared_ptr<observe::tap> source;
        std::function<void(const observe::tap_batch&)> hear;
        std::uint64_t drops;
    };
    const auto one = std::make_shared<watcher>();
    one->hear = std::move(hear);
    one->drops = tap_drops();
    const auto fetch = [this, weak = std::weak_ptr(one), alive = std::weak_ptr<bool>(alive_)] {
        const auto self = weak.lock();
        if (!self || alive.expired()) return;
        auto batch = self->source->fetch();
        const auto drops = tap_drops();
        batch.unseen = drops - std::exchange(self->drops, drops);
        self->hear(batch);
    };
    one->source = std::make_shared<observe::tap>(std::move(wish), [&control, fetch] {
        boost::asio::post(control, fetch);
    });
    taps_.push_back(one->source);
    renew_rings();
    scribe_.start();
    // The handle holds the watcher, which the posted messages do not.
    return std::shared_ptr<void>(one.get(), [this, one, alive = std::weak_ptr<bool>(alive_)](void*) {
        if (alive.expired()) return;
        std::erase(taps_, one->source);
        renew_rings();
    });
}

void journal::reopen() {
    if (output_) scribe_.reopen();
}

} // namespace adit::cli
