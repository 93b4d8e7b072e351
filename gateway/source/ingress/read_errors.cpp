// Answers that a default backend gives.
#include "source/ingress/reading.hpp"

namespace adit::source::ingress {

void read_errors(const reading& in) {
    in.into.default_backend = in.from.text("default-backend").value_or("");
    in.into.custom_errors = in.base.custom_errors;
    if (const auto text = in.from.text("custom-http-errors")) {
        if (auto all = parse_statuses(*text))
            in.into.custom_errors = std::move(*all);
        else
            in.from.refuse("custom-http-errors", '`' + *text + "` is not a list of statuses", "e.g. 404,503");
    }
    if (in.from.flag("disable-proxy-intercept-errors").value_or(false)) in.into.custom_errors.clear();
}

} // namespace adit::source::ingress
