#include "policy/password_hash.hpp"

#include "core/bytes.hpp"

#include <crypt.h>
#include <md5.h>
#include <sha1.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace adit::policy {

namespace {

constexpr std::string_view sha1_mark = "{SHA}";
constexpr std::string_view apr1_mark = "$apr1$";
constexpr std::size_t apr1_longest_salt = 8;
constexpr std::uint64_t costliest_bcrypt = 14;       // 2^14 rounds: about a second
constexpr std::uint64_t most_sha_rounds = 1'000'000; // about a second, too

bool are_equal(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

const std::uint8_t* octets(std::string_view text) noexcept {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}

// MD5 of pieces. libmd's names are those of every BSD.
class md5 {
public:
    using digest = std::array<std::uint8_t, MD5_DIGEST_LENGTH>;

    md5() { MD5Init(&state_); }
    md5& add(std::string_view text) {
        MD5Update(&state_, octets(text), text.size());
        return *this;
    }
    md5& add(const digest& bytes, std::size_t size = MD5_DIGEST_LENGTH) {
        MD5Update(&state_, bytes.data(), size);
        return *this;
    }
    digest done() {
        digest out;
        MD5Final(out.data(), &state_);
        return out;
    }

private:
    MD5_CTX state_;
};

// Six bits a letter, the lowest first.
void append_letters(std::string& out, std::uint32_t bits, int letters) {
    static constexpr char alphabet[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (; letters > 0; --letters, bits >>= 6) out += alphabet[bits & 63];
}

// What Apache makes of a password: FreeBSD's MD5 crypt with another mark.
std::string apr1(std::string_view password, std::string_view salt) {
    auto digest = md5{}.add(password).add(salt).add(password).done();
    md5 first;
    first.add(password).add(apr1_mark).add(salt);
    for (auto left = password.size(); left > 0; left -= std::min(left, digest.size()))
        first.add(digest, std::min(left, digest.size()));
    for (auto left = password.size(); left > 0; left >>= 1)
        first.add((left & 1) ? std::string_view{"\0", 1} : password.substr(0, 1));
    digest = first.done();
    for (int round = 0; round < 1000; ++round) {
        md5 next;
        const bool odd = (round & 1) != 0;
        odd ? next.add(password) : next.add(digest);
        if (round % 3 != 0) next.add(salt);
        if (round % 7 != 0) next.add(password);
        odd ? next.add(digest) : next.add(password);
        digest = next.done();
    }
    auto out = std::string(apr1_mark).append(salt) + '$';
    constexpr std::array<std::array<std::size_t, 3>, 5> groups{
        {{0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}}};
    for (const auto& [a, b, c] : groups)
        append_letters(
            out,
            static_cast<std::uint32_t>(digest[a]) << 16 | static_cast<std::uint32_t>(digest[b]) << 8 |
                digest[c],
            4
        );
    append_letters(out, digest[11], 2);
    return out;
}

std::string_view apr1_salt(std::string_view stored) noexcept {
    stored.remove_prefix(apr1_mark.size());
    return stored.substr(0, std::min(stored.find('$'), apr1_longest_salt));
}

bool is_sha1(std::string_view password, std::string_view stored) {
    std::array<std::uint8_t, SHA1_DIGEST_LENGTH> digest;
    SHA1_CTX state;
    SHA1Init(&state);
    SHA1Update(&state, octets(password), password.size());
    SHA1Final(digest.data(), &state);
    std::array<char, sodium_base64_ENCODED_LEN(SHA1_DIGEST_LENGTH, sodium_base64_VARIANT_ORIGINAL)> text;
    sodium_bin2base64(text.data(), text.size(), digest.data(), digest.size(), sodium_base64_VARIANT_ORIGINAL);
    return are_equal(text.data(), stored.substr(sha1_mark.size()));
}

bool is_crypt(std::string_view password, const std::string& stored) {
    // 32 KiB, which a stack need not have.
    const auto space = std::make_unique<crypt_data>();
    const std::string phrase(password);
    const auto* made = crypt_r(phrase.c_str(), stored.c_str(), space.get());
    return made != nullptr && made[0] != '*' && are_equal(made, stored);
}

password_scheme unread(model::fault* why, std::string message, std::string hint) {
    model::refuse(why, std::move(message), std::move(hint));
    return password_scheme::unknown;
}

// "$2y$10$" and 53 letters.
password_scheme check_bcrypt(std::string_view stored, model::fault* why) {
    const auto cost = parse_decimal(stored.substr(4, 2));
    if (stored.size() != 60 || !cost || *cost < 4)
        return unread(why, "a bcrypt hash that is not whole", "htpasswd -B makes one of 60 letters");
    if (*cost > costliest_bcrypt)
        return unread(
            why, "a bcrypt cost of " + std::to_string(*cost) + " takes more than a second for each user",
            "at most " + std::to_string(costliest_bcrypt)
        );
    return password_scheme::crypt;
}

password_scheme check_sha_crypt(std::string_view stored, model::fault* why) {
    constexpr std::string_view mark = "rounds=";
    const auto rest = stored.substr(3);
    if (rest.starts_with(mark)) {
        const auto rounds = parse_decimal(rest.substr(mark.size(), rest.find('$') - mark.size()));
        if (!rounds || *rounds > most_sha_rounds)
            return unread(
                why, "so many rounds take more than a second for each user",
                "at most " + std::to_string(most_sha_rounds)
            );
    }
    return password_scheme::crypt;
}

} // namespace

password_scheme scheme_of(std::string_view stored, model::fault* why) {
    const auto begins = [&](std::initializer_list<std::string_view> marks) {
        return std::any_of(marks.begin(), marks.end(), [&](auto one) { return stored.starts_with(one); });
    };
    constexpr std::string_view advice = "htpasswd -B makes bcrypt hashes";
    if (begins({sha1_mark})) {
        if (stored.size() == sha1_mark.size() + 28) return password_scheme::sha1;
        return unread(why, "a {SHA} hash that is not whole", "28 letters follow {SHA}");
    }
    if (begins({apr1_mark})) {
        const auto salt = apr1_salt(stored);
        if (stored.size() == apr1_mark.size() + salt.size() + 1 + 22) return password_scheme::apr1;
        return unread(why, "an $apr1$ hash that is not whole", "htpasswd -m makes one");
    }
    if (begins({"$2y$", "$2b$", "$2a$"})) return check_bcrypt(stored, why);
    if (begins({"$5$", "$6$"})) return check_sha_crypt(stored, why);
    if (begins({"$1$", "$y$"})) return password_scheme::crypt;
    if (begins({"{PLAIN}", "{SSHA}"}))
        return unread(
            why, "the scheme " + std::string(stored.substr(0, stored.find('}') + 1)) + " is not read here",
            std::string(advice)
        );
    return unread(
        why,
        stored.empty() ? "a user without a password" : "neither a bcrypt hash nor another that is read here",
        std::string(advice)
    );
}

bool is_password(std::string_view password, const std::string& stored) {
    // Where a password ended for C it would match all that begin with it.
    if (password.size() > longest_password || password.find('\0') != std::string_view::npos) return false;
    switch (scheme_of(stored)) {
    case password_scheme::sha1: return is_sha1(password, stored);
    case password_scheme::apr1: return are_equal(apr1(password, apr1_salt(stored)), stored);
    case password_scheme::crypt: return is_crypt(password, stored);
    case password_scheme::unknown: break;
    }
    return false;
}

} // namespace adit::policy
