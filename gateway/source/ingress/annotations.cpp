#include "source/ingress/annotations.hpp"

#include "core/bytes.hpp"
#include "model/suggest.hpp"

#include <algorithm>
#include <charconv>

namespace adit::source::ingress {

namespace {

std::string_view trim_space(std::string_view text) noexcept {
    constexpr std::string_view space = " \t\r\n\v\f";
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

bool is_plain(char c) noexcept {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("/-._~: ").find(c) != std::string_view::npos;
}

} // namespace

std::optional<bool> go_bool(std::string_view text) noexcept {
    for (const auto* word : {"1", "t", "T", "TRUE", "true", "True"})
        if (text == word) return true;
    for (const auto* word : {"0", "f", "F", "FALSE", "false", "False"})
        if (text == word) return false;
    return std::nullopt;
}

std::optional<std::int64_t> go_atoi(std::string_view text) noexcept {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return std::nullopt;
    }
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

std::optional<decimal> parse_fraction(std::string_view text) noexcept {
    constexpr std::size_t most_digits = 6;
    const auto dot = text.find('.');
    const auto whole = go_atoi(text.substr(0, dot));
    if (!whole || *whole > 1'000'000'000 || *whole < -1'000'000'000) return std::nullopt;
    if (dot == std::string_view::npos) return decimal{*whole, 1};
    const auto rest = text.substr(dot + 1);
    const auto digits = parse_decimal(rest);
    if (!digits || rest.size() > most_digits || *whole < 0 || text.starts_with('-')) return std::nullopt;
    decimal out;
    for (std::size_t i = 0; i < rest.size(); ++i) out.scale *= 10;
    out.part = *whole * out.scale + static_cast<std::int64_t>(*digits);
    return out;
}

bool is_basic(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), is_plain);
}

bool is_pattern(std::string_view text) noexcept {
    constexpr std::string_view marks = "^$[](){}*+?|&=\\";
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return c != ' ' && (is_plain(c) || marks.find(c) != std::string_view::npos);
    });
}

annotation_reader::annotation_reader(const cluster::ingress& of, std::string_view prefix, complaints& out)
    : of_(of), prefix_(std::string(prefix) + '/'), out_(out) {}

const cluster::note* annotation_reader::find(std::string_view name) const {
    return cluster::find_note(of_.meta.annotations, prefix_ + std::string(name));
}

std::optional<std::string_view> annotation_reader::raw(std::string_view name) const {
    const auto* found = find(name);
    return found ? std::optional<std::string_view>(found->value) : std::nullopt;
}

std::optional<std::string> annotation_reader::text(std::string_view name) const {
    const auto* found = find(name);
    if (!found) return std::nullopt;
    std::string out;
    std::string_view rest = found->value;
    for (bool first = true;; first = false) {
        const auto end = rest.find('\n');
        if (!first) out += '\n';
        out += trim_space(rest.substr(0, end));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    if (out.empty()) return std::nullopt;
    return out;
}

std::vector<std::string> annotation_reader::list(std::string_view name) const {
    std::vector<std::string> out;
    const auto written = text(name);
    std::string_view rest = written ? std::string_view(*written) : std::string_view{};
    while (const auto item = next_element(rest))
        if (const auto bare = trim_space(*item); !bare.empty()) out.emplace_back(bare);
    return out;
}

std::optional<bool> annotation_reader::flag(std::string_view name) const {
    const auto written = raw(name);
    if (!written) return std::nullopt;
    const auto out = go_bool(*written);
    if (!out) warn(name, '`' + std::string(*written) + "` is neither true nor false, and ignored");
    return out;
}

std::optional<std::int64_t> annotation_reader::number(std::string_view name) {
    const auto written = raw(name);
    if (!written || written->empty()) return std::nullopt;
    const auto out = go_atoi(*written);
    if (!out) refuse(name, '`' + std::string(*written) + "` is no whole number");
    return out;
}

complaint annotation_reader::about(std::string_view name, complaint::severity level) const {
    complaint out;
    out.level = level;
    out.at = of_.meta.at;
    if (const auto* found = find(name); found && found->line > 0) {
        out.at.line = found->line;
        out.at.column = found->column;
    }
    out.key = "Ingress " + of_.meta.key() + ": " + prefix_ + std::string(name);
    return out;
}

void annotation_reader::refuse(std::string_view name, std::string message, std::string hint) {
    auto one = about(name, complaint::severity::error);
    one.message = std::move(message);
    one.hint = hint.empty() ? "the last good version of the object stays in force" : std::move(hint);
    out_.push_back(std::move(one));
    refused_ = true;
}

void annotation_reader::warn(std::string_view name, std::string message, std::string hint) const {
    auto one = about(name, complaint::severity::warning);
    one.message = std::move(message);
    one.hint = std::move(hint);
    out_.push_back(std::move(one));
}

void annotation_reader::warn_of_unsupported() const {
    for (const auto& one : of_.meta.annotations) {
        if (!one.name.starts_with(prefix_)) continue;
        const auto name = std::string_view(one.name).substr(prefix_.size());
        const auto* known = find_annotation(name);
        if (known && known->how != support::no) continue;
        if (known) {
            warn(name, "the annotation is not supported, and ignored", std::string(known->note));
            continue;
        }
        std::vector<std::string_view> names;
        for (const auto& each : known_annotations()) names.push_back(each.name);
        const auto near = model::nearest(name, names);
        warn(
            name, "ingress-nginx knows no such annotation",
            near ? "did you mean " + std::string(*near) + '?' : ""
        );
    }
}

} // namespace adit::source::ingress
