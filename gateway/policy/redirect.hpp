// Answers that send a client elsewhere.
#pragma once

#include "policy/expand.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace adit::policy {

// Immutable after compile(); shared by all workers.
class redirect {
public:
    // Of route().policies.redirect, which is there.
    static std::optional<redirect> compile(route_findings& found);

    std::uint16_t code() const noexcept { return code_; }

    // Whether a request for this path (normalised) is sent elsewhere. Fills `groups` with those of the
    // route's path regex, where the location uses any.
    bool applies(std::string_view path, pattern::groups& groups) const noexcept {
        if (!only_.empty() && path != only_) return false;
        return !pattern_ || pattern_->search(path, groups) == pattern::verdict::match;
    }

    // The value of Location. `value_of(model::variable)` tells of the request what may stand in an URI.
    template <class Lookup>
    void write_location(http::writer& out, const pattern::groups& groups, Lookup&& value_of) const noexcept {
        write_uri(out, to_, groups, value_of);
    }

private:
    std::uint16_t code_ = 0;
    std::string only_;
    std::optional<pattern> pattern_; // where the location uses groups
    model::text_template to_;
};

} // namespace adit::policy
