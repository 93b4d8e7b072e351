#include "source/file/value.hpp"

#include "core/bytes.hpp"
#include "model/units.hpp"
#include "source/file/read.hpp"

#include <algorithm>
#include <limits>

namespace adit::source {

namespace {

constexpr std::size_t max_visits = 2 * max_yaml_nodes; // more can only come of aliases in aliases
constexpr std::size_t max_problems = 10'000;           // a file with more is not worth reading on
constexpr std::size_t longest_quote = 60;              // bytes of a value that a complaint repeats

std::string excerpt(std::string_view text) {
    std::string out = "`";
    for (const char c : text.substr(0, longest_quote)) out += c == '\n' ? ' ' : c;
    if (text.size() > longest_quote) out += "…";
    return out + '`';
}

std::string describe(const node& what) {
    switch (what.what) {
    case node::kind::nothing: return "nothing";
    case node::kind::list: return "a list";
    case node::kind::map: return "a map";
    case node::kind::scalar: break;
    }
    return (what.quoted ? "the text " : "") + excerpt(what.text);
}

bool is_any(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](auto word) { return iequals(word, text); });
}

} // namespace

value::value(desk& shared, const node& root, std::string path)
    : desk_(&shared),
      node_(&root),
      path_(std::move(path)),
      line_(std::max(root.line, 1)),
      column_(std::max(root.column, 1)) {}

value::value(const value& parent, const node& what, std::string key, std::string path, int line, int column)
    : desk_(parent.desk_),
      node_(&what),
      key_(std::move(key)),
      path_(std::move(path)),
      line_(line),
      column_(column) {
    if (++desk_->visits <= max_visits) return;
    complain("aliases unfold to more than " + std::to_string(max_visits) + " values", "write fewer of them");
    throw reading_stopped{};
}

void value::complain(std::string message, std::string hint, complaint::severity level) const {
    desk_->problems.push_back({level, at(), key_, std::move(message), std::move(hint)});
    if (desk_->problems.size() >= max_problems) throw reading_stopped{};
}

void value::complain_kind(std::string_view wanted, std::string hint) const {
    complain(std::string(wanted) + " is wanted, not " + describe(*node_), std::move(hint));
}

std::optional<std::string> value::text() const {
    if (node_->what == node::kind::scalar) return node_->text;
    const bool lone = node_->what == node::kind::list && node_->items.size() == 1 &&
                      node_->items[0]->what == node::kind::scalar;
    complain_kind("text", lone ? "write " + node_->items[0]->text + " without the list around it" : "");
    return std::nullopt;
}

std::optional<bool> value::flag() const {
    if (node_->what == node::kind::scalar && !node_->quoted) {
        if (is_any(node_->text, {"true"})) return true;
        if (is_any(node_->text, {"false"})) return false;
    }
    std::string hint;
    if (node_->what == node::kind::scalar) {
        if (is_any(node_->text, {"yes", "on", "y", "1"})) hint = "write true";
        if (is_any(node_->text, {"no", "off", "n", "0"})) hint = "write false";
        if (is_any(node_->text, {"true", "false"})) hint = "write it without quotes";
    }
    complain_kind("true or false", hint);
    return std::nullopt;
}

bool value::only_true() const {
    const auto got = flag();
    if (got && !*got) complain("only true can be said here", "leave the key out instead");
    return got.value_or(false);
}

std::optional<std::uint32_t> value::number() const {
    if (node_->what == node::kind::scalar && !node_->quoted)
        if (const auto got = parse_decimal(node_->text);
            got && *got <= std::numeric_limits<std::uint32_t>::max())
            return static_cast<std::uint32_t>(*got);
    const bool only_quotes = node_->what == node::kind::scalar && node_->quoted && parse_decimal(node_->text);
    complain_kind("a whole number", only_quotes ? "write it without quotes" : "");
    return std::nullopt;
}

std::optional<std::uint64_t> value::size() const {
    if (node_->what != node::kind::scalar) {
        complain_kind("a size", "e.g. 8KiB");
        return std::nullopt;
    }
    model::fault why;
    const auto got = model::parse_size(node_->text, &why);
    if (!got) complain(std::move(why.message), std::move(why.hint));
    return got;
}

std::optional<std::chrono::milliseconds> value::duration() const {
    if (node_->what != node::kind::scalar) {
        complain_kind("a duration", "e.g. 30s");
        return std::nullopt;
    }
    model::fault why;
    const auto got = model::parse_duration(node_->text, &why);
    if (!got) complain(std::move(why.message), std::move(why.hint));
    return got;
}

std::optional<ip_prefix> value::prefix() const {
    const auto words = text();
    if (!words) return std::nullopt;
    const auto got = parse_prefix(*words);
    if (got) return got;
    const bool port = words->find(':') != std::string::npos && words->find('.') != std::string::npos;
    complain(
        excerpt(*words) + " is neither an IP address nor a prefix",
        port ? "leave the port out" : "e.g. 10.0.0.0/8, 192.0.2.7 or fd00::/8"
    );
    return std::nullopt;
}

std::vector<value> value::items(bool lone_scalar) const {
    std::vector<value> out;
    if (node_->what == node::kind::list) {
        out.reserve(node_->items.size());
        for (std::size_t i = 0; i < node_->items.size(); ++i) {
            const auto& one = *node_->items[i];
            out.push_back(
                value(*this, one, key_ + '[' + std::to_string(i) + ']', path_ + "[]", one.line, one.column)
            );
        }
        return out;
    }
    if (node_->what == node::kind::scalar && lone_scalar) return {*this};
    std::string hint;
    if (node_->what == node::kind::scalar)
        hint = "write [" + (node_->quoted ? '"' + node_->text + '"' : node_->text) + ']';
    if (node_->what == node::kind::map) hint = "begin each item with '- '";
    complain_kind("a list", hint);
    return out;
}

std::vector<std::string> value::texts(bool lone_scalar) const {
    std::vector<std::string> out;
    for (const auto& one : items(lone_scalar))
        if (auto got = one.text()) out.push_back(std::move(*got));
    return out;
}

std::vector<ip_prefix> value::prefixes(bool lone_scalar) const {
    std::vector<ip_prefix> out;
    for (const auto& one : items(lone_scalar))
        if (auto got = one.prefix()) out.push_back(*got);
    return out;
}

} // namespace adit::source
