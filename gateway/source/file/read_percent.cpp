#include "source/file/read_percent.hpp"

#include "core/bytes.hpp"

namespace adit::source {

model::weight read_percent(const value& from, std::string_view noun) {
    constexpr std::string_view usual = "a weight"; // what the words of an error begin with
    const auto text = from.text();
    if (!text) return {};
    model::weight_error why{};
    if (const auto got = model::parse_weight(*text, &why)) return *got;
    const std::string name(noun);
    std::string_view bare = *text;
    if (bare.ends_with('%')) {
        bare = trim_ows(bare.substr(0, bare.size() - 1));
        if (const auto meant = model::parse_weight(bare)) {
            from.complain(name + " is a plain number of percent", "write " + model::to_text(*meant));
            return *meant;
        }
    }
    from.complain(
        name + std::string(model::to_text(why).substr(usual.size())) + ", not `" + *text + '`',
        "a number from 0 to 100, e.g. 12.5"
    );
    return {};
}

} // namespace adit::source
