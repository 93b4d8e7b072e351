#include "http/method.hpp"

#include <array>

namespace adit::http {

namespace {
constexpr std::array<std::string_view, method_count> names{"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                                           "CONNECT", "OPTIONS", "TRACE", "PATCH", "other"};
} // namespace

method parse_method(std::string_view token) noexcept {
    for (std::size_t i = 0; i + 1 < names.size(); ++i)
        if (token == names[i]) return static_cast<method>(i);
    return method::other;
}

std::string_view to_text(method value) noexcept {
    return names[static_cast<std::size_t>(value)];
}

} // namespace adit::http
