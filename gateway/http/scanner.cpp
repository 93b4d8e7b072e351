#include "http/scanner.hpp"

#include "http/octets.hpp"

#include <cstring>
#include <type_traits>

namespace adit::http {

namespace {

constexpr std::uint32_t max_blank_bytes = 8; // empty lines before a request: a few, not a flood

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// "HTTP/" DIGIT "." DIGIT (RFC 9112 §2.3). A higher minor version is answered as 1.1 (RFC 9110 §2.5).
refusal parse_version(std::string_view text, std::uint8_t& minor) noexcept {
    if (text.size() != 8 || text.substr(0, 5) != "HTTP/" || !is_digit(text[5]) || text[6] != '.' ||
        !is_digit(text[7]))
        return refusal::bad_version;
    if (text[5] != '1') return refusal::unsupported_version;
    minor = text[7] == '0' ? 0 : 1;
    return refusal::none;
}

constexpr std::uint16_t narrow(std::size_t value) noexcept {
    return static_cast<std::uint16_t>(value);
}

} // namespace

refusal parse_field_line(std::string_view line, std::string_view& name, std::string_view& value) noexcept {
    const auto size = token_size(line);
    if (size == line.size()) return refusal::missing_colon;
    if (line[size] != ':') {
        if (line[size] != ' ' && line[size] != '\t') return refusal::bad_field_name;
        if (size == 0) return refusal::folded_field;
        return line.find(':') == std::string_view::npos ? refusal::missing_colon
                                                        : refusal::space_before_colon;
    }
    if (size == 0) return refusal::bad_field_name;
    name = line.substr(0, size);
    value = trim_ows(line.substr(size + 1));
    return refusal::none;
}

bool head_scanner::field_line(
    head& into, std::uint32_t at, std::string_view line, const head_limits& limits
) noexcept {
    std::string_view name, value;
    if (const auto reason = parse_field_line(line, name, value); reason != refusal::none) {
        refusal_ = reason;
        return false;
    }
    field f;
    f.name_at = narrow(at);
    f.name_size = narrow(name.size());
    f.value_at = narrow(at + static_cast<std::size_t>(value.data() - line.data()));
    f.value_size = narrow(value.size());
    f.id = parse_field_id(name);
    if (into.fields().size() >= limits.fields || !into.add(f)) {
        refusal_ = refusal::too_many_fields;
        return false;
    }
    return true;
}

bool head_scanner::split_target(request_head& head) noexcept {
    const auto target = head.target();
    std::size_t path_at = 0;
    if (target == "*") { // asterisk-form is for a server-wide OPTIONS (RFC 9112 §3.2.4)
        head.path_at = head.target_at;
        head.path_size = 1;
        return head.verb == method::options;
    }
    if (target.front() != '/') {
        if (head.verb == method::connect) return true; // authority-form; refused later, by its method
        // absolute-form (RFC 9112 §3.2.2): its authority replaces Host
        std::size_t authority_at = 0;
        if (iequals(target.substr(0, 7), "http://"))
            authority_at = 7;
        else if (iequals(target.substr(0, 8), "https://"))
            authority_at = 8;
        else
            return false;
        path_at = target.find_first_of("/?", authority_at);
        if (path_at == std::string_view::npos) path_at = target.size();
        if (path_at == authority_at) return false;
        head.absolute_form = true;
        head.authority_at = narrow(head.target_at + authority_at);
        head.authority_size = narrow(path_at - authority_at);
    }
    const auto question = target.find('?', path_at);
    head.has_query = question != std::string_view::npos;
    const auto path_end = head.has_query ? question : target.size();
    head.path_at = narrow(head.target_at + path_at);
    head.path_size = narrow(path_end - path_at);
    if (head.has_query) {
        head.query_at = narrow(head.target_at + question + 1);
        head.query_size = narrow(target.size() - question - 1);
    }
    return true;
}

bool head_scanner::first_line(request_head& head, std::string_view line) noexcept {
    const auto size = token_size(line);
    const auto fail = [&](http::refusal reason) {
        refusal_ = reason;
        return false;
    };
    if (size == 0 || size == line.size()) return fail(refusal::bad_request_line);
    if (line[size] != ' ') return fail(refusal::bad_method);
    head.method_size = narrow(size);
    head.verb = parse_method(line.substr(0, size));
    const auto target_at = size + 1;
    const auto space = line.find(' ', target_at);
    if (space == std::string_view::npos || space == target_at) return fail(refusal::bad_request_line);
    const auto target = line.substr(target_at, space - target_at);
    if (const auto reason = parse_version(line.substr(space + 1), head.minor_version);
        reason != refusal::none)
        return fail(reason);
    if (target.find('\t') != std::string_view::npos) return fail(refusal::bad_target);
    if (target.find('#') != std::string_view::npos) return fail(refusal::fragment_in_target);
    head.target_at = narrow(target_at);
    head.target_size = narrow(target.size());
    return split_target(head) || fail(refusal::bad_target);
}

bool head_scanner::first_line(response_head& head, std::string_view line) noexcept {
    refusal_ = refusal::bad_response;
    // status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 §4); the second SP is often
    // forgotten.
    if (line.size() < 12 || line[8] != ' ' || !is_digit(line[9]) || !is_digit(line[10]) ||
        !is_digit(line[11]))
        return false;
    if (parse_version(line.substr(0, 8), head.minor_version) != refusal::none) return false;
    if (line.size() > 12 && line[12] != ' ') return false;
    head.status =
        static_cast<std::uint16_t>((line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'));
    if (head.status < 100 || head.status > 599) return false; // RFC 9110 §15: others are invalid
    head.reason_at = narrow(line.size() > 13 ? 13 : line.size());
    head.reason_size = narrow(line.size() > 13 ? line.size() - 13 : 0);
    refusal_ = refusal::none;
    return true;
}

template <class Head>
progress head_scanner::scan_lines(Head& head, std::string_view bytes, const head_limits& limits) noexcept {
    head.rebase(bytes.data());
    const char* const begin = bytes.data();
    const char* const end = begin + bytes.size();
    for (;;) {
        const char* const line_begin = begin + line_;
        const char* const stop = find_control(begin + searched_, end);
        const auto line_size = static_cast<std::size_t>(stop - line_begin);
        if (!in_fields_ && line_size > limits.first_line) return refuse(refusal::request_line_too_long);
        // With the CRLF that must still come: `more` is never said of a buffer that holds limits.head bytes.
        const auto next = line_ + static_cast<std::uint32_t>(line_size) + 2;
        if (next > limits.head) return refuse(refusal::head_too_large);
        searched_ = static_cast<std::uint32_t>(stop - begin);
        if (stop == end) return progress::more;
        if (*stop == '\n') return refuse(refusal::bare_line_feed);
        if (*stop != '\r') return refuse(refusal::control_character);
        if (stop + 1 == end) return progress::more;
        if (stop[1] != '\n') return refuse(refusal::bare_carriage_return);

        const std::string_view line{line_begin, line_size};
        if (!in_fields_) {
            if (!first_line(head, line)) return progress::refused;
            in_fields_ = true;
        } else if (line.empty()) {
            head.size = next;
            return progress::done;
        } else {
            const bool had_host = head.has(field_id::host);
            if (!field_line(head, line_, line, limits)) return progress::refused;
            if (std::is_same_v<Head, request_head> && had_host && head.fields().back().id == field_id::host)
                return refuse(refusal::repeated_host);
        }
        line_ = searched_ = next;
    }
}

progress head_scanner::scan(request_head& head, std::string_view bytes, const head_limits& limits) noexcept {
    if (!started_) {
        while (bytes.size() >= skipped_ + 2 && bytes[skipped_] == '\r' && bytes[skipped_ + 1] == '\n') {
            skipped_ += 2;
            if (skipped_ > max_blank_bytes) return refuse(refusal::bad_request_line);
        }
        bytes.remove_prefix(skipped_);
        if (bytes.empty() || bytes == "\r") return progress::more;
        started_ = true;
    } else {
        bytes.remove_prefix(skipped_);
    }
    const auto outcome = scan_lines(head, bytes, limits);
    if (outcome == progress::done && !head.absolute_form) {
        if (const auto* host = head.find(field_id::host)) {
            head.authority_at = host->value_at;
            head.authority_size = host->value_size;
        }
    }
    return outcome;
}

progress head_scanner::scan(response_head& head, std::string_view bytes, const head_limits& limits) noexcept {
    started_ = started_ || !bytes.empty();
    const auto outcome = scan_lines(head, bytes, limits);
    if (outcome == progress::refused) refusal_ = refusal::bad_response;
    return outcome;
}

} // namespace adit::http
