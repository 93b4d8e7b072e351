#include "admin/event_hub.hpp"

#include "admin/json_text.hpp"
#include "core/bytes.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace adit::admin {
namespace {

// Browsers wait this long before they come back; a restarted gateway is there by then.
constexpr std::string_view hello = "retry: 2000\n\n";
constexpr std::string_view comment = ":\n\n";
constexpr std::string_view gap = "event: gap\ndata: {\"missed\":true}\n\n";

std::string make_epoch() {
    std::array<char, 16> text;
    random_source random;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), random.next() >> 32, 16).ptr;
    return {text.data(), end};
}

} // namespace

std::string timestamp(std::chrono::system_clock::time_point at) {
    using namespace std::chrono;
    const auto whole = floor<seconds>(at);
    const auto seconds_since = system_clock::to_time_t(whole);
    std::tm parts{};
    ::gmtime_r(&seconds_since, &parts);
    std::array<char, 40> text;
    const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    const auto thousandths = std::to_string(1000 + duration_cast<milliseconds>(at - whole).count()).substr(1);
    return std::string(text.data(), size) + '.' + thousandths + 'Z';
}

event_hub::event_hub(boost::asio::io_context& context, std::size_t kept, std::chrono::milliseconds heartbeat)
    : limit_(kept), heartbeat_(heartbeat), timer_(context), epoch_(make_epoch()) {}

void event_hub::publish(const event& what) {
    auto data = what.data;
    data["at"] = timestamp(std::chrono::system_clock::now());
    const auto number = ++last_;
    const auto text = "id: " + epoch_ + '-' + std::to_string(number) + "\nevent: " + what.name +
                      "\ndata: " + json_text(data) + "\n\n";
    ring_.push_back({number, text});
    if (ring_.size() > limit_) ring_.pop_front();
    push_all(text);
}

std::string event_hub::greeting(std::string_view last_id) const {
    std::string out{hello};
    if (last_id.empty()) return out;
    const auto dash = last_id.rfind('-');
    const auto number = dash == last_id.npos ? std::nullopt : parse_decimal(last_id.substr(dash + 1));
    const bool ours = number && *number <= last_ && last_id.substr(0, dash) == epoch_;
    const auto seen = ours ? *number : 0;
    const auto oldest = ring_.empty() ? last_ + 1 : ring_.front().number;
    if (!ours || seen + 1 < oldest) out += gap;
    for (const auto& one : ring_)
        if (one.number > seen) out += one.text;
    return out;
}

void event_hub::add(std::weak_ptr<event_reader> reader) {
    readers_.push_back(std::move(reader));
    if (!beating_ && alive_) beat();
}

std::size_t event_hub::readers() const {
    return static_cast<std::size_t>(std::count_if(readers_.begin(), readers_.end(), [](const auto& one) {
        return !one.expired();
    }));
}

void event_hub::stop() {
    timer_.cancel();
    alive_.reset();
    readers_.clear();
}

void event_hub::push_all(const std::string& frame) {
    std::erase_if(readers_, [](const auto& one) { return one.expired(); });
    // A reader that closes itself may let go of others: work on a copy.
    for (const auto& one : std::vector(readers_))
        if (const auto reader = one.lock()) reader->push(frame);
}

void event_hub::beat() {
    beating_ = true;
    timer_.expires_after(heartbeat_);
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
        // A wait that had ended before stop() came is not cancelled by it.
        if (error || alive.expired()) return;
        push_all(std::string(comment));
        beating_ = false;
        if (!readers_.empty()) beat();
    });
}

} // namespace adit::admin
