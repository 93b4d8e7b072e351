#include "http/chunked.hpp"

#include "http/octets.hpp"
#include "http/scanner.hpp"
#include "http/trailers.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace adit::http {

namespace {

constexpr int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

} // namespace

// chunk-size [ chunk-ext ] CRLF; the extension may quote (RFC 9112 §7.1.1).
refusal chunk_decoder::size_octet(char c) noexcept {
    if (++line_size_ >= max_line) return refusal::chunk_overhead; // the LF is still to come
    if (state_ == state::size) {
        if (const int digit = hex_value(c); digit >= 0) {
            if (++digits_ > 15) return refusal::bad_chunk; // 15 digits cannot overflow
            left_ = left_ << 4 | static_cast<unsigned>(digit);
            return refusal::none;
        }
        if (digits_ == 0) return refusal::bad_chunk;
        if (c == '\r')
            state_ = state::size_lf;
        else if (c == ';')
            state_ = state::extension;
        else if (c == ' ' || c == '\t')
            state_ = state::blank;
        else
            return refusal::bad_chunk;
        return refusal::none;
    }
    if (state_ == state::blank) { // white space belongs to the extension that must follow it
        if (c == ';')
            state_ = state::extension;
        else if (c != ' ' && c != '\t')
            return refusal::bad_chunk;
        return refusal::none;
    }
    if (escaped_) {
        escaped_ = false;
        return is_control(c) ? refusal::bad_chunk : refusal::none;
    }
    if (quoted_) {
        if (c == '\\')
            escaped_ = true;
        else if (c == '"')
            quoted_ = false;
        else if (is_control(c))
            return refusal::bad_chunk;
        return refusal::none;
    }
    if (c == '"')
        quoted_ = true;
    else if (c == '\r')
        state_ = state::size_lf;
    else if (is_control(c))
        return refusal::bad_chunk;
    return refusal::none;
}

// Without its CRLF, which goes into the text only behind a line that is kept.
refusal chunk_decoder::end_trailer_line() noexcept {
    if (trailer_at_ == trailer_line_) {
        state_ = state::done;
        kept_ = trailer_line_;
        return refusal::none;
    }
    const std::string_view line{
        trailers_.get() + trailer_line_, static_cast<std::size_t>(trailer_at_ - trailer_line_)};
    std::string_view name, value;
    if (parse_field_line(line, name, value) != refusal::none) return refusal::bad_trailer;
    if (forbidden_in_trailer(name)) {
        trailer_at_ = trailer_line_;
        return refusal::none;
    }
    trailers_[trailer_at_++] = '\r';
    trailers_[trailer_at_++] = '\n';
    trailer_line_ = trailer_at_;
    return refusal::none;
}

refusal chunk_decoder::trailer_octet(char c) noexcept {
    if (++trailer_size_ > max_trailers) return refusal::bad_trailer;
    if (carriage_return_) {
        carriage_return_ = false;
        return c == '\n' ? end_trailer_line() : refusal::bad_trailer;
    }
    if (c == '\r') {
        carriage_return_ = true;
        return refusal::none;
    }
    if (is_control(c)) return refusal::bad_trailer;
    if (!trailers_) trailers_.reset(new (std::nothrow) char[max_trailers]);
    if (!trailers_) return refusal::overloaded_memory;
    trailers_[trailer_at_++] = c;
    return refusal::none;
}

chunk_decoder::step chunk_decoder::decode(char* data, std::size_t size) noexcept {
    step out;
    std::size_t at = 0;
    while (at < size && state_ != state::done) {
        if (state_ == state::data) {
            const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size - at));
            if (out.payload != at) std::memmove(data + out.payload, data + at, take);
            out.payload += take;
            at += take;
            left_ -= take;
            carried_ += take;
            if (left_ == 0) state_ = state::data_cr;
            continue;
        }
        const char c = data[at++];
        auto reason = refusal::none;
        switch (state_) {
        case state::size:
        case state::blank:
        case state::extension:
            if (state_ != state::size && ++overhead_ > carried_ + overhead_allowance)
                reason = refusal::chunk_overhead;
            else
                reason = size_octet(c);
            break;
        case state::size_lf:
            if (c != '\n') reason = refusal::bad_chunk;
            state_ = left_ == 0 ? state::trailer : state::data;
            digits_ = 0;
            line_size_ = 0;
            break;
        case state::data_cr:
            if (c != '\r') reason = refusal::bad_chunk;
            state_ = state::data_lf;
            break;
        case state::data_lf:
            if (c != '\n') reason = refusal::bad_chunk;
            state_ = state::size;
            break;
        case state::trailer: reason = trailer_octet(c); break;
        case state::data:
        case state::done: break;
        }
        if (reason != refusal::none) {
            out.reason = reason;
            break;
        }
    }
    out.consumed = at;
    out.finished = state_ == state::done;
    return out;
}

} // namespace adit::http
