// Stored passwords as htpasswd files hold them.
#pragma once

#include "model/fault.hpp"

#include <string>
#include <string_view>

namespace adit::policy {

// Passwords longer than this are wrong without being looked at; bcrypt takes 72 of them into account.
inline constexpr std::size_t longest_password = 512; // bytes

// How a stored password was hashed.
enum class password_scheme : std::uint8_t {
    unknown,
    sha1,  // {SHA}: takes no time, which is why it protects nothing
    apr1,  // $apr1$
    crypt, // what libcrypt knows: bcrypt ($2y$, $2b$, $2a$), $6$, $5$, $y$, $1$
};

// The scheme; `unknown` with `why` for one that is not read here (plain text, DES), is not whole, or would
// take longer than a second to check.
password_scheme scheme_of(std::string_view stored, model::fault* why = nullptr);

// Whether `password` is the one. Takes 50 ms and more with bcrypt, which is what it is for: never on a
// worker, but for sha1. Any thread. The time it takes does not depend on where the two differ.
bool is_password(std::string_view password, const std::string& stored);

} // namespace adit::policy
