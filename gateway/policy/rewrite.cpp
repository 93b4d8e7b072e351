#include "policy/rewrite.hpp"

#include <algorithm>

namespace adit::policy {

namespace {

std::string_view without_last_slashes(std::string_view path) noexcept {
    while (!path.empty() && path.back() == '/') path.remove_suffix(1);
    return path;
}

constexpr auto no_variables = [](model::variable) noexcept { return std::string_view{}; };

// Decoding escapes was all that normalising did: two octets less for each, and nothing merged or resolved.
bool was_only_decoded(std::string_view raw, std::string_view path) noexcept {
    const auto escapes = static_cast<std::size_t>(std::count(raw.begin(), raw.end(), '%'));
    return path.size() + 2 * escapes == raw.size();
}

} // namespace

std::optional<rewrite> rewrite::compile(route_findings& found) {
    const auto& wish = *found.route().policies.rewrite;
    const auto& path = found.route().match.path;
    rewrite out;
    if (wish.how == model::rewrite::kind::regex) {
        // The route's own path regex, as route/ compiles it.
        out.pattern_ =
            wish.pattern.empty()
                ? found.compile("match.path.regex", path.text, {.caseless = true, .anchored_start = true})
                : found.compile("rewrite.regex", wish.pattern);
        if (!out.pattern_) return std::nullopt;
        auto to = std::string_view{wish.to};
        out.drops_query_ = to.ends_with('?');
        if (out.drops_query_) to.remove_suffix(1);
        out.brings_query_ = to.find('?') != std::string_view::npos;
        auto pieces = compile_template("rewrite.to", to, model::rewrite_variables, &*out.pattern_, found);
        if (!pieces) return std::nullopt;
        out.to_ = std::move(*pieces);
    } else {
        out.prefix_ =
            path.how == model::path_match::kind::exact ? path.text : without_last_slashes(path.text);
        out.base_ = without_last_slashes(wish.to);
    }
    auto pieces = compile_template(
        "rewrite.forwarded_prefix", wish.forwarded_prefix,
        out.pattern_ ? model::rewrite_variables : model::variable_set{},
        out.pattern_ ? &*out.pattern_ : nullptr, found
    );
    if (!pieces) return std::nullopt;
    out.forwarded_prefix_ = std::move(*pieces);
    return out;
}

rewrite::verdict rewrite::match(std::string_view path, pattern::groups& groups) const noexcept {
    if (!path.starts_with('/')) return verdict::keep; // "*"
    if (!pattern_) return path.starts_with(prefix_) ? verdict::hit : verdict::keep;
    switch (pattern_->search(path, groups)) {
    case pattern::verdict::match: return verdict::hit;
    case pattern::verdict::no_match: return verdict::keep;
    case pattern::verdict::error: break;
    }
    return verdict::error;
}

void rewrite::write_prefixed(http::writer& out, std::string_view raw, std::string_view path) const noexcept {
    const bool as_received = raw.starts_with(prefix_) && was_only_decoded(raw, path) &&
                             (raw.size() == prefix_.size() || raw[prefix_.size()] == '/');
    const auto rest = (as_received ? raw : path).substr(prefix_.size());
    out << base_;
    if (as_received)
        out << rest;
    else
        write_encoded(out, rest, uri_part::path);
    if (base_.empty() && rest.empty()) out << "/";
}

void rewrite::write_target(
    http::writer& out, std::string_view raw, std::string_view path, std::string_view query,
    const pattern::groups& groups
) const noexcept {
    if (pattern_)
        write_uri(out, to_, groups, no_variables);
    else
        write_prefixed(out, raw, path);
    if (query.data() == nullptr || drops_query_) return;
    // A query that is empty is told from none only where nothing stands before it.
    if (brings_query_ && query.empty()) return;
    out << (brings_query_ ? "&" : "?") << query;
}

void rewrite::write_forwarded_prefix(http::writer& out, const pattern::groups& groups) const noexcept {
    if (forwarded_prefix_.empty()) return;
    out << "X-Forwarded-Prefix: ";
    write_uri(out, forwarded_prefix_, groups, no_variables);
    out << "\r\n";
}

} // namespace adit::policy
