// A value that is one of a few words.
#pragma once

#include "source/file/value.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace adit::source {

// Stores what the word stands for; another word is complained of, with those that are known.
template <class T>
void read_word(const value& from, T& into, std::initializer_list<std::pair<std::string_view, T>> words) {
    const auto text = from.text();
    if (!text) return;
    std::string known;
    for (const auto& [word, meaning] : words) {
        if (*text == word) {
            into = meaning;
            return;
        }
        known += (known.empty() ? "" : ", ") + std::string(word);
    }
    from.complain("`" + *text + "` is not known here", "one of " + known);
}

} // namespace adit::source
