#include "core/bytes.hpp"
#include "model/compression.hpp"
#include "model/grammar.hpp"
#include "model/validate_bodies.hpp"

#include <algorithm>

namespace adit::model {

namespace {

constexpr std::uint32_t fastest = 1,
                        smallest = 9; // above, brotli takes more memory than a gateway should give

bool is_media_range(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return false;
    const auto family = text.substr(0, slash), kind = text.substr(slash + 1);
    return is_token(family) && family != "*" && is_token(kind);
}

void check_types(const std::vector<std::string>& wish, const findings& found) {
    if (wish.empty()) found.error("no type is named, so nothing would be compressed", "e.g. [\"text/*\"]");
    for (std::size_t i = 0; i < wish.size(); ++i)
        if (!is_media_range(wish[i]))
            found.item(i).error(
                ticked(wish[i]) + " is not a media type", "e.g. text/html, or text/* for all of text"
            );
}

void check_encodings(const std::vector<std::string>& wish, const findings& found) {
    if (wish.empty()) found.error("no encoding is named, so nothing would be compressed", "e.g. [br, gzip]");
    for (std::size_t i = 0; i < wish.size(); ++i) {
        if (wish[i] != "br" && wish[i] != "gzip")
            found.item(i).error(ticked(wish[i]) + " is not an encoding that Adit writes", "br or gzip");
        const auto here = wish.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(wish.begin(), here, wish[i]) != here)
            found.item(i).error(ticked(wish[i]) + " is there twice", "remove one of the two");
    }
}

} // namespace

void check_compression(const compression& wish, const findings& found) {
    check_types(wish.types, found.under("types"));
    check_encodings(wish.encodings, found.under("encodings"));
    if (wish.level < fastest || wish.level > smallest)
        found.under("level").error(
            std::to_string(wish.level) + " is out of range", "from 1 (fast) to 9 (small)"
        );
}

} // namespace adit::model
