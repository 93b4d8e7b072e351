// Who may come in by name and password: an htpasswd file, and what a request says.
#pragma once

#include "core/complaint.hpp"
#include "http/head.hpp"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::policy {

// Immutable after parse(); any thread.
class credentials {
public:
    // Lines `user:hash`, what follows a further colon is a remark; empty lines and those that begin with '#'
    // are skipped. Every line that is wrong is complained of with its number, and there is no result.
    static std::optional<credentials>
    parse(std::string_view text, const std::string& file, complaints& found);

    // The stored password of a user; null for nobody.
    const std::string* find(std::string_view user) const;
    // Somebody's, so that a wrong name costs what a wrong password costs; null where there are no users.
    const std::string* anybody() const { return users_.empty() ? nullptr : &users_.begin()->second; }

    // Of the text: the same for the same users.
    using fingerprint_bytes = std::array<unsigned char, 16>;
    const fingerprint_bytes& fingerprint() const noexcept { return fingerprint_; }

private:
    std::map<std::string, std::string, std::less<>> users_;
    fingerprint_bytes fingerprint_{};
};

// What `Authorization: Basic` says (RFC 7617).
struct basic_login {
    static constexpr std::size_t longest = 1024; // bytes of the field's value; more is no login

    std::array<char, longest> room;
    std::string_view user, password; // within `room`

    // False where the value is not that.
    bool read(std::string_view authorization) noexcept;
};

// Logins that were found right, so that the slow hash is not computed for each request. Of one worker.
class verified_logins {
public:
    static constexpr std::size_t capacity = 1024; // 16 KiB, from the first use on

    verified_logins();
    // `authorization` is the whole value, at most basic_login::longest bytes.
    bool knows(const credentials& among, std::string_view authorization) const noexcept;
    void remember(const credentials& among, std::string_view authorization);

private:
    // Under a key that nobody outside has: to make up a value with the mark of another is out of reach.
    using mark = std::array<unsigned char, 16>;

    mark mark_of(const credentials& among, std::string_view authorization) const noexcept;

    std::array<unsigned char, 16> key_;
    std::vector<mark> marks_; // empty until the first use; by the first bytes of each
};

} // namespace adit::policy
