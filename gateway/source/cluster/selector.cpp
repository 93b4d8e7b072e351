#include "source/cluster/selector.hpp"

#include "core/bytes.hpp"

#include <algorithm>

namespace adit::source::cluster {

namespace {

bool is_word(std::string_view text, std::string_view more) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               more.find(c) != std::string_view::npos;
    });
}
bool is_name(std::string_view text) {
    return !text.empty() && is_word(text, "-._/");
}
bool is_value(std::string_view text) {
    return is_word(text, "-._");
}

// The commas outside of brackets.
std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> out;
    std::size_t begin = 0;
    bool inside = false;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        if (at < text.size() && text[at] == '(') inside = true;
        if (at < text.size() && text[at] == ')') inside = false;
        if (at < text.size() && (text[at] != ',' || inside)) continue;
        out.push_back(trim_ows(text.substr(begin, at - begin)));
        begin = at + 1;
    }
    return out;
}

} // namespace

std::optional<label_selector::requirement>
label_selector::parse_one(std::string_view text, model::fault* why) {
    const auto bad = [&] {
        return model::refuse(
            why, model::ticked(text) + " is no part of a label selector",
            "NAME=VALUE, NAME!=VALUE, NAME in (A, B), NAME notin (A, B), NAME or !NAME"
        );
    };
    requirement out;
    std::string_view name = text, values;
    if (const auto bracket = text.find('('); bracket != text.npos) {
        if (!text.ends_with(')')) return bad();
        values = text.substr(bracket + 1, text.size() - bracket - 2);
        name = trim_ows(text.substr(0, bracket));
        const auto blank = name.find_last_of(" \t");
        const auto word = blank == name.npos ? std::string_view{} : name.substr(blank + 1);
        if (word != "in" && word != "notin") return bad();
        out.negated = word == "notin";
        name = trim_ows(name.substr(0, blank));
        for (const auto one : split(values)) out.values.emplace_back(one);
    } else if (const auto equals = text.find('='); equals != text.npos) {
        out.negated = equals > 0 && text[equals - 1] == '!';
        const bool doubled = text.substr(equals).starts_with("==");
        name = trim_ows(text.substr(0, equals - (out.negated ? 1 : 0)));
        out.values.emplace_back(trim_ows(text.substr(equals + (doubled ? 2 : 1))));
    } else {
        out.any = true;
        out.negated = text.starts_with('!');
        if (out.negated) name = trim_ows(text.substr(1));
    }
    out.name = name;
    if (!is_name(out.name) || !std::all_of(out.values.begin(), out.values.end(), is_value)) return bad();
    return out;
}

std::optional<label_selector> label_selector::parse(std::string_view text, model::fault* why) {
    label_selector out;
    if (trim_ows(text).empty()) return out;
    for (const auto one : split(text)) {
        auto made = parse_one(one, why);
        if (!made) return std::nullopt;
        out.all_.push_back(std::move(*made));
    }
    return out;
}

// A label that is not there has none of the values.
bool label_selector::matches(const notes& labels) const {
    return std::all_of(all_.begin(), all_.end(), [&](const requirement& one) {
        const auto* label = find_note(labels, one.name);
        const bool met = label && (one.any || std::find(one.values.begin(), one.values.end(), label->value) !=
                                                  one.values.end());
        return met != one.negated;
    });
}

} // namespace adit::source::cluster
