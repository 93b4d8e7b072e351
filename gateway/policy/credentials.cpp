#include "policy/credentials.hpp"

#include "core/bytes.hpp"
#include "policy/password_hash.hpp"

#include <sodium.h>
#include <sys/random.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace adit::policy {

std::optional<credentials>
credentials::parse(std::string_view text, const std::string& file, complaints& found) {
    credentials out;
    crypto_generichash(
        out.fingerprint_.data(), out.fingerprint_.size(), reinterpret_cast<const unsigned char*>(text.data()),
        text.size(), nullptr, 0
    );
    bool good = true;
    int number = 0;
    const auto refuse = [&](std::string message, std::string hint) {
        found.push_back(
            {complaint::severity::error, {file, number, 1}, {}, std::move(message), std::move(hint)}
        );
        good = false;
    };
    for (auto rest = text; !rest.empty();) {
        ++number;
        const auto end = rest.find('\n');
        auto line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (trim_ows(line).empty() || line.starts_with('#')) continue;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) {
            refuse("not a user, a colon and a hash", "htpasswd -B makes such lines");
            continue;
        }
        const auto user = line.substr(0, colon);
        auto stored = line.substr(colon + 1);
        stored = trim_ows(stored.substr(0, stored.find(':')));
        model::fault why;
        if (scheme_of(stored, &why) == password_scheme::unknown)
            refuse("of the user `" + std::string(user) + "`: " + why.message, std::move(why.hint));
        else if (!out.users_.emplace(user, stored).second)
            refuse("the user `" + std::string(user) + "` is there twice", "remove one of the two lines");
    }
    if (!good) return std::nullopt;
    return out;
}

const std::string* credentials::find(std::string_view user) const {
    const auto at = users_.find(user);
    return at == users_.end() ? nullptr : &at->second;
}

bool basic_login::read(std::string_view authorization) noexcept {
    constexpr std::string_view scheme = "basic ";
    if (authorization.size() > longest || !iequals(authorization.substr(0, scheme.size()), scheme))
        return false;
    const auto text = trim_ows(authorization.substr(scheme.size()));
    std::size_t size = 0;
    const char* end = nullptr;
    auto* const bytes = reinterpret_cast<unsigned char*>(room.data());
    if (sodium_base642bin(
            bytes, room.size(), text.data(), text.size(), nullptr, &size, &end, sodium_base64_VARIANT_ORIGINAL
        ) != 0 ||
        end != text.data() + text.size())
        return false;
    const std::string_view both(room.data(), size);
    const auto colon = both.find(':');
    if (colon == std::string_view::npos) return false;
    user = both.substr(0, colon);
    password = both.substr(colon + 1);
    return true;
}

verified_logins::verified_logins() {
    if (::getrandom(key_.data(), key_.size(), 0) != static_cast<ssize_t>(key_.size())) std::abort();
}

verified_logins::mark
verified_logins::mark_of(const credentials& among, std::string_view authorization) const noexcept {
    const auto& fingerprint = among.fingerprint();
    std::array<unsigned char, sizeof fingerprint + basic_login::longest> both;
    const auto size = std::min(authorization.size(), basic_login::longest);
    std::memcpy(both.data(), fingerprint.data(), fingerprint.size());
    std::memcpy(both.data() + fingerprint.size(), authorization.data(), size);
    mark out;
    crypto_shorthash_siphashx24(out.data(), both.data(), fingerprint.size() + size, key_.data());
    return out;
}

bool verified_logins::knows(const credentials& among, std::string_view authorization) const noexcept {
    if (marks_.empty()) return false;
    const auto wanted = mark_of(among, authorization);
    const auto at = (static_cast<std::size_t>(wanted[0]) << 8 | wanted[1]) % capacity;
    return sodium_memcmp(marks_[at].data(), wanted.data(), wanted.size()) == 0;
}

void verified_logins::remember(const credentials& among, std::string_view authorization) {
    if (marks_.empty()) marks_.resize(capacity);
    const auto made = mark_of(among, authorization);
    marks_[(static_cast<std::size_t>(made[0]) << 8 | made[1]) % capacity] = made;
}

} // namespace adit::policy
