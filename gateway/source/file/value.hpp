// The parts that a file is read with: a value that knows its key and place, and a map of known keys. Whatever
// does not fit becomes a complaint and an empty result; readers go on with the next part.
#pragma once

#include "core/complaint.hpp"
#include "core/ip.hpp"
#include "source/file/tree.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source {

// What one reading has in common. Ends the reading by reading_stopped when aliases unfold to more than anyone
// writes.
struct desk {
    std::string file;
    complaints problems;
    std::vector<std::string> unread; // keys whose value is missing for a reason that is told elsewhere
    std::size_t visits = 0;
};
struct reading_stopped {};

class value {
public:
    // The root of a file, or of a text that stands for the part of a file with this path ("routes[]").
    value(desk& shared, const node& root, std::string path = {});

    const std::string& key() const { return key_; }
    const std::string& path() const { return path_; } // as known_keys() has it
    place at() const { return {desk_->file, line_, column_}; }
    node::kind kind() const { return node_->what; }

    void complain(
        std::string message, std::string hint = {}, complaint::severity = complaint::severity::error
    ) const;
    // "a number is wanted, not …"
    void complain_kind(std::string_view wanted, std::string hint = {}) const;

    std::optional<std::string> text() const;     // any scalar, as it is written
    std::optional<bool> flag() const;            // true, false
    std::optional<std::uint32_t> number() const; // whole, not negative
    std::optional<std::uint64_t> size() const;
    std::optional<std::chrono::milliseconds> duration() const;
    std::optional<ip_prefix> prefix() const;
    bool only_true() const; // for keys that are there or not: false is a complaint

    // The items of a list; a complaint and none when it is no list. `lone_scalar`: a scalar is a list of
    // itself.
    std::vector<value> items(bool lone_scalar = false) const;
    std::vector<std::string> texts(bool lone_scalar = false) const;
    std::vector<ip_prefix> prefixes(bool lone_scalar = false) const;

    // The members of a map with free names, in the order written; doubles are complained of and left out.
    std::vector<struct named_value> members() const;

private:
    friend class section;
    value(const value& parent, const node& what, std::string key, std::string path, int line, int column);

    desk* desk_;
    const node* node_;
    std::string key_, path_;
    int line_ = 0, column_ = 0;
};

// A map whose keys are known. Keys that are not, and doubles, are complained of on construction.
class section {
public:
    explicit section(value of);

    bool is_map() const { return map_; }
    const value& self() const { return self_; }
    // Absent when not written; a key without a value is a complaint and absent.
    std::optional<value> find(std::string_view name) const;
    // The same, with a complaint when it is not written.
    std::optional<value> require(std::string_view name, std::string hint = {}) const;
    // The one of `names` that is written; a complaint when there are several, or none and `needed`.
    std::optional<value> one_of(std::initializer_list<std::string_view> names, bool needed = true) const;

    template <class T>
    void read(std::string_view name, T& into, std::optional<T> (value::*as)() const) const {
        if (const auto found = find(name))
            if (auto got = ((*found).*as)()) into = std::move(*got);
    }

private:
    void check_keys();
    value child(const node::member& member) const;
    std::optional<std::string_view> refuse_unknown(const node::member& member);

    value self_;
    bool map_ = false;
    std::vector<std::string_view> meant_; // keys that a misspelt one was taken for
};

struct named_value {
    std::string name;
    value what;
};

} // namespace adit::source
