// Which path and query the upstream is asked for instead of what the client asked for.
#pragma once

#include "policy/expand.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace adit::policy {

// Immutable after compile(); shared by all workers.
class rewrite {
public:
    // Of route().policies.rewrite, which is there. Complains of patterns that do not compile and of groups
    // that they have not.
    static std::optional<rewrite> compile(route_findings& found);

    enum class verdict : std::uint8_t {
        keep, // the target goes on as it was received
        hit,
        error // the pattern hit a limit: the request must be refused, it was not shown to fit
    };
    // `path` is normalised (route/normalise.hpp). On a hit `groups` are parts of it.
    verdict match(std::string_view path, pattern::groups& groups) const noexcept;

    // After a hit: path and query as they are to be sent. `raw` is the path as received, `query` what follows
    // its '?' or a null view. What a prefix leaves over keeps the spelling it was received in where nothing
    // in it was merged or resolved; otherwise, and with a regex, it is decoded text encoded anew.
    void write_target(
        http::writer& out, std::string_view raw, std::string_view path, std::string_view query,
        const pattern::groups& groups
    ) const noexcept;

    // The line X-Forwarded-Prefix, if the route asks for one.
    void write_forwarded_prefix(http::writer& out, const pattern::groups& groups) const noexcept;
    bool tells_prefix() const noexcept { return !forwarded_prefix_.empty(); }

private:
    void write_prefixed(http::writer& out, std::string_view raw, std::string_view path) const noexcept;

    std::optional<pattern> pattern_; // none: by prefix
    std::string prefix_;             // that is replaced, without its last slash
    std::string base_;               // that replaces it, without its last slash
    model::text_template to_;
    bool brings_query_ = false, drops_query_ = false;
    model::text_template forwarded_prefix_;
};

} // namespace adit::policy
