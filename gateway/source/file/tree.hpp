// A YAML or JSON document as plain nodes that know where they were written. yaml-cpp and Boost.JSON do the
// scanning; what they throw, and what a configuration has no use for (other documents, endless nesting,
// tags), ends here as one complaint.
#pragma once

#include "core/complaint.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source {

inline constexpr std::size_t max_yaml_depth = 32;        // collections in collections
inline constexpr std::size_t max_yaml_nodes = 1'000'000; // 30,000 routes

struct node {
    enum class kind : std::uint8_t { nothing, scalar, list, map };
    struct member {
        std::string key;
        int line = 0, column = 0; // of the key
        const node* value = nullptr;
    };

    kind what = kind::nothing;
    bool quoted = false;      // a scalar that is text whatever it looks like
    int line = 0, column = 0; // from 1
    std::string text;
    std::vector<const node*> items;
    std::vector<member> members; // as written, doubles included
};

// What one document may be. `first_line` is the line of the file that the text begins in.
struct tree_bounds {
    std::size_t depth = max_yaml_depth;
    std::size_t nodes = max_yaml_nodes;
    int first_line = 1;
};

// Nodes live as long as the tree. An alias is a second pointer to the node of its anchor.
class tree {
public:
    // nullopt: `problem` says what and where. A text without any document has a root of kind `nothing`.
    static std::optional<tree>
    parse(std::string_view text, const std::string& file, complaint& problem, const tree_bounds& within = {});
    // The same of a JSON text, as a program wrote it: its nodes tell no place (line 0).
    static std::optional<tree> parse_json(
        std::string_view text, const std::string& file, complaint& problem, const tree_bounds& within = {}
    );

    const node& root() const { return *root_; }

private:
    friend class tree_builder;
    friend class json_builder;

    std::deque<node> nodes_;
    const node* root_ = nullptr;
};

// Where `key` ("routes[2].tracks.canary.weight") was written, or the nearest part around it that was. Line 0
// = nowhere.
place find_place(const node& root, std::string_view key, const std::string& file);

} // namespace adit::source
