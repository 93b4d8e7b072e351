#include "canary/cohort_cookie.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace adit::canary {

namespace {

constexpr std::string_view version_mark = "v1.";
constexpr std::size_t mac_at = version_mark.size() + cookie_id_size + 1;

using mac_text = std::array<char, cookie_mac_size + 1>; // with the zero that libsodium writes

template <std::size_t Size>
void encode(char* out, std::size_t room, const std::array<unsigned char, Size>& bytes) noexcept {
    sodium_bin2base64(out, room, bytes.data(), Size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

// What is signed is the value up to the last dot, version included.
mac_text sign(const std::array<unsigned char, 32>& key, const char* value) noexcept {
    std::array<unsigned char, 16> mac;
    crypto_generichash(
        mac.data(), mac.size(), reinterpret_cast<const unsigned char*>(value), mac_at - 1, key.data(),
        key.size()
    );
    mac_text out;
    encode(out.data(), out.size(), mac);
    return out;
}

bool is_base64url(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

} // namespace

bool prepare_cookies() noexcept {
    return sodium_init() >= 0;
}

cookie_value issue_cookie(const cookie_keys& keys, std::uint64_t high, std::uint32_t low) noexcept {
    std::array<unsigned char, 12> id;
    std::memcpy(id.data(), &high, sizeof high);
    std::memcpy(id.data() + sizeof high, &low, sizeof low);
    std::array<char, cookie_id_size + 1> text;
    encode(text.data(), text.size(), id);
    cookie_value out;
    std::copy(version_mark.begin(), version_mark.end(), out.begin());
    std::copy_n(text.begin(), cookie_id_size, out.begin() + version_mark.size());
    out[mac_at - 1] = '.';
    const auto mac = sign(keys.keys.front(), out.data());
    std::copy_n(mac.begin(), cookie_mac_size, out.begin() + mac_at);
    return out;
}

bool has_cookie_form(std::string_view value) noexcept {
    return value.size() == cookie_value_size && value.starts_with(version_mark) && value[mac_at - 1] == '.' &&
           is_base64url(cookie_id(value)) && is_base64url(value.substr(mac_at));
}

std::string_view cookie_id(std::string_view value) noexcept {
    return value.substr(version_mark.size(), cookie_id_size);
}

bool is_signed(const cookie_keys& keys, std::string_view value) noexcept {
    return std::any_of(keys.keys.begin(), keys.keys.end(), [value](const auto& key) {
        // Texts are compared, so that each signature has one spelling.
        const auto mac = sign(key, value.data());
        return sodium_memcmp(mac.data(), value.data() + mac_at, cookie_mac_size) == 0;
    });
}

} // namespace adit::canary
