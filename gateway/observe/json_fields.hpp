// Members of a JSON object, appended to a text as they come. For lines that are written by the thousand.
#pragma once

#include "core/json_escape.hpp"
#include "observe/exchange_record.hpp"

#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace adit::observe {

// Names are written as they are: they need no escape.
class json_fields {
public:
    explicit json_fields(std::string& out) : out_(out) {}

    void open() { before_ = '{'; }
    void open(std::string_view key) {
        name(key);
        before_ = '{';
    }
    void close() {
        if (before_ == '{') out_ += '{';
        out_ += '}';
        before_ = ',';
    }

    void text(std::string_view key, std::string_view value, bool cut = false) {
        name(key);
        out_ += '"';
        append_json_escaped(out_, value);
        out_ += cut ? "…\"" : "\"";
    }
    // null where it is empty.
    void text_or_null(std::string_view key, std::string_view value, bool cut = false) {
        value.empty() ? raw(key, "null") : text(key, value, cut);
    }
    void number(std::string_view key, std::uint64_t value) {
        name(key);
        append(value);
    }
    // Nanoseconds as milliseconds with three digits; null where it is negative.
    void milliseconds(std::string_view key, std::int64_t nanoseconds) {
        if (nanoseconds < 0) return raw(key, "null");
        name(key);
        thousandths((static_cast<std::uint64_t>(nanoseconds) + 500) / 1000);
    }
    // `value` thousandths.
    void decimal(std::string_view key, std::uint64_t value) {
        name(key);
        thousandths(value);
    }
    void hex(std::string_view key, std::span<const std::uint8_t> bytes) {
        name(key);
        out_ += '"';
        for (const auto one : bytes) {
            out_ += "0123456789abcdef"[one >> 4];
            out_ += "0123456789abcdef"[one & 15];
        }
        out_ += '"';
    }
    void raw(std::string_view key, std::string_view value) {
        name(key);
        out_ += value;
    }

private:
    void name(std::string_view key) {
        out_ += before_;
        before_ = ',';
        out_ += '"';
        out_ += key;
        out_ += "\":";
    }
    void append(std::uint64_t value) {
        char buffer[20];
        out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
    }
    void thousandths(std::uint64_t value) {
        append(value / 1000);
        const auto rest = value % 1000;
        if (rest == 0) return;
        const char digits[]{
            '.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
            static_cast<char>('0' + rest % 10)};
        out_.append(digits, rest % 10 != 0 ? 4 : rest % 100 != 0 ? 3 : 2);
    }

    std::string& out_;
    char before_ = '{';
};

} // namespace adit::observe
