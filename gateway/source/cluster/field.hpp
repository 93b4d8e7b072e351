// A part of an object under decoding: its node, and what it is called. Null stands for "not written", as it
// does for Kubernetes.
#pragma once

#include "source/file/tree.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source::cluster {

// Ends the decoding of one object; caught in decode().
struct refused {
    int line = 0, column = 0;
    std::string path, message, hint;
};

class field {
public:
    field(const node& what, std::string path) : field(&what, nullptr, std::move(path)) {}

    const std::string& path() const { return path_; }
    // Where it is written, else where what should hold it is.
    int line() const { return near_ ? near_->line : 0; }
    int column() const { return near_ ? near_->column : 0; }
    bool written() const { return node_ && node_->what != node::kind::nothing; }
    explicit operator bool() const { return written(); }

    // The same part, as the beginning of an object of its own.
    field as_root() const { return {node_, near_, {}}; }
    // A member of a map; not written where it is missing.
    field operator[](std::string_view name) const;
    // Those of a list, or of a map with free names.
    std::vector<field> items() const;
    std::vector<std::pair<std::string, field>> members() const;

    // Empty, `otherwise` or 0 where it is not written.
    std::string text() const;
    bool flag(bool otherwise) const;
    std::int64_t number(std::int64_t low, std::int64_t high) const;
    std::uint16_t port() const { return static_cast<std::uint16_t>(number(1, 65535)); }
    // Whether a scalar is a whole number that was not quoted.
    bool is_number() const;

    [[noreturn]] void refuse(std::string message, std::string hint = {}) const;

private:
    field(const node* what, const node* holder, std::string path)
        : node_(what), near_(what ? what : holder), path_(std::move(path)) {}
    void want(node::kind what, std::string_view noun) const;

    const node* node_; // nullptr: not written
    const node* near_;
    std::string path_; // "spec.rules[0].host"
};

} // namespace adit::source::cluster
