#include "upstream/resolver.hpp"

#include <algorithm>

namespace adit::upstream {

resolver::resolver(boost::asio::io_context& context, std::function<void(const std::string& name)> changed)
    : context_(context), asking_(context), changed_(std::move(changed)) {}

resolver::~resolver() {
    asking_.cancel();
}

void resolver::watch(const std::set<std::string>& names) {
    std::erase_if(names_, [&](const auto& one) { return !names.contains(one.first); });
    for (const auto& name : names) {
        if (names_.contains(name)) continue;
        names_.emplace(name, std::make_shared<entry>(context_));
        ask(name);
    }
}

const resolver::addresses& resolver::find(const std::string& name) const {
    static const addresses none;
    const auto at = names_.find(name);
    return at == names_.end() ? none : at->second->known;
}

std::string resolver::error(const std::string& name) const {
    const auto at = names_.find(name);
    return at == names_.end() ? std::string{} : at->second->error;
}

bool resolver::settled() const {
    return std::all_of(names_.begin(), names_.end(), [](const auto& one) { return one.second->asked; });
}

void resolver::when_settled(std::function<void()> then) {
    if (settled())
        then();
    else
        settled_ = std::move(then);
}

void resolver::ask(const std::string& name) {
    asking_.async_resolve(name, "", [this, name](const boost::system::error_code& error, const auto& found) {
        if (error != boost::asio::error::operation_aborted) answered(name, error, found);
    });
}

void resolver::answered(
    const std::string& name, const boost::system::error_code& error,
    const boost::asio::ip::tcp::resolver::results_type& found
) {
    const auto at = names_.find(name);
    if (at == names_.end()) return;
    const auto one = at->second; // `changed` may forget the name
    one->asked = true;
    one->error = error ? error.message() : std::string{};
    ask_again(name, *one, error ? retry_after : again_after);
    if (!error) {
        addresses now;
        for (const auto& result : found) now.push_back(result.endpoint().address());
        const auto v4 = [](const auto& address) { return address.is_v4(); };
        // A name with both families mostly stands for one machine; asking it twice would only split the
        // pools.
        if (std::any_of(now.begin(), now.end(), v4))
            std::erase_if(now, [&](const auto& a) { return !v4(a); });
        std::sort(now.begin(), now.end());
        now.erase(std::unique(now.begin(), now.end()), now.end());
        if (now != one->known) {
            one->known = std::move(now);
            changed_(name);
        }
    }
    if (settled_ && settled()) std::exchange(settled_, nullptr)();
}

void resolver::ask_again(const std::string& name, entry& one, std::chrono::seconds after) {
    one.timer.expires_after(after);
    one.timer.async_wait([this, name](const boost::system::error_code& error) {
        if (!error && names_.contains(name)) ask(name);
    });
}

} // namespace adit::upstream
