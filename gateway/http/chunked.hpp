// Takes the chunked transfer coding off a body as it arrives (RFC 9112 §7.1), strictly and in place.
#pragma once

#include "http/refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace adit::http {

// Extensions are read, bounded and dropped. The trailer section is collected so that the caller may pass it
// on.
class chunk_decoder {
public:
    struct step {
        std::size_t consumed = 0; // bytes of the coded input that are done with
        std::size_t payload = 0;  // bytes of payload, moved to the front of the input
        bool finished = false;    // the last chunk and the trailer section were read
        http::refusal reason = http::refusal::none;
    };

    // Decodes what it can of data[0, size) and compacts the payload to data[0, payload). Bytes after
    // `consumed` belong to what follows the body when `finished`; otherwise all bytes are consumed.
    step decode(char* data, std::size_t size) noexcept;

    // Field lines of the trailer section, each with its CRLF, valid once finished. Framing, routing and
    // authentication fields (RFC 9110 §6.5.1) and malformed lines never are among them.
    std::string_view trailers() const noexcept { return {trailers_.get(), kept_}; }

    void reset() noexcept {
        auto room = std::move(trailers_);
        *this = chunk_decoder{};
        trailers_ = std::move(room);
    }

    static constexpr std::size_t max_line = 256;      // size, extensions and CRLF of one chunk
    static constexpr std::size_t max_trailers = 2048; // the whole trailer section, kept or dropped
    // Extensions may exceed the payload by this much in all; then they are an attack on our patience.
    static constexpr std::uint64_t overhead_allowance = 16 * 1024;

private:
    enum class state : std::uint8_t {
        size,
        blank,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer,
        done
    };

    refusal size_octet(char c) noexcept;
    refusal trailer_octet(char c) noexcept;
    refusal end_trailer_line() noexcept;

    state state_ = state::size;
    std::uint8_t digits_ = 0;
    bool quoted_ = false, escaped_ = false, carriage_return_ = false;
    std::uint16_t line_size_ = 0;    // octets of the current size line
    std::uint16_t trailer_size_ = 0; // octets of the trailer section so far
    std::uint16_t trailer_line_ = 0; // where the current trailer line begins in trailers_
    std::uint16_t trailer_at_ = 0;
    std::uint16_t kept_ = 0;
    std::uint64_t left_ = 0; // octets of the current chunk still to come
    std::uint64_t overhead_ = 0, carried_ = 0;
    // Most bodies end without a trailer field: taken with the first octet of one, and kept then.
    std::unique_ptr<char[]> trailers_;
};

} // namespace adit::http
