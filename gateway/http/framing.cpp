#include "http/framing.hpp"

#include "core/ip.hpp"

#include <array>
#include <optional>

namespace adit::http {

namespace {

// Digits only; equal repeats, in a list or in several lines, count once (RFC 9112 §6.3 item 5).
bool merge_lengths(std::string_view list, std::optional<std::uint64_t>& merged) noexcept {
    bool any = false;
    while (auto element = next_element(list)) {
        const auto value = parse_decimal(*element);
        if (!value || (merged && *merged != *value)) return false;
        merged = value;
        any = true;
    }
    return any;
}

struct declared {
    std::optional<std::uint64_t> length;
    bool bad_length = false;
    bool encoded = false;
    bool bad_encoding = false;
};

declared read_declared(const head& head) noexcept {
    declared out;
    if (!head.has(field_id::content_length) && !head.has(field_id::transfer_encoding)) return out;
    for (const auto& f : head.fields()) {
        if (f.id == field_id::content_length) {
            if (!merge_lengths(head.value(f), out.length)) out.bad_length = true;
        } else if (f.id == field_id::transfer_encoding) {
            if (out.encoded || !iequals(head.value(f), "chunked")) out.bad_encoding = true;
            out.encoded = true;
        }
    }
    return out;
}

// unreserved / sub-delims of a reg-name, but for the comma: it would be two Host fields made one.
constexpr auto host_octets = [] {
    std::array<bool, 256> out{};
    for (unsigned c = '0'; c <= '9'; ++c) out[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c) out[c] = out[c - 0x20] = true;
    for (const char c : {'-', '.', '_', '~', '!', '$', '&', '\'', '(', ')', '*', '+', ';', '='})
        out[static_cast<unsigned char>(c)] = true;
    return out;
}();

constexpr bool is_hex_digit(char c) noexcept {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
}

// Where the host that begins `authority` ends; 0 where there is no valid one.
std::size_t reg_name_end(std::string_view authority) noexcept {
    std::size_t at = 0;
    while (at < authority.size()) {
        if (host_octets[static_cast<unsigned char>(authority[at])])
            ++at;
        else if (authority[at] != '%')
            break;
        else if (at + 2 < authority.size() && is_hex_digit(authority[at + 1]) && is_hex_digit(authority[at + 2]))
            at += 3;
        else
            return 0;
    }
    return at;
}

// "[" IPv6address "]"; no zone, and no IPvFuture, of which there is none.
std::size_t ip_literal_end(std::string_view authority) noexcept {
    const auto closing = authority.find(']');
    if (closing == std::string_view::npos) return 0;
    const auto address = authority.substr(1, closing - 1);
    return address.find(':') != std::string_view::npos && parse_ip(address) ? closing + 1 : 0;
}

} // namespace

framing request_framing(const request_head& head) noexcept {
    const auto seen = read_declared(head);
    if (seen.encoded) {
        if (seen.length || seen.bad_length) return {.reason = refusal::length_and_encoding};
        if (head.minor_version == 0) return {.reason = refusal::encoding_in_http10};
        if (seen.bad_encoding) return {.reason = refusal::bad_transfer_encoding};
        return {.kind = body_kind::chunked};
    }
    if (seen.bad_length) return {.reason = refusal::bad_content_length};
    if (!seen.length || *seen.length == 0) return {};
    return {.kind = body_kind::length, .length = *seen.length};
}

response_frame response_framing(const response_head& head, method verb) noexcept {
    response_frame out;
    const auto seen = read_declared(head);
    if (seen.bad_length || seen.bad_encoding || (seen.encoded && seen.length) ||
        (seen.encoded && head.minor_version == 0)) {
        out.reason = refusal::bad_response;
        return out;
    }
    out.has_length = seen.length.has_value();
    out.length = seen.length.value_or(0);
    if (head.status < 200 || head.status == 204 || head.status == 304 || verb == method::head) return out;
    if (seen.encoded)
        out.kind = body_kind::chunked;
    else if (seen.length)
        out.kind = *seen.length == 0 ? body_kind::none : body_kind::length;
    else
        out.kind = body_kind::until_close;
    return out;
}

bool valid_authority(std::string_view authority) noexcept {
    const auto host_end =
        !authority.empty() && authority.front() == '[' ? ip_literal_end(authority) : reg_name_end(authority);
    if (host_end == 0) return false;
    if (host_end == authority.size()) return true;
    if (authority[host_end] != ':') return false;
    const auto port = authority.substr(host_end + 1);
    if (port.empty()) return true; // "host:" is allowed by RFC 3986 §3.2.3
    const auto number = parse_decimal(port);
    return number && *number <= 65'535 && port.size() <= 5;
}

refusal check_request(const request_head& head) noexcept {
    if (head.verb == method::connect || head.verb == method::trace) return refusal::method_not_allowed;
    const auto* host = head.find(field_id::host);
    if (!host && head.minor_version >= 1) return refusal::missing_host;
    if (host && !valid_authority(head.value(*host))) return refusal::bad_host;
    if (head.absolute_form && !valid_authority(head.authority())) return refusal::bad_host;
    return refusal::none;
}

} // namespace adit::http
