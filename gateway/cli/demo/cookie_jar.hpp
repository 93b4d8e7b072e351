// The cookies of one synthetic user who visits one site only: RFC 6265 without domains, paths and dates.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace adit::cli {

class cookie_jar {
public:
    static constexpr std::size_t most = 50; // RFC 6265 §6.1; further names are not taken

    // The value of one Set-Cookie field. Max-Age of 0 or less takes the cookie out (§5.2.2).
    void take(std::string_view set_cookie);
    // The value of a Cookie field; empty where there is nothing to send.
    std::string text() const;
    bool empty() const noexcept { return cookies_.empty(); }

private:
    std::map<std::string, std::string, std::less<>> cookies_;
};

} // namespace adit::cli
