#include "model/suggest.hpp"
#include "source/file/keys.hpp"
#include "source/file/value.hpp"

#include <algorithm>
#include <unordered_set>

namespace adit::source {

namespace {

constexpr std::size_t longest_key = 60; // bytes of a key that a complaint repeats

std::string join(std::string_view parent, std::string_view name) {
    std::string out(parent);
    if (!out.empty()) out += '.';
    out += name;
    return out;
}

std::string shortened(const std::string& key) {
    std::string_view rest;
    if (key.size() > longest_key) rest = "…";
    return std::string(std::string_view(key).substr(0, longest_key)).append(rest);
}

// Another place of the file that knows the key: it is often only indented wrongly.
std::string elsewhere(std::string_view name) {
    std::string found;
    for (const auto& one : known_keys()) {
        if (one.path != name && !one.path.ends_with("." + std::string(name))) continue;
        if (!found.empty()) return {}; // several: no help
        found = one.path;
    }
    return found;
}

} // namespace

section::section(value of) : self_(std::move(of)) {
    if (self_.node_->what == node::kind::map) {
        map_ = true;
        check_keys();
        return;
    }
    std::string example;
    for (const auto name : keys_under(self_.path_))
        example += (example.empty() ? "" : ", ") + std::string(name);
    self_.complain_kind("a map", "with the keys " + example);
}

void section::check_keys() {
    std::unordered_set<std::string_view> seen;
    const auto known = keys_under(self_.path_);
    for (const auto& one : self_.node_->members) {
        if (std::find(known.begin(), known.end(), one.key) == known.end()) {
            if (const auto meant = refuse_unknown(one)) meant_.push_back(*meant);
        } else if (!seen.insert(one.key).second) {
            const auto first =
                std::find_if(self_.node_->members.begin(), self_.node_->members.end(), [&](const auto& m) {
                    return m.key == one.key;
                });
            child(one).complain(
                "the key is there twice, first in line " + std::to_string(first->line),
                "remove one of the two"
            );
        }
    }
}

std::optional<std::string_view> section::refuse_unknown(const node::member& member) {
    const auto known = keys_under(self_.path_);
    const auto meant = model::nearest(member.key, known);
    std::string hint;
    if (member.key == "<<")
        hint = "merge keys are not supported; repeat the keys, or alias the whole map";
    else if (meant)
        hint = "did you mean `" + std::string(*meant) + "`?";
    else if (const auto other = elsewhere(member.key); !other.empty())
        hint = "it belongs to " + other;
    else
        for (const auto name : known) hint += (hint.empty() ? "known here: " : ", ") + std::string(name);
    const auto name = shortened(member.key);
    const value there(
        self_, *member.value, join(self_.key_, name), join(self_.path_, name), member.line, member.column
    );
    there.complain("unknown key", hint);
    return meant;
}

value section::child(const node::member& member) const {
    return value(
        self_, *member.value, join(self_.key_, member.key), join(self_.path_, member.key), member.line,
        member.column
    );
}

std::optional<value> section::find(std::string_view name) const {
    if (!map_) return std::nullopt;
    for (const auto& one : self_.node_->members) {
        if (one.key != name) continue;
        auto found = child(one);
        const auto& what = *one.value;
        if (what.what == node::kind::nothing) {
            found.complain("a value is missing", "write one, or leave the key out");
            return std::nullopt;
        }
        if (what.line == one.line) found.column_ = what.column;
        return found;
    }
    return std::nullopt;
}

std::optional<value> section::require(std::string_view name, std::string hint) const {
    if (!map_) return std::nullopt;
    const auto written =
        std::any_of(self_.node_->members.begin(), self_.node_->members.end(), [&](const auto& one) {
            return one.key == name;
        });
    if (written) return find(name);
    const auto key = join(self_.key_, name);
    self_.desk_->unread.push_back(key);
    if (std::find(meant_.begin(), meant_.end(), name) == meant_.end())
        self_.desk_->problems.push_back(
            {complaint::severity::error, self_.at(), key, "the key is missing", std::move(hint)}
        );
    return std::nullopt;
}

std::optional<value> section::one_of(std::initializer_list<std::string_view> names, bool needed) const {
    if (!map_) return std::nullopt;
    const node::member* first = nullptr;
    for (const auto& one : self_.node_->members) {
        if (std::find(names.begin(), names.end(), one.key) == names.end()) continue;
        if (first && first->key != one.key) {
            child(one).complain(
                "`" + first->key + "` stands beside it, only one of the two can be meant", "remove one"
            );
            return std::nullopt;
        }
        first = &one;
    }
    if (first) return find(first->key);
    const bool misspelt = std::any_of(names.begin(), names.end(), [&](auto name) {
        return std::find(meant_.begin(), meant_.end(), name) != meant_.end();
    });
    if (misspelt) self_.desk_->unread.push_back(self_.key_);
    if (!needed || misspelt) return std::nullopt;
    std::string list;
    std::size_t left = names.size();
    for (const auto name : names) {
        list += std::string(name);
        if (--left > 0) list += left == 1 ? " or " : ", ";
    }
    self_.complain("one of the keys " + list + " is wanted");
    return std::nullopt;
}

std::vector<named_value> value::members() const {
    std::vector<named_value> out;
    if (node_->what != node::kind::map) {
        complain_kind("a map", "begin each line with a name and a colon");
        return out;
    }
    std::unordered_set<std::string_view> seen;
    for (const auto& one : node_->members) {
        const auto name = shortened(one.key);
        value found(*this, *one.value, join(key_, name), join(path_, "NAME"), one.line, one.column);
        if (seen.insert(one.key).second)
            out.push_back({one.key, std::move(found)});
        else
            found.complain("the name is there twice", "remove one of the two");
    }
    return out;
}

} // namespace adit::source
