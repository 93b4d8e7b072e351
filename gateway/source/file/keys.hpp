// Every key that a configuration file may hold: what the reader accepts, and what the schema and the
// reference list.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source {

struct known_key {
    std::string_view path; // "routes[].tracks.NAME.weight": [] = any index, NAME = any name
    std::string_view type; // as the reference says it
    // One sentence without a full stop; empty where model::defaults() has the key and says it.
    std::string_view meaning;
};

// In the order of the reference: every key comes after the one that holds it.
std::span<const known_key> known_keys();
// nullptr: no such key.
const known_key* find_key(std::string_view path);
// Last parts of the keys directly under `path`; "" is the file itself.
std::span<const std::string_view> keys_under(std::string_view path);
// The meaning from here or from model::defaults().
std::string_view meaning_of(const known_key& key);

} // namespace adit::source
