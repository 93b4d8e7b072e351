#include "http/writer.hpp"

#include <charconv>
#include <iterator>

namespace adit::http {

namespace {

// Whether the bytes received are already "Name: value" with nothing around: most are, and runs of them are
// copied at one go.
bool is_canonical(const head& head, const field& f) noexcept {
    const char* colon = head.base() + f.name_at + f.name_size;
    return f.value_at == f.name_at + f.name_size + 2 && colon[1] == ' ' &&
           head.base()[f.value_at + f.value_size] == '\r';
}

} // namespace

// Most have three digits: to count them first, as std::to_chars() does, costs more than to turn them round.
writer& writer::decimal(std::uint64_t value) noexcept {
    char digits[20];
    char* at = std::end(digits);
    do *--at = static_cast<char>('0' + value % 10);
    while ((value /= 10) != 0);
    return *this << std::string_view{at, static_cast<std::size_t>(std::end(digits) - at)};
}

writer& writer::hex(std::uint64_t value) noexcept {
    char digits[16];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value, 16);
    return *this << std::string_view{digits, static_cast<std::size_t>(end - digits)};
}

writer& writer::kept_fields(const head& head) noexcept {
    std::size_t run_at = 0, run_end = 0;
    const auto flush = [&] {
        if (run_end > run_at) *this << std::string_view{head.base() + run_at, run_end - run_at};
        run_at = run_end = 0;
    };
    for (const auto& f : head.fields()) {
        if (f.dropped) continue;
        if (is_canonical(head, f)) {
            if (f.name_at != run_end || run_end == 0) {
                flush();
                run_at = f.name_at;
            }
            run_end = f.value_at + f.value_size + 2U;
        } else {
            flush();
            line(head.name(f), head.value(f));
        }
    }
    flush();
    return *this;
}

} // namespace adit::http
