#include "admin/json_text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace adit::admin {
namespace {

namespace json = boost::json;

class writer {
public:
    explicit writer(layout as) : indented_(as == layout::indented) {}

    void write(const json::value& value, int depth) {
        if (const auto* object = value.if_object()) {
            write_all('{', '}', *object, depth, [&](const json::key_value_pair& one) {
                out_ += json::serialize(one.key());
                out_ += indented_ ? ": " : ":";
                write(one.value(), depth + 1);
            });
        } else if (const auto* array = value.if_array()) {
            write_all('[', ']', *array, depth, [&](const json::value& one) { write(one, depth + 1); });
        } else if (const auto* number = value.if_double()) {
            out_ += number_text(*number);
        } else {
            out_ += json::serialize(value);
        }
    }

    std::string take() { return std::move(out_); }

private:
    template <class Container, class Each>
    void write_all(char open, char close, const Container& all, int depth, Each each) {
        out_ += open;
        bool first = true;
        for (const auto& one : all) {
            if (!first) out_ += ',';
            first = false;
            new_line(depth + 1);
            each(one);
        }
        if (!first) new_line(depth);
        out_ += close;
    }

    void new_line(int depth) {
        if (!indented_) return;
        out_ += '\n';
        out_.append(static_cast<std::size_t>(depth) * 2, ' ');
    }

    bool indented_;
    std::string out_;
};

} // namespace

std::string number_text(double value) {
    if (!std::isfinite(value)) return "null";
    char text[400]; // fixed notation of the largest double has 309 digits
    const bool readable = std::abs(value) < 1e15 && (value == 0 || std::abs(value) >= 1e-6);
    const auto end =
        std::to_chars(
            text, text + sizeof text, value, readable ? std::chars_format::fixed : std::chars_format::general
        )
            .ptr;
    return {text, end};
}

std::string json_text(const json::value& value, layout as) {
    writer out(as);
    out.write(value, 0);
    return out.take();
}

std::pair<int, int> line_and_column(std::string_view text, std::size_t offset) {
    const auto before = text.substr(0, std::min(offset, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto last_break = before.rfind('\n');
    const auto column = 1 + (last_break == before.npos ? before.size() : before.size() - last_break - 1);
    return {static_cast<int>(line), static_cast<int>(column)};
}

} // namespace adit::admin
