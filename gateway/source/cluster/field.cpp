#include "source/cluster/field.hpp"

#include "model/fault.hpp"

#include <charconv>

namespace adit::source::cluster {

namespace {

constexpr std::size_t shown_text = 60; // bytes of a value in a message

std::string shown(std::string_view text) {
    if (text.size() <= shown_text) return model::ticked(text);
    std::string out(text.substr(0, shown_text));
    return model::ticked(out.append("..."));
}

std::string_view noun_of(node::kind what) {
    switch (what) {
    case node::kind::scalar: return "a single value";
    case node::kind::list: return "a list";
    case node::kind::map: return "a map";
    case node::kind::nothing: break;
    }
    return "nothing";
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return out;
}

} // namespace

void field::refuse(std::string message, std::string hint) const {
    throw refused{line(), column(), path_, std::move(message), std::move(hint)};
}

void field::want(node::kind what, std::string_view noun) const {
    if (node_->what != what)
        refuse(std::string(noun) + " is wanted, not " + std::string(noun_of(node_->what)));
}

field field::operator[](std::string_view name) const {
    std::string path = path_;
    path.append(path.empty() ? "" : ".").append(name);
    if (!written()) return {nullptr, near_, std::move(path)};
    want(node::kind::map, "a map");
    const node* found = nullptr;
    for (const auto& one : node_->members)
        if (one.key == name) found = one.value; // the last one counts, as it does for kubectl
    return {found, node_, std::move(path)};
}

std::vector<field> field::items() const {
    std::vector<field> out;
    if (!written()) return out;
    want(node::kind::list, "a list");
    out.reserve(node_->items.size());
    for (std::size_t i = 0; i < node_->items.size(); ++i)
        out.push_back({node_->items[i], node_, path_ + '[' + std::to_string(i) + ']'});
    return out;
}

std::vector<std::pair<std::string, field>> field::members() const {
    std::vector<std::pair<std::string, field>> out;
    if (!written()) return out;
    want(node::kind::map, "a map");
    out.reserve(node_->members.size());
    for (const auto& one : node_->members)
        out.emplace_back(one.key, field{one.value, node_, path_ + "[\"" + one.key + "\"]"});
    return out;
}

std::string field::text() const {
    if (!written()) return {};
    want(node::kind::scalar, "a text");
    return node_->text;
}

bool field::flag(bool otherwise) const {
    if (!written()) return otherwise;
    const auto value = text();
    if (value == "true") return true;
    if (value == "false") return false;
    refuse(shown(value) + " is neither true nor false");
}

std::int64_t field::number(std::int64_t low, std::int64_t high) const {
    if (!written()) return 0;
    const auto value = text();
    const auto out = parse_integer(value);
    if (!out || *out < low || *out > high)
        refuse(
            shown(value) + " is no number here",
            "a whole number from " + std::to_string(low) + " to " + std::to_string(high)
        );
    return *out;
}

bool field::is_number() const {
    return written() && node_->what == node::kind::scalar && !node_->quoted &&
           parse_integer(node_->text).has_value();
}

} // namespace adit::source::cluster
