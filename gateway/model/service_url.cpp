#include "model/service_url.hpp"

#include "core/bytes.hpp"
#include "model/address.hpp"

#include <algorithm>

namespace adit::model {

std::optional<service_url> parse_service_url(std::string_view text, fault* why, bool secure) {
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) {
        parse_upstream_url(text, why); // says what is missing
        return std::nullopt;
    }
    if (!secure && iequals(text.substr(0, scheme_end), "https"))
        return refuse(why, "a service is asked over plain HTTP", "e.g. http://auth.svc:4180/verify");
    if (text.find('#') != std::string_view::npos)
        return refuse(why, "a service is not asked with a fragment", "leave out what stands from the # on");
    const auto authority_end = std::min(text.find_first_of("/?", scheme_end + 3), text.size());
    const auto endpoint = parse_upstream_url(text.substr(0, authority_end), why);
    if (!endpoint) return std::nullopt;
    service_url out;
    out.endpoint = *endpoint;
    out.host = text.substr(scheme_end + 3, authority_end - scheme_end - 3);
    const auto rest = text.substr(authority_end);
    out.target = rest.starts_with('/') ? std::string(rest) : '/' + std::string(rest);
    if (!is_request_target(out.target))
        return refuse(
            why, ticked(out.target) + " cannot stand in a request line", "percent-encode what is not ASCII"
        );
    return out;
}

bool is_request_target(std::string_view text) noexcept {
    return text.starts_with('/') &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

} // namespace adit::model
