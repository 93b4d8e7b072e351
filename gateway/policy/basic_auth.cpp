#include "policy/basic_auth.hpp"

namespace adit::policy {

std::optional<basic_auth> basic_auth::compile(const file_reader& read, route_findings& found) {
    const auto& wish = *found.route().policies.basic_auth;
    auto text = wish.users;
    if (!wish.file.empty() && read) {
        model::fault why;
        auto got = read(wish.file, why);
        if (!got) {
            found.error("basic_auth.file", wish.file + ' ' + why.message, std::move(why.hint));
            return std::nullopt;
        }
        text = std::move(*got);
    }
    auto users = credentials::parse(text, wish.file, found.list());
    if (!users) return found.fail(), std::nullopt;
    basic_auth out;
    out.users = std::make_shared<const credentials>(std::move(*users));
    out.challenge = "WWW-Authenticate: Basic realm=\"" + wish.realm + "\", charset=\"UTF-8\"\r\n";
    out.forward = wish.forward;
    return out;
}

} // namespace adit::policy
