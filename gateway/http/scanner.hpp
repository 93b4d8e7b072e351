// Reads the head of a message, strictly, as the bytes arrive (RFC 9112 §2–5). What it accepts it indexes;
// what it does not accept it names. Lines are judged as soon as they are whole, so a bad one is refused
// before the head has ended.
#pragma once

#include "http/head.hpp"
#include "http/refusal.hpp"

namespace adit::http {

struct head_limits {
    std::uint32_t first_line = 8 * 1024;
    std::uint32_t head = 32 * 1024; // at most 65,535: offsets are 16 bit
    std::uint32_t fields = max_fields;
};

enum class progress : std::uint8_t { more, done, refused };

// One scanner reads one head: construct, then call scan() with all the bytes of the head each time that more
// have come, from the same first byte on. The bytes may have moved in between. After `done`, head.size bytes
// from skipped() on were the head. After `refused`, refusal() says why and the bytes are worthless. The
// verdict does not depend on how the bytes were cut. `more` means that fewer than skipped() + limits.head
// bytes were given: a buffer that large never fills up without a verdict.
class head_scanner {
public:
    progress scan(request_head& head, std::string_view bytes, const head_limits& limits) noexcept;
    progress scan(response_head& head, std::string_view bytes, const head_limits& limits) noexcept;

    http::refusal refusal() const noexcept { return refusal_; }
    // Empty lines before a request line, in bytes (RFC 9112 §2.2).
    std::uint32_t skipped() const noexcept { return skipped_; }
    // True once a byte of the head itself was seen.
    bool started() const noexcept { return started_; }

private:
    template <class Head>
    progress scan_lines(Head& head, std::string_view bytes, const head_limits& limits) noexcept;
    progress refuse(http::refusal reason) noexcept {
        refusal_ = reason;
        return progress::refused;
    }
    bool first_line(request_head& head, std::string_view line) noexcept;
    bool first_line(response_head& head, std::string_view line) noexcept;
    bool split_target(request_head& head) noexcept;
    bool field_line(head& into, std::uint32_t at, std::string_view line, const head_limits& limits) noexcept;

    std::uint32_t skipped_ = 0;
    std::uint32_t line_ = 0;     // where the current line begins, counted from the head's first byte
    std::uint32_t searched_ = 0; // how far the current line is known to be free of controls
    http::refusal refusal_ = http::refusal::none;
    bool started_ = false;
    bool in_fields_ = false;
};

// One trailer or header field line without its CRLF. Used for trailers; heads go through the scanner.
// Returns none, or why the line is refused; on none, name and value are views into `line`.
refusal parse_field_line(std::string_view line, std::string_view& name, std::string_view& value) noexcept;

} // namespace adit::http
