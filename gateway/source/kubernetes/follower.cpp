#include "source/kubernetes/follower.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <utility>

namespace adit::source::kubernetes {

namespace {

constexpr unsigned ok = 200, unauthorized = 401, forbidden = 403;
constexpr std::size_t max_refusal_size = 64 * 1024; // bytes; more is no Status

std::string_view verb(reflector::request what) {
    return what == reflector::request::list ? "list" : "watch";
}

} // namespace

follower::follower(
    boost::asio::io_context& context, std::shared_ptr<credentials> as, scope what, hooks tell,
    reflector_rules rules
)
    : scope_(std::move(what)),
      tell_(std::move(tell)),
      as_(std::move(as)),
      reflector_([&] {
          rules.page = scope_.of.page;
          return rules;
      }()),
      timer_(context),
      connection_(context, as_) {}

follower::~follower() = default;

double follower::jitter() {
    return static_cast<double>(random_.below(1U << 16)) / (1U << 16);
}

void follower::go() {
    const auto now = monotonic_now();
    timer_.expires_after(std::chrono::nanoseconds(std::max<instant>(0, reflector_.due() - now)));
    timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (!stopped) ask();
    });
}

void follower::ask() {
    status_ = 0;
    retry_after_.reset();
    body_.clear();
    lines_ = line_cutter(max_object_size);
    stopped_ = false;
    if (!as_->refresh()) {
        lose(as_->problem());
        return go();
    }
    const auto query = reflector_.query(jitter());
    connection_.send(
        {scope_.target() + query}, reflector_.lasts(),
        {[this](unsigned status, auto retry_after) { head(status, retry_after); },
         [this](std::string_view piece) { bytes(piece); },
         [this](const std::string& problem) { end(problem); }}
    );
}

void follower::head(unsigned status, std::optional<std::chrono::seconds> retry_after) {
    status_ = status;
    retry_after_ = retry_after;
    if (status != ok || reflector_.next() != reflector::request::watch) return;
    reflector_.began(monotonic_now());
    well();
}

void follower::bytes(std::string_view piece) {
    if (status_ == ok && reflector_.next() == reflector::request::watch) {
        const auto before = lines_.passed_over();
        lines_.feed(piece, [this](std::string_view line) { return take_line(line), !stopped_; });
        if (lines_.passed_over() != before)
            tell_.noted(
                "an object of more than " + std::to_string(max_object_size) + " bytes is passed over"
            );
        if (!stopped_) return;
        connection_.drop();
        return go();
    }
    if (body_.size() + piece.size() <= (status_ == ok ? max_page_size : max_refusal_size)) {
        body_ += piece;
        return;
    }
    connection_.drop();
    lose("the answer is too long");
    go();
}

void follower::end(const std::string& problem) {
    const auto now = monotonic_now();
    if (!problem.empty()) {
        lose(problem);
    } else if (status_ != ok) {
        const auto said = read_refusal(body_);
        refuse(status_, said.message, retry_after_ ? retry_after_ : said.retry_after);
    } else if (reflector_.next() == reflector::request::watch) {
        reflector_.ended(now, jitter());
    } else {
        take_page();
    }
    go();
}

void follower::take_page() {
    std::string why;
    auto got = read_page(std::exchange(body_, {}), scope_.of.kind, why);
    if (!got) return lose("list: " + why);
    if (reflector_.at_start()) tell_.noted({});
    std::vector<std::string> names;
    for (auto& one : got->objects) {
        if (!one.name.empty()) names.push_back(one.name);
        tell_.found(std::move(one));
    }
    const bool first = !reflector_.complete();
    for (const auto& one : reflector_.page(got->version, got->more, names, monotonic_now())) tell_.gone(one);
    well();
    if (first && reflector_.complete()) tell_.turned();
}

void follower::take_line(std::string_view line) {
    std::string why;
    auto got = read_event(line, scope_.of.kind, why);
    if (!got) return tell_.noted("a line of the watch is passed over: " + why);
    if (!got->what) {
        stopped_ = true;
        return refuse(got->refused.code, got->refused.message, got->refused.retry_after);
    }
    ++events_;
    reflector_.event(*got->what, got->version, got->object.name);
    if (*got->what == reflector::change::bookmark) return;
    if (*got->what != reflector::change::deleted) return tell_.found(std::move(got->object));
    if (!got->object.name.empty()) tell_.gone(got->object.name);
}

void follower::refuse(unsigned status, std::string words, std::optional<std::chrono::seconds> retry_after) {
    constexpr std::size_t most_words = 300; // bytes of it in a log line
    if (status == unauthorized) as_->doubt_token();
    const auto what = verb(reflector_.next());
    reflector_.refused(status, retry_after, monotonic_now(), jitter());
    if (words.size() > most_words) words.resize(most_words);
    auto trouble = std::string(what) + ": " + std::to_string(status);
    if (!words.empty()) trouble.append(" ").append(words);
    if (status == forbidden) trouble += "; give the verbs list and watch by a role";
    // An old version is everyday business.
    if (reflector_.due() <= monotonic_now()) return;
    const bool news = trouble != trouble_;
    trouble_ = std::move(trouble);
    if (news) tell_.turned();
}

void follower::lose(const std::string& problem) {
    reflector_.lost(monotonic_now(), jitter());
    const bool news = trouble_.empty();
    trouble_ = problem;
    if (news) tell_.turned();
}

void follower::well() {
    if (trouble_.empty()) return;
    trouble_.clear();
    tell_.turned();
}

} // namespace adit::source::kubernetes
