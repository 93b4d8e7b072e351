// Writes heads into memory that somebody else owns: append-only, bounded, no allocation.
#pragma once

#include "core/bytes.hpp"
#include "http/head.hpp"

#include <cstring>

namespace adit::http {

// Past the end of its memory a writer writes nothing more and says so in overflowed().
class writer {
public:
    writer(char* begin, std::size_t capacity) noexcept : begin_(begin), at_(begin), end_(begin + capacity) {}

    writer& operator<<(std::string_view text) noexcept {
        if (text.size() > static_cast<std::size_t>(end_ - at_)) {
            overflowed_ = true;
            end_ = at_;             // nothing that follows may fit
        } else if (!text.empty()) { // memcpy wants no null
            std::memcpy(at_, text.data(), text.size());
            at_ += text.size();
        }
        return *this;
    }
    writer& decimal(std::uint64_t value) noexcept;
    writer& hex(std::uint64_t value) noexcept;

    // "Name: value CRLF"
    writer& line(std::string_view name, std::string_view value) noexcept {
        return *this << name << ": " << value << "\r\n";
    }
    // Every field that is not dropped, in order, each in the one canonical form "Name: value".
    writer& kept_fields(const head& head) noexcept;

    std::string_view text() const noexcept { return {begin_, static_cast<std::size_t>(at_ - begin_)}; }
    bool overflowed() const noexcept { return overflowed_; }

private:
    char *begin_, *at_, *end_;
    bool overflowed_ = false;
};

} // namespace adit::http
