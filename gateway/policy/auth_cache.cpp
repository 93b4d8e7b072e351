#include "policy/auth_cache.hpp"

namespace adit::policy {

const auth_cache::answer* auth_cache::find(const auth_key& key, instant now) const noexcept {
    const auto at = answers_.find(key);
    return at == answers_.end() || at->second.expires <= now ? nullptr : &at->second;
}

void auth_cache::put(
    const auth_key& key, auth_verdict verdict, std::string_view upstream_lines, std::string_view client_lines,
    instant expires
) {
    if (upstream_lines.size() + client_lines.size() > longest_text) return;
    auto at = answers_.find(key);
    if (at == answers_.end()) {
        if (order_.size() < most_) {
            order_.push_back(key);
        } else {
            answers_.erase(order_[oldest_]);
            order_[oldest_] = key;
            oldest_ = (oldest_ + 1) % most_;
        }
        at = answers_.emplace(key, answer{}).first;
    }
    auto& into = at->second;
    into.verdict = verdict;
    into.expires = expires;
    into.upstream_size = static_cast<std::uint32_t>(upstream_lines.size());
    into.lines.assign(upstream_lines);
    into.lines.append(client_lines);
}

void auth_cache::clear() noexcept {
    answers_.clear();
    order_.clear();
    oldest_ = 0;
}

} // namespace adit::policy
