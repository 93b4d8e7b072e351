// Requests that are sent elsewhere.
#include "source/ingress/reading.hpp"

#include <array>

namespace adit::source::ingress {

namespace {

bool is_url(std::string_view text) {
    return text.starts_with("http://") || text.starts_with("https://") || text.starts_with("$scheme://") ||
           text.starts_with('/');
}

std::uint16_t
read_code(const reading& in, std::string_view name, std::uint16_t otherwise, std::int64_t last) {
    const auto number = in.from.number(name);
    if (!number) return otherwise;
    if (*number >= 300 && *number <= last && *number != 300 && *number != 304 && *number != 305 &&
        *number != 306)
        return static_cast<std::uint16_t>(*number);
    in.from.warn(
        name, std::to_string(*number) + " is no redirect that tells where to go, so it is " +
                  std::to_string(otherwise)
    );
    return otherwise;
}

// Returns for good come after those for now.
void read_return(const reading& in) {
    for (const auto& [name, code_name, code, last] :
         {std::tuple{"temporal-redirect", "temporal-redirect-code", std::uint16_t{302}, std::int64_t{307}},
          std::tuple{
              "permanent-redirect", "permanent-redirect-code", std::uint16_t{301}, std::int64_t{308}}}) {
        auto to = in.from.text(name);
        if (!to) continue;
        if (!is_url(*to)) {
            in.from.refuse(name, '`' + *to + "` is no URL", "e.g. https://new.example.test");
            continue;
        }
        auto& made = in.into.common.policies.redirect.emplace();
        made.to = std::move(*to);
        made.code = read_code(in, code_name, code, last);
        return;
    }
}

} // namespace

void read_redirects(const reading& in) {
    read_return(in);
    in.into.ssl_redirect = in.from.flag("ssl-redirect").value_or(in.base.ssl_redirect);
    in.into.force_ssl_redirect = in.from.flag("force-ssl-redirect").value_or(in.base.force_ssl_redirect);
}

} // namespace adit::source::ingress
