#include "model/validate_access_log.hpp"

#include "model/units.hpp"

namespace adit::model {

void check_access_log(const access_log& wish, const findings& found) {
    if (wish.path.empty() || wish.path.find('\0') != std::string::npos)
        found.under("path").error("it names no file", "e.g. path: /var/log/adit/access.log, or path: stdout");
    if (wish.buffer < access_log::least_buffer || wish.buffer > access_log::most_buffer)
        found.under("buffer").error(
            size_to_text(wish.buffer) + " is out of range",
            "from " + size_to_text(access_log::least_buffer) + " to " + size_to_text(access_log::most_buffer)
        );
    if (wish.sample.hundredths == 0 && !wish.always_errors)
        found.under("sample").warn(
            "no exchange would be written down", "remove access_log, or write always_errors: true"
        );
}

} // namespace adit::model
