#include "admin/call.hpp"

#include "admin/json_text.hpp"
#include "admin/views.hpp"
#include "core/bytes.hpp"

namespace adit::admin {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char small = lower(c);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

} // namespace

response json_response(unsigned status, const boost::json::value& body, bool indented) {
    auto text = json_text(body, indented ? layout::indented : layout::compact) + '\n';
    return {.status = status, .type = "application/json", .body = std::move(text), .fields = {}};
}

response text_response(unsigned status, std::string text) {
    return {.status = status, .type = "text/plain; charset=utf-8", .body = std::move(text), .fields = {}};
}

response problem_response(const problem& what) {
    auto out = json_response(what.status, to_json(what));
    out.type = "application/problem+json";
    return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_value(text[i + 1]);
        const int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> out;
    while (const auto part = next_element(text, '&')) {
        if (part->empty()) continue;
        const auto equals = part->find('=');
        auto key = percent_decode(part->substr(0, equals));
        auto value = percent_decode(equals == part->npos ? std::string_view{} : part->substr(equals + 1));
        if (!key || !value) return std::nullopt;
        out.emplace_back(std::move(*key), std::move(*value));
    }
    return out;
}

} // namespace adit::admin
