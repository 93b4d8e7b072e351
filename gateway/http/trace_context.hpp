// The trace that a request belongs to, as it is told in fields: W3C Trace Context. Nothing here draws ids or
// decides what is recorded.
#pragma once

#include "http/writer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adit::http {

// The value of a traceparent field (§3.2): which trace, which span of it the request comes from. Ids are
// numbers as their digits are read.
struct trace_parent {
    static constexpr std::uint8_t sampled_flag = 0x01;
    static constexpr std::uint8_t random_flag = 0x02; // level 2: the trace id is random; passed on as it came
    static constexpr std::size_t text_size = 55;      // bytes

    std::uint64_t trace_high = 0, trace_low = 0; // never both 0 in a valid one
    std::uint64_t span = 0;                      // never 0 in a valid one
    std::uint8_t flags = 0;

    bool sampled() const noexcept { return (flags & sampled_flag) != 0; }
    bool operator==(const trace_parent&) const = default;
};

// nullopt for anything that is not valid: version ff, ids of zeros, capitals, another length. Of versions
// above 00 the parts that version 00 has are read, whatever follows behind a further '-'. Flags that are
// unknown are taken off.
std::optional<trace_parent> parse_traceparent(std::string_view text) noexcept;
// In version 00.
void write_traceparent(writer& out, const trace_parent& what) noexcept;

// The context of a request. nullopt where there is none that is valid: more than one field is not, and fields
// marked as dropped do not count.
std::optional<trace_parent> read_traceparent(const head& from) noexcept;

// What other systems have written into tracestate (§3.3).
inline constexpr std::size_t max_trace_members = 32;
inline constexpr std::string_view own_trace_member = "adit";

// Puts the members of all tracestate fields into `out`, in order, separated by commas, without the one of
// Adit's own, and no more than leave a place for a new one. False, with nothing in `out`, where a member is
// malformed or there are more than 32: such a list is not passed on, but the trace goes on. Allocates only
// where `out` is too small.
bool read_tracestate(const head& from, std::string& out);

} // namespace adit::http
