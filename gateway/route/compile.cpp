// From routes to the table.
#include "route/normalise.hpp"
#include "route/table_body.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

namespace adit::route {

class table_compiler {
public:
    table_compiler(std::span<const std::shared_ptr<const model::route>> routes, complaints& found)
        : found_(found), out_(std::make_unique<table_body>()) {
        for (const auto& one : routes) out_->entries.push_back({0, one});
    }

    // Null with errors.
    std::unique_ptr<table_body> compile() {
        const auto before = std::count_if(found_.begin(), found_.end(), is_error);
        for (std::uint32_t i = 0; i < out_->entries.size(); ++i) add_route(i);
        place_paths();
        place_regexes();
        index_nodes();
        if (std::count_if(found_.begin(), found_.end(), is_error) != before) return nullptr;
        return std::move(out_);
    }

private:
    using entry_list = std::vector<std::uint32_t>;
    // Host, whether exact, text.
    using path_key = std::tuple<std::uint32_t, bool, std::string>;
    // Orders the patterns of a host: longest first, then the greater text, as ingress-nginx sorts its
    // locations.
    struct regex_key {
        std::uint32_t scope;
        std::string text;
        bool operator<(const regex_key& o) const {
            if (scope != o.scope) return scope < o.scope;
            if (text.size() != o.text.size()) return text.size() > o.text.size();
            return text > o.text;
        }
    };

    static bool is_error(const complaint& one) { return one.level == complaint::severity::error; }

    void add_route(std::uint32_t entry) {
        const auto& wish = *out_->entries[entry].route;
        out_->wants.push_back(conditions::compile(wish, found_));
        std::set<std::uint32_t> scopes; // a host may be written twice
        for (const auto& host : wish.match.hosts) scopes.insert(scope_of(host));
        if (wish.match.hosts.empty()) scopes.insert(scope_of("*"));
        for (const auto at : scopes) {
            const auto& path = wish.match.path;
            if (path.how == model::path_match::kind::regex) {
                regexes_[{at, path.text}].push_back(entry);
            } else {
                const bool exact = path.how == model::path_match::kind::exact;
                const auto text = exact ? std::string_view(path.text) : without_last_slashes(path.text);
                paths_[{at, exact, std::string(text)}].push_back(entry);
            }
        }
    }

    std::uint32_t scope_of(std::string_view written) {
        scope wanted;
        std::array<char, max_host> scratch;
        if (written.starts_with("*.")) {
            wanted.kind = scope_kind::wildcard;
            wanted.name = normalise_host(written.substr(2), scratch);
        } else if (written != "*") {
            wanted.kind = scope_kind::exact;
            wanted.name = normalise_host(written, scratch);
        }
        const auto [known, is_new] = scope_numbers_.try_emplace(
            {wanted.kind, wanted.name}, static_cast<std::uint32_t>(out_->scopes.size())
        );
        if (is_new) {
            wanted.seed = hash_segment(known->second, "scope");
            if (wanted.kind == scope_kind::any) out_->any_scope = known->second;
            out_->scopes.push_back(std::move(wanted));
        }
        return known->second;
    }

    candidates_range take_candidates(entry_list& entries) {
        std::stable_sort(entries.begin(), entries.end(), [this](auto a, auto b) {
            return out_->wants[a].count() > out_->wants[b].count();
        });
        const candidates_range range{
            static_cast<std::uint32_t>(out_->candidates.size()), static_cast<std::uint32_t>(entries.size())};
        for (const auto entry : entries) out_->candidates.push_back({entry, out_->wants[entry].count() != 0});
        return range;
    }

    void place_paths() {
        for (auto& [key, entries] : paths_) {
            const auto& [of, exact, text] = key;
            auto& where = out_->scopes[of];
            const auto at = static_cast<std::uint32_t>(out_->nodes.size());
            if (exact)
                where.has_exact = true;
            else if (text.empty())
                where.root = at;
            const auto depth = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '/'));
            if (!exact) where.max_depth = std::max(where.max_depth, depth);
            path_node node;
            node.scope = of;
            node.exact = exact;
            node.text = text;
            node.parent = exact ? none : parent_of(of, text);
            node.routes = take_candidates(entries);
            out_->nodes.push_back(std::move(node));
            node_numbers_[key] = at;
        }
    }

    // Shorter prefixes sort before longer ones, so the parent already has its number.
    std::uint32_t parent_of(std::uint32_t of, std::string_view text) const {
        while (!text.empty()) {
            const auto slash = text.rfind('/');
            text = slash == std::string_view::npos ? std::string_view{} : text.substr(0, slash);
            if (const auto known = node_numbers_.find({of, false, std::string(text)});
                known != node_numbers_.end())
                return known->second;
        }
        return none;
    }

    void place_regexes() {
        for (auto& [key, entries] : regexes_) {
            auto compiled = pattern::compile(key.text, {.caseless = true, .anchored_start = true});
            if (const auto* failed = std::get_if<pattern::failure>(&compiled)) {
                complain(*out_->entries[entries.front()].route, *failed);
                continue;
            }
            auto& where = out_->scopes[key.scope];
            if (where.regex_count++ == 0)
                where.regex_first = static_cast<std::uint32_t>(out_->regexes.size());
            out_->regexes.push_back({std::move(std::get<pattern>(compiled)), take_candidates(entries)});
        }
    }

    void complain(const model::route& wish, const pattern::failure& why) {
        found_.push_back(
            {complaint::severity::error, wish.at, "routes." + wish.name + ".match.path.regex",
             "the pattern \"" + wish.match.path.text + "\" does not compile: " + why.message + " at byte " +
                 std::to_string(why.offset),
             "patterns are Perl-compatible (PCRE2)"}
        );
    }

    void index_nodes() {
        out_->node_index.reserve(out_->nodes.size());
        for (std::uint32_t i = 0; i < out_->nodes.size(); ++i)
            if (i != out_->scopes[out_->nodes[i].scope].root)
                out_->node_index.insert(hash_of(out_->nodes[i]), i);
    }

    std::uint64_t hash_of(const path_node& node) const {
        auto hash = out_->scopes[node.scope].seed;
        if (node.exact) return hash_exact(hash, node.text);
        std::string_view rest = std::string_view(node.text).substr(1);
        for (;;) {
            const auto slash = rest.find('/');
            hash = hash_segment(hash, rest.substr(0, slash));
            if (slash == std::string_view::npos) return hash;
            rest.remove_prefix(slash + 1);
        }
    }

    complaints& found_;
    std::unique_ptr<table_body> out_;
    std::map<std::pair<scope_kind, std::string>, std::uint32_t> scope_numbers_;
    std::map<path_key, entry_list> paths_;
    std::map<path_key, std::uint32_t> node_numbers_;
    std::map<regex_key, entry_list> regexes_;
};

table_draft::table_draft(std::unique_ptr<table_body> made) noexcept : made_(std::move(made)) {}
table_draft::table_draft(table_draft&&) noexcept = default;
table_draft& table_draft::operator=(table_draft&&) noexcept = default;
table_draft::~table_draft() = default;

std::optional<table_draft>
table_draft::compile(std::span<const std::shared_ptr<const model::route>> routes, complaints& found) {
    auto made = table_compiler(routes, found).compile();
    if (!made) return std::nullopt;
    return table_draft(std::move(made));
}

table_part table_draft::finish(std::span<const std::uint32_t> slots) && {
    for (std::size_t i = 0; i < slots.size(); ++i) made_->entries[i].slot = slots[i];
    return std::move(made_);
}

} // namespace adit::route
