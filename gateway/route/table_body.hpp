// Inside of the table, for the matcher and for explain; no other room includes this.
#pragma once

#include "core/pattern.hpp"
#include "route/table.hpp"

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace adit::route {

inline constexpr std::uint32_t none = 0xffff'ffff;

// Open addressing over 64-bit hashes, at most half full. Equal hashes may be of different keys: the asker
// compares.
class hash_index {
public:
    void reserve(std::size_t keys) { cells_.assign(std::bit_ceil(keys * 2 + 1), cell{}); }

    void insert(std::uint64_t hash, std::uint32_t value) noexcept {
        auto at = hash & mask();
        while (cells_[at].value != none) at = (at + 1) & mask();
        cells_[at] = {hash, value};
    }

    template <class Equal>
    std::uint32_t find(std::uint64_t hash, Equal&& equal) const noexcept {
        for (auto at = hash & mask(); cells_[at].value != none; at = (at + 1) & mask())
            if (cells_[at].hash == hash && equal(cells_[at].value)) return cells_[at].value;
        return none;
    }

private:
    struct cell {
        std::uint64_t hash = 0;
        std::uint32_t value = none;
    };

    std::size_t mask() const noexcept { return cells_.size() - 1; }

    std::vector<cell> cells_ = std::vector<cell>(1);
};

enum class scope_kind : std::uint8_t { exact, wildcard, any };

// All that is known of one host (or wildcard, or of the routes without one).
struct scope {
    scope_kind kind = scope_kind::any;
    std::string name; // "shop.test"; of a wildcard what follows the first dot
    std::uint64_t seed = 0;
    std::uint32_t root = none;   // node of the prefix "/"
    std::uint32_t max_depth = 0; // segments of the longest prefix
    std::uint32_t regex_first = 0;
    std::uint32_t regex_count = 0;
    bool has_exact = false;
};

struct candidate {
    std::uint32_t entry = 0;
    bool conditional = false; // so that a route without conditions costs no look at them
};

// Routes of one host with the same path: a range of `candidates`, in order of precedence.
struct candidates_range {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

struct path_node {
    std::uint32_t scope = 0;
    bool exact = false;
    std::string text;            // of a prefix without its last slash: "" is the root
    std::uint32_t parent = none; // the next shorter prefix of the same host that has routes
    candidates_range routes;
};

struct regex_node {
    pattern compiled;
    candidates_range routes;
};

struct table_body {
    std::vector<table_entry> entries;
    std::vector<conditions> wants; // by entry
    std::vector<scope> scopes;
    std::vector<path_node> nodes;
    std::vector<regex_node> regexes;
    std::vector<candidate> candidates;
    hash_index node_index;
    std::uint32_t any_scope = none;

    std::uint32_t find_exact(std::uint32_t of, std::string_view path) const noexcept;
    // The deepest node whose prefix fits.
    std::uint32_t find_prefix(std::uint32_t of, std::string_view path) const noexcept;

    // Offers every entry whose host and path fit, in order of precedence, until `visit` returns true.
    template <class Visit>
    void walk(const scope& where, std::string_view path, Visit&& visit) const
        noexcept(noexcept(visit(candidate{}))) {
        const auto of = static_cast<std::uint32_t>(&where - scopes.data());
        const auto offer = [&](candidates_range range) {
            for (auto i = range.first; i != range.first + range.count; ++i)
                if (visit(candidates[i])) return true;
            return false;
        };
        if (where.has_exact)
            if (const auto at = find_exact(of, path); at != none && offer(nodes[at].routes)) return;
        for (auto i = where.regex_first; i != where.regex_first + where.regex_count; ++i)
            if (regexes[i].compiled.search(path) == pattern::verdict::match && offer(regexes[i].routes))
                return;
        for (auto at = find_prefix(of, path); at != none; at = nodes[at].parent)
            if (offer(nodes[at].routes)) return;
    }
};

std::uint64_t hash_host(scope_kind kind, std::string_view name) noexcept;
std::uint64_t hash_exact(std::uint64_t seed, std::string_view path) noexcept;
std::uint64_t hash_segment(std::uint64_t before, std::string_view segment) noexcept;

// The text of a prefix as nodes hold it.
constexpr std::string_view without_last_slashes(std::string_view prefix) noexcept {
    while (!prefix.empty() && prefix.back() == '/') prefix.remove_suffix(1);
    return prefix;
}

// For explain, which sees the inside.
class table_walk {
public:
    struct host {
        const table_body* part = nullptr; // of the host; null where no route wants it
        const scope* where = nullptr;
    };
    static host find(const table& routes, std::string_view host) noexcept;
    // In the order of the names of their first routes.
    static std::vector<table_part> parts(const table& routes);
};

} // namespace adit::route
