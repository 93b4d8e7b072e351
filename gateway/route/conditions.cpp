#include "route/conditions.hpp"

#include "model/value_test.hpp"

#include <algorithm>

namespace adit::route {

namespace {

std::optional<text_test>
compile_test(const model::route& wish, const model::value_match& one, std::string key, complaints& found) {
    auto compiled = model::compile(one);
    if (auto* failed = std::get_if<pattern::failure>(&compiled)) {
        found.push_back(
            {complaint::severity::error, wish.at, std::move(key),
             "the pattern \"" + one.text + "\" does not compile: " + failed->message + " at byte " +
                 std::to_string(failed->offset),
             "patterns are Perl-compatible (PCRE2)"}
        );
        return std::nullopt;
    }
    return std::move(std::get<text_test>(compiled));
}

} // namespace

conditions conditions::compile(const model::route& wish, complaints& found) {
    conditions out;
    const auto& match = wish.match;
    const auto key = [&](const char* list, std::size_t index) {
        return "routes." + wish.name + ".match." + list + "[" + std::to_string(index) + "]";
    };
    out.any_method_ = match.methods.empty();
    for (const auto& text : match.methods) {
        const auto known = http::parse_method(text);
        if (known == http::method::other)
            out.other_methods_.push_back(text);
        else
            out.known_methods_ =
                static_cast<std::uint16_t>(out.known_methods_ | 1U << static_cast<unsigned>(known));
    }
    for (std::size_t i = 0; i < match.headers.size(); ++i)
        if (auto test = compile_test(wish, match.headers[i], key("headers", i), found))
            out.headers_.push_back({http::field_key(match.headers[i].name), std::move(*test)});
    for (std::size_t i = 0; i < match.query.size(); ++i)
        if (auto test = compile_test(wish, match.query[i], key("query", i), found))
            out.query_.push_back({match.query[i].name, std::move(*test)});
    out.count_ =
        static_cast<std::uint32_t>((out.any_method_ ? 0 : 1) + out.headers_.size() + out.query_.size());
    return out;
}

bool conditions::method_holds(const http::request_head& head) const noexcept {
    if (any_method_) return true;
    if (head.verb != http::method::other) return known_methods_ >> static_cast<unsigned>(head.verb) & 1U;
    return std::find(other_methods_.begin(), other_methods_.end(), head.method_text()) !=
           other_methods_.end();
}

std::optional<conditions::miss> conditions::first_miss(const http::request_head& head) const noexcept {
    if (!method_holds(head)) return miss{miss::kind::method, 0};
    for (std::size_t i = 0; i < headers_.size(); ++i)
        if (!http::test_field(head, headers_[i].key, headers_[i].test)) return miss{miss::kind::header, i};
    for (std::size_t i = 0; i < query_.size(); ++i)
        if (!http::test_query(head.query(), query_[i].name, query_[i].test))
            return miss{miss::kind::query, i};
    return std::nullopt;
}

} // namespace adit::route
