#include "policy/expand.hpp"

#include <array>

namespace adit::policy {

namespace {

constexpr auto allowed_octets(std::string_view marks) {
    std::array<bool, 256> out{};
    for (unsigned c = '0'; c <= '9'; ++c) out[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c) out[c] = out[c - 0x20] = true;
    for (const char c : marks) out[static_cast<unsigned char>(c)] = true;
    return out;
}

constexpr auto path_octets = allowed_octets("-._~!$&'()*+,;=:@/");
constexpr auto query_octets = allowed_octets("-._~!$'()*,;:@/?");

} // namespace

void write_encoded(http::writer& out, std::string_view text, uri_part part) noexcept {
    static constexpr char digits[] = "0123456789ABCDEF";
    const auto& plain = part == uri_part::path ? path_octets : query_octets;
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octet = static_cast<unsigned char>(text[i]);
        if (plain[octet]) continue;
        const char escape[3]{'%', digits[octet >> 4], digits[octet & 15]};
        out << text.substr(from, i - from) << std::string_view{escape, sizeof escape};
        from = i + 1;
    }
    out << text.substr(from);
}

std::optional<model::text_template> compile_template(
    std::string_view key, std::string_view text, model::variable_set allowed, const pattern* groups,
    route_findings& found
) {
    model::fault why;
    auto pieces = model::parse_template(text, allowed, &why);
    if (!pieces) return found.error(key, std::move(why.message), std::move(why.hint)), std::nullopt;
    const auto count = groups ? groups->group_count() : 0;
    for (auto& one : *pieces) {
        if (one.what == model::variable::named_group) {
            const auto number = groups ? groups->group_number(one.text) : std::nullopt;
            if (!number || *number >= pattern::max_groups) {
                found.error(
                    key, "the pattern has no group \"" + one.text + '"', "(?<" + one.text + ">...) names one"
                );
                return std::nullopt;
            }
            one = {model::variable::group, {}, static_cast<std::uint8_t>(*number)};
        } else if (one.what == model::variable::group && one.number > count) {
            found.error(
                key, "the pattern has no group $" + std::to_string(one.number),
                "it has " + std::to_string(count) + (count == 1 ? " group" : " groups")
            );
            return std::nullopt;
        }
    }
    return pieces;
}

} // namespace adit::policy
