#include "http/values.hpp"

#include <array>
#include <cstring>

namespace adit::http {

namespace {

// A head's offsets have 16 bits, so neither joined field values nor a query are longer.
using scratch_space = std::array<char, 65536>;

char as_dash(char c) noexcept {
    return c == '_' ? '-' : lower(c);
}

bool is_same_to_nginx(std::string_view name, std::string_view wanted) noexcept {
    if (name.size() != wanted.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i)
        if (as_dash(name[i]) != wanted[i]) return false;
    return true;
}

bool is_named(const head& message, const field& f, const field_key& key) noexcept {
    if (key.any_dash)
        return f.id == field_id::unknown ? is_same_to_nginx(message.name(f), key.name) : f.id == key.id;
    if (key.id != field_id::unknown) return f.id == key.id;
    return f.id == field_id::unknown && f.name_size == key.name.size() && iequals(message.name(f), key.name);
}

const field* next_named(const head& message, const field_key& key, const field* from) noexcept {
    const auto fields = message.fields();
    for (const auto* f = from; f != fields.data() + fields.size(); ++f)
        if (is_named(message, *f, key) && is_visible(*f)) return f;
    return nullptr;
}

// Apart, so that the usual case does not carry the large frame.
[[gnu::noinline]] pattern::verdict
ask_joined(const head& message, const field_key& key, const field* first, const text_test& test) noexcept {
    scratch_space space;
    const char separator = first->id == field_id::cookie ? ';' : ',';
    std::size_t size = 0;
    for (const auto* f = first; f; f = next_named(message, key, f + 1)) {
        const auto value = message.value(*f);
        if (size + value.size() + 2 > space.size()) return pattern::verdict::no_match;
        if (f != first) {
            space[size++] = separator;
            space[size++] = ' ';
        }
        value.copy(space.data() + size, value.size());
        size += value.size();
    }
    return test.ask({space.data(), size});
}

// The character at `at`, which moves past it.
char decode_next(std::string_view text, std::size_t& at) noexcept {
    const char c = text[at++];
    if (c == '+') return ' ';
    if (c != '%' || text.size() - at < 2) return c;
    const int high = hex_digit(text[at]);
    const int low = hex_digit(text[at + 1]);
    if (high < 0 || low < 0) return c;
    at += 2;
    return static_cast<char>(high * 16 + low);
}

bool is_plain(std::string_view text) noexcept {
    return text.find_first_of("%+") == std::string_view::npos;
}

bool decoded_equals(std::string_view raw, std::string_view wanted) noexcept {
    std::size_t at = 0;
    for (const char c : wanted) {
        if (at == raw.size() || decode_next(raw, at) != c) return false;
    }
    return at == raw.size();
}

// The value as it stands in the query; null view where there is none.
std::string_view find_raw(std::string_view query, std::string_view name) noexcept {
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto parameter = query.substr(0, end);
        const auto equals = parameter.find('=');
        if (!parameter.empty() && decoded_equals(parameter.substr(0, equals), name))
            return equals == std::string_view::npos ? std::string_view{""} : parameter.substr(equals + 1);
        if (end == std::string_view::npos) break;
        query.remove_prefix(end + 1);
    }
    return {};
}

std::string_view decode(std::string_view raw, std::span<char> scratch) noexcept {
    if (is_plain(raw)) return raw;
    std::size_t size = 0;
    for (std::size_t at = 0; at < raw.size() && size < scratch.size();)
        scratch[size++] = decode_next(raw, at);
    return {scratch.data(), size};
}

[[gnu::noinline]] bool test_decoded(std::string_view raw, const text_test& test) noexcept {
    scratch_space space;
    return test.holds(decode(raw, space));
}

std::string_view after_blanks(std::string_view text) noexcept {
    while (text.starts_with(' ')) text.remove_prefix(1);
    return text;
}

std::string_view find_in_line_as_nginx(std::string_view line, std::string_view name) noexcept {
    while (line.size() >= name.size() && !line.empty()) {
        if (iequals(line.substr(0, name.size()), name)) {
            const auto rest = after_blanks(line.substr(name.size()));
            if (rest.starts_with('=')) {
                const auto value = after_blanks(rest.substr(1));
                return value.substr(0, value.find(';'));
            }
        }
        const auto end = line.find_first_of(";,");
        if (end == std::string_view::npos) break;
        line = after_blanks(line.substr(end + 1));
    }
    return {};
}

std::string_view find_in_line(std::string_view line, std::string_view name, bool any_case) noexcept {
    while (const auto pair = next_element(line, ';')) {
        const auto equals = pair->find('=');
        if (equals == std::string_view::npos) continue;
        const auto found = trim_ows(pair->substr(0, equals));
        if (found == name || (any_case && iequals(found, name))) return trim_ows(pair->substr(equals + 1));
    }
    return {};
}

} // namespace

bool is_visible(const field& f) noexcept {
    return !f.dropped || f.id == field_id::connection || f.id == field_id::upgrade;
}

const field* find_field(const head& message, const field_key& key) noexcept {
    if (key.id != field_id::unknown && !key.any_dash && !message.has(key.id)) return nullptr;
    return next_named(message, key, message.fields().data());
}

field_key field_key::as_nginx(std::string_view spelled) {
    std::string name(spelled);
    for (auto& c : name) c = as_dash(c);
    field_key out(name);
    out.any_dash = true;
    return out;
}

pattern::verdict ask_field(const head& message, const field_key& key, const text_test& test) noexcept {
    const auto* first = find_field(message, key);
    if (!first) return test.ask({});
    if (next_named(message, key, first + 1)) return ask_joined(message, key, first, test);
    return test.ask(message.value(*first));
}

std::string_view find_cookie(const head& request, std::string_view name, bool any_case) noexcept {
    if (!request.has(field_id::cookie)) return {};
    for (const auto& f : request.fields()) {
        if (f.id != field_id::cookie || !is_visible(f)) continue;
        const auto value = find_in_line(request.value(f), name, any_case);
        if (value.data()) return value;
    }
    return {};
}

std::string_view find_cookie_as_nginx(const head& request, std::string_view name) noexcept {
    if (!request.has(field_id::cookie)) return {};
    for (const auto& f : request.fields()) {
        if (f.id != field_id::cookie || !is_visible(f)) continue;
        const auto value = find_in_line_as_nginx(request.value(f), name);
        if (value.data()) return value;
    }
    return {};
}

std::string_view find_query(std::string_view query, std::string_view name, std::span<char> scratch) noexcept {
    return decode(find_raw(query, name), scratch);
}

bool test_query(std::string_view query, std::string_view name, const text_test& test) noexcept {
    const auto raw = find_raw(query, name);
    return is_plain(raw) ? test.holds(raw) : test_decoded(raw, test);
}

} // namespace adit::http
