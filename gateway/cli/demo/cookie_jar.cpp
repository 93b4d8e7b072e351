#include "cli/demo/cookie_jar.hpp"

#include "core/bytes.hpp"

namespace adit::cli {

namespace {

bool ends_it(std::string_view attributes) {
    while (const auto one = next_element(attributes, ';')) {
        const auto equals = one->find('=');
        if (equals == one->npos || !iequals(trim_ows(one->substr(0, equals)), "max-age")) continue;
        const auto age = trim_ows(one->substr(equals + 1));
        return age == "0" || age.starts_with('-');
    }
    return false;
}

} // namespace

void cookie_jar::take(std::string_view set_cookie) {
    const auto end = set_cookie.find(';');
    const auto pair = set_cookie.substr(0, end);
    const auto equals = pair.find('=');
    if (equals == pair.npos) return;
    const auto name = trim_ows(pair.substr(0, equals));
    if (name.empty()) return;
    const auto known = cookies_.find(name);
    if (end != set_cookie.npos && ends_it(set_cookie.substr(end + 1))) {
        if (known != cookies_.end()) cookies_.erase(known);
        return;
    }
    const std::string value(trim_ows(pair.substr(equals + 1)));
    if (known != cookies_.end())
        known->second = value;
    else if (cookies_.size() < most)
        cookies_.emplace(name, value);
}

std::string cookie_jar::text() const {
    std::string out;
    for (const auto& [name, value] : cookies_) {
        if (!out.empty()) out += "; ";
        out.append(name).append("=").append(value);
    }
    return out;
}

} // namespace adit::cli
