#include "core/http_date.hpp"

#include <cstring>
#include <ctime>

namespace adit {

http_date to_http_date(std::chrono::seconds at) noexcept {
    static constexpr const char* days[]{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[]{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t t = at.count();
    std::tm utc{};
    gmtime_r(&t, &utc);
    const auto two = [](char* to, int value) {
        to[0] = static_cast<char>('0' + value / 10 % 10);
        to[1] = static_cast<char>('0' + value % 10);
    };
    http_date out;
    std::memcpy(out.data(), "Sun, 06 Nov 1994 08:49:37 GMT", out.size());
    std::memcpy(out.data(), days[utc.tm_wday], 3);
    two(out.data() + 5, utc.tm_mday);
    std::memcpy(out.data() + 8, months[utc.tm_mon], 3);
    two(out.data() + 12, (utc.tm_year + 1900) / 100);
    two(out.data() + 14, (utc.tm_year + 1900) % 100);
    two(out.data() + 17, utc.tm_hour);
    two(out.data() + 20, utc.tm_min);
    two(out.data() + 23, utc.tm_sec);
    return out;
}

} // namespace adit
