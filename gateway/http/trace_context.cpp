#include "http/trace_context.hpp"

#include "core/bytes.hpp"
#include "core/hex.hpp"

#include <algorithm>

namespace adit::http {

namespace {

// Places in a traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
constexpr std::size_t trace_at = 3, span_at = 36, flags_at = 53;
constexpr std::size_t longest_simple_key = 256, longest_tenant = 241, longest_system = 14;
constexpr std::size_t longest_value = 256;

// Lower case only (§3.2.2.3); nullopt for anything else.
std::optional<std::uint64_t> parse_hex(std::string_view digits) noexcept {
    std::uint64_t out = 0;
    for (const char c : digits) {
        const int value = c >= 'A' && c <= 'F' ? -1 : hex_digit(c);
        if (value < 0) return std::nullopt;
        out = out << 4 | static_cast<std::uint64_t>(value);
    }
    return out;
}

constexpr bool is_lower_alpha(char c) noexcept {
    return c >= 'a' && c <= 'z';
}

constexpr bool is_key_octet(char c) noexcept {
    return is_lower_alpha(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*' || c == '/';
}

// §3.3.2.2.1: a name, or tenant@system. Names may begin with a digit, as level 2 has it.
bool is_key(std::string_view text) noexcept {
    if (text.empty() || !(is_lower_alpha(text[0]) || (text[0] >= '0' && text[0] <= '9'))) return false;
    const auto at = text.find('@');
    const auto name = text.substr(0, at);
    if (!std::all_of(name.begin(), name.end(), is_key_octet)) return false;
    if (at == std::string_view::npos) return name.size() <= longest_simple_key;
    const auto system = text.substr(at + 1);
    return name.size() <= longest_tenant && !system.empty() && system.size() <= longest_system &&
           is_lower_alpha(system[0]) && std::all_of(system.begin(), system.end(), is_key_octet);
}

// §3.3.2.2.2. White space at its end has been taken off with that around the member.
bool is_value(std::string_view text) noexcept {
    return !text.empty() && text.size() <= longest_value && std::all_of(text.begin(), text.end(), [](char c) {
        return c >= ' ' && c <= '~' && c != ',' && c != '=';
    });
}

} // namespace

std::optional<trace_parent> parse_traceparent(std::string_view text) noexcept {
    constexpr auto size = trace_parent::text_size;
    if (text.size() < size || text[2] != '-' || text[span_at - 1] != '-' || text[flags_at - 1] != '-')
        return std::nullopt;
    const auto version = parse_hex(text.substr(0, 2));
    if (!version || *version == 0xff) return std::nullopt;
    if (text.size() > size && (*version == 0 || text[size] != '-')) return std::nullopt;
    const auto high = parse_hex(text.substr(trace_at, 16)), low = parse_hex(text.substr(trace_at + 16, 16));
    const auto span = parse_hex(text.substr(span_at, 16)), flags = parse_hex(text.substr(flags_at, 2));
    if (!high || !low || !span || !flags || (*high | *low) == 0 || *span == 0) return std::nullopt;
    constexpr std::uint8_t known = trace_parent::sampled_flag | trace_parent::random_flag;
    return trace_parent{*high, *low, *span, static_cast<std::uint8_t>(*flags & known)};
}

void write_traceparent(writer& out, const trace_parent& what) noexcept {
    char text[trace_parent::text_size] = {'0', '0', '-'};
    char* at = text + trace_at;
    const auto put = [&](std::uint64_t value) {
        write_hex(at, static_cast<std::uint32_t>(value >> 32));
        write_hex(at + 8, static_cast<std::uint32_t>(value));
        at += 16;
    };
    put(what.trace_high);
    put(what.trace_low);
    *at++ = '-';
    put(what.span);
    *at++ = '-';
    *at++ = '0';
    *at++ = static_cast<char>(
        '0' + (what.flags & 0x0f & (trace_parent::sampled_flag | trace_parent::random_flag))
    );
    out << std::string_view{text, sizeof text};
}

std::optional<trace_parent> read_traceparent(const head& from) noexcept {
    if (!from.has(field_id::traceparent)) return std::nullopt;
    const field* only = nullptr;
    for (const auto& f : from.fields()) {
        if (f.id != field_id::traceparent || f.dropped) continue;
        if (only) return std::nullopt;
        only = &f;
    }
    return only ? parse_traceparent(from.value(*only)) : std::nullopt;
}

bool read_tracestate(const head& from, std::string& out) {
    out.clear();
    if (!from.has(field_id::tracestate)) return true;
    const auto refuse = [&] { return out.clear(), false; };
    std::size_t members = 0, kept = 0;
    for (const auto& f : from.fields()) {
        if (f.id != field_id::tracestate || f.dropped) continue;
        auto list = from.value(f);
        while (const auto member = next_element(list)) {
            if (member->empty()) continue; // §3.3.1.1 allows it
            const auto cut = member->find('=');
            if (++members > max_trace_members || cut == std::string_view::npos) return refuse();
            const auto key = member->substr(0, cut);
            if (!is_key(key) || !is_value(member->substr(cut + 1))) return refuse();
            // The last one goes where the list is full and ours is not in it.
            if (key == own_trace_member || kept == max_trace_members - 1) continue;
            ++kept;
            if (!out.empty()) out += ',';
            out += *member;
        }
    }
    return true;
}

} // namespace adit::http
