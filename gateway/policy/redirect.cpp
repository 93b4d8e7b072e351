#include "policy/redirect.hpp"

#include <algorithm>

namespace adit::policy {

std::optional<redirect> redirect::compile(route_findings& found) {
    const auto& wish = *found.route().policies.redirect;
    const auto& path = found.route().match.path;
    redirect out;
    out.code_ = wish.code;
    out.only_ = wish.path;
    std::optional<pattern> own;
    if (path.how == model::path_match::kind::regex) {
        own = found.compile("match.path.regex", path.text, {.caseless = true, .anchored_start = true});
        if (!own) return std::nullopt;
    }
    auto pieces =
        compile_template("redirect.to", wish.to, model::redirect_variables, own ? &*own : nullptr, found);
    if (!pieces) return std::nullopt;
    const bool uses_groups = std::any_of(pieces->begin(), pieces->end(), [](const auto& one) {
        return one.what == model::variable::group;
    });
    if (uses_groups) out.pattern_ = std::move(own);
    out.to_ = std::move(*pieces);
    return out;
}

} // namespace adit::policy
