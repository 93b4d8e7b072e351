// Heads as the route's policies want them.
#include "policy/route_policy.hpp"
#include "proxy/exchange.hpp"
#include "proxy/variables.hpp"
#include "proxy/worker.hpp"

namespace adit::proxy {

// Empty when it does not fit, or with rewrite_failed_ when the path could not be matched.
std::string_view exchange::write_rewritten_head(const policy::rewrite& by) {
    const auto raw = http::path_or_root(head_);
    auto* const scratch = worker_.scratch();
    // The path lies at the end of the memory that the head is written to, or in the request itself.
    auto room = worker::settings::scratch_size - raw.size();
    const auto path = route::normalise_path(raw, {scratch + room, raw.size()});
    if (!path || path->data() == raw.data()) room = worker::settings::scratch_size;
    pattern::groups groups;
    const auto found = path ? by.match(*path, groups) : policy::rewrite::verdict::error;
    if (found == policy::rewrite::verdict::error) return rewrite_failed_ = true, std::string_view{};
    http::writer out{scratch, room};
    out << head_.method_text() << " ";
    if (found == policy::rewrite::verdict::keep) {
        write_target(out);
        out << " HTTP/1.1\r\n";
        return write_request_fields(out);
    }
    by.write_target(out, raw, *path, head_.query(), groups);
    out << " HTTP/1.1\r\n";
    if (by.tells_prefix()) {
        for (auto& f : head_.fields()) f.dropped |= iequals(head_.name(f), "X-Forwarded-Prefix");
        by.write_forwarded_prefix(out, groups);
    }
    return write_request_fields(out);
}

void exchange::drop_replaced(const policy::route_policy& by) noexcept {
    if (const auto* edits = by.response_edits(track_)) edits->drop(response_);
    if (by.cors) policy::cors::drop(response_);
}

void exchange::write_replacing(http::writer& out, const policy::route_policy& by) noexcept {
    if (const auto* edits = by.response_edits(track_)) edits->write(out, variables{*this});
    if (by.cors) by.cors->write(out, head_, &response_);
}

// What the route adds to answers of our own; nothing where that would not fit.
std::string_view exchange::own_fields() noexcept {
    http::writer out{worker_.scratch() + own_fields_at, worker::settings::scratch_size - own_fields_at};
    const auto& policy = *route_->policy;
    if (const auto* edits = policy.response_edits(track_)) edits->write_own(out, variables{*this});
    if (policy.cors) policy.cors->write(out, head_, nullptr);
    if (policy.basic_auth &&
        (refusal_ == http::refusal::credentials_missing || refusal_ == http::refusal::credentials_wrong))
        out << policy.basic_auth->challenge;
    return out.overflowed() ? std::string_view{} : out.text();
}

} // namespace adit::proxy
