// A body on its way through: the coding it arrives in is taken off, the coding it leaves in is put on.
#pragma once

#include "http/chunked.hpp"
#include "http/framing.hpp"
#include "net/outgoing.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace adit::proxy {

class body_reader {
public:
    struct taken {
        std::string_view payload; // within the bytes given
        std::size_t consumed = 0; // of the bytes given; what is behind belongs to somebody else
        http::refusal reason = http::refusal::none;
    };

    void begin(http::body_kind kind, std::uint64_t length) noexcept {
        kind_ = kind;
        left_ = length;
        finished_ = kind == http::body_kind::none;
        if (kind == http::body_kind::chunked) decoder_.reset();
    }
    http::body_kind kind() const noexcept { return kind_; }
    bool finished() const noexcept { return finished_; }
    std::string_view trailers() const noexcept {
        return kind_ == http::body_kind::chunked ? decoder_.trailers() : std::string_view{};
    }

    // Works in place: `data` may be changed.
    taken take(char* data, std::size_t size) noexcept {
        switch (kind_) {
        case http::body_kind::none: return {};
        case http::body_kind::length: {
            const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size));
            left_ -= part;
            finished_ = left_ == 0;
            return {{data, part}, part};
        }
        case http::body_kind::chunked: {
            const auto step = decoder_.decode(data, size);
            finished_ = step.finished;
            return {{data, step.payload}, step.consumed, step.reason};
        }
        case http::body_kind::until_close: return {{data, size}, size};
        }
        return {};
    }

    // The sender closed. True if that ends the body properly.
    bool close() noexcept {
        if (kind_ == http::body_kind::until_close) finished_ = true;
        return finished_;
    }

private:
    http::body_kind kind_ = http::body_kind::none;
    bool finished_ = true;
    std::uint64_t left_ = 0;
    http::chunk_decoder decoder_;
};

// Chunks if asked to; otherwise the payload goes out as it is.
class body_writer {
public:
    void begin(bool chunked) noexcept { chunked_ = chunked; }

    // Adds `payload`, and the end of the body if this was the last of it; `trailers` are field lines or
    // nothing.
    void add(net::outgoing& out, std::string_view payload, bool last, std::string_view trailers) noexcept {
        if (!chunked_) {
            out.add(payload);
            return;
        }
        if (!payload.empty()) {
            auto* end = std::to_chars(size_line_, size_line_ + sizeof size_line_ - 2, payload.size(), 16).ptr;
            *end++ = '\r';
            *end++ = '\n';
            out.add({size_line_, static_cast<std::size_t>(end - size_line_)});
            out.add(payload);
        }
        if (!last) {
            if (!payload.empty()) out.add("\r\n");
        } else if (trailers.empty()) {
            out.add(payload.empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n");
        } else {
            out.add(payload.empty() ? "0\r\n" : "\r\n0\r\n");
            out.add(trailers);
            out.add("\r\n");
        }
    }

private:
    bool chunked_ = false;
    char size_line_[20];
};

} // namespace adit::proxy
