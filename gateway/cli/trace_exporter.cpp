#include "cli/trace_exporter.hpp"

#include "core/log.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace adit::cli {

namespace {

constexpr std::chrono::milliseconds between_turns{100}; // in which a worker may fill its ring

std::int64_t nanoseconds_of_epoch() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() - monotonic_now();
}

} // namespace

trace_exporter::~trace_exporter() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

void trace_exporter::follow(settings now, const observe::span_rings& rings) {
    const bool first = !thread_.joinable();
    if (first) rings_ = rings;
    boost::asio::post(context_, [this, now = std::move(now)]() mutable { take_up(std::move(now)); });
    if (first) thread_ = std::thread([this] { context_.run(); });
}

void trace_exporter::rest() {
    if (!thread_.joinable()) return;
    boost::asio::post(context_, [this] { following_ = false; });
}

void trace_exporter::flush(std::chrono::milliseconds within, std::function<void()> done) {
    if (!thread_.joinable()) return done();
    boost::asio::post(context_, [this, within, done = std::move(done)]() mutable {
        flushed_ = std::move(done);
        following_ = false;
        end_timer_.expires_after(within);
        end_timer_.async_wait([this](const boost::system::error_code& stopped) {
            if (!stopped) finish();
        });
        turn();
    });
}

void trace_exporter::take_up(settings now) {
    settings_ = std::move(now);
    schedule_.follow(settings_.rules);
    schedule_.give_up(); // waits were those of the collector before
    collector_ = std::make_unique<collector>(context_, settings_.to);
    asking_ = false;
    following_ = true;
    if (!turning_) turn();
}

// Again and again, until there is nothing to do any more.
void trace_exporter::turn() {
    gather();
    send();
    if (flushed_ && idle()) return finish();
    turning_ = following_ || !idle();
    if (!turning_) return;
    turn_timer_.expires_after(between_turns);
    turn_timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (!stopped) turn();
    });
}

void trace_exporter::gather() {
    if (waiting_.empty()) oldest_ = monotonic_now();
    for (const auto& ring : rings_) {
        const auto room = settings_.queue - std::min(settings_.queue, waiting_.size());
        ring->drain(room, [this](const observe::span_record& one) { waiting_.push_back(one); });
    }
}

void trace_exporter::send() {
    if (asking_ || idle() || !collector_) return;
    const bool last = flushed_ != nullptr || !following_;
    const auto waiting = packed_ > 0 ? settings_.rules.batch : waiting_.size();
    if (monotonic_now() < schedule_.due(waiting, oldest_, last)) return;
    packed_ > 0 ? counters_.retries.add() : pack();
    asking_ = true;
    collector_->post(body_, [this](const collector::answer& what) { answered(what); });
}

void trace_exporter::pack() {
    packed_ = std::min(waiting_.size(), settings_.rules.batch);
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(packed_);
    const std::vector<observe::span_record> batch(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    oldest_ = monotonic_now();
    body_ = observe::write_otlp(batch, settings_.who, nanoseconds_of_epoch());
}

void trace_exporter::answered(const collector::answer& what) {
    using fate = observe::export_schedule::fate;
    asking_ = false;
    const auto jitter = static_cast<double>(random_.below(1U << 16)) / (1U << 16);
    const auto became =
        schedule_.judge({what.status, observe::parse_retry_after(what.retry_after)}, monotonic_now(), jitter);
    if (schedule_.turned()) tell(what, what.problem);
    if (became == fate::taken) {
        const auto part = observe::read_partial_success(what.body);
        const auto rejected = std::min<std::uint64_t>(part.rejected, packed_);
        counters_.exported.add(packed_ - rejected);
        counters_.failed.add(rejected);
    } else if (became == fate::refused) {
        counters_.failed.add(packed_);
    }
    if (became != fate::again) {
        packed_ = 0;
        body_.clear();
    }
    if (flushed_ && idle()) return finish();
    send(); // a whole batch may wait already
}

// Once for each change of the collector's state.
void trace_exporter::tell(const collector::answer& what, std::string problem) {
    const auto& to = settings_.to.where;
    const auto where = to.host + to.target;
    if (schedule_.well()) return log_info("the trace collector takes spans again", {{"collector", where}});
    if (problem.empty()) problem = "it answered " + std::to_string(what.status);
    log_warning("the trace collector takes no spans", {{"collector", where}, {"problem", problem}});
}

void trace_exporter::finish() {
    if (!flushed_) return;
    end_timer_.cancel();
    turn_timer_.cancel();
    collector_.reset();
    if (!idle()) {
        counters_.dropped.add(packed_ + waiting_.size());
        log_warning("spans were not exported in time", {{"count", packed_ + waiting_.size()}});
        waiting_.clear();
        packed_ = 0;
    }
    std::exchange(flushed_, nullptr)();
}

} // namespace adit::cli
