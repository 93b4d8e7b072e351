#include "route/table.hpp"

#include "route/table_body.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

namespace adit::route {

namespace {

// Different seeds keep hosts, wildcards and exact paths apart.
constexpr std::uint64_t exact_path_mark = 0x9e37'79b9'7f4a'7c15;

// Offset where the segment that begins at `from` ends.
std::size_t segment_end(std::string_view path, std::size_t from) noexcept {
    while (from < path.size() && path[from] != '/') ++from;
    return from;
}

// The low bits choose the cell.
constexpr std::size_t shard_of(std::uint64_t hash) noexcept {
    return static_cast<std::size_t>(hash >> 58);
}

} // namespace

std::uint64_t hash_host(scope_kind kind, std::string_view name) noexcept {
    return XXH3_64bits_withSeed(name.data(), name.size(), static_cast<std::uint64_t>(kind));
}

std::uint64_t hash_exact(std::uint64_t seed, std::string_view path) noexcept {
    return XXH3_64bits_withSeed(path.data(), path.size(), seed ^ exact_path_mark);
}

std::uint64_t hash_segment(std::uint64_t before, std::string_view segment) noexcept {
    return XXH3_64bits_withSeed(segment.data(), segment.size(), before);
}

std::uint32_t table_body::find_exact(std::uint32_t of, std::string_view path) const noexcept {
    return node_index.find(hash_exact(scopes[of].seed, path), [&](std::uint32_t at) {
        return nodes[at].exact && nodes[at].scope == of && nodes[at].text == path;
    });
}

std::uint32_t table_body::find_prefix(std::uint32_t of, std::string_view path) const noexcept {
    auto deepest = scopes[of].root;
    auto hash = scopes[of].seed;
    std::size_t from = 1; // behind the slash
    for (std::uint32_t depth = 0; depth < scopes[of].max_depth && from < path.size(); ++depth) {
        const auto end = segment_end(path, from);
        hash = hash_segment(hash, path.substr(from, end - from));
        const auto at = node_index.find(hash, [&](std::uint32_t i) {
            return !nodes[i].exact && nodes[i].scope == of && nodes[i].text == path.substr(0, end);
        });
        if (at != none) deepest = at;
        from = end + 1;
    }
    return deepest;
}

// Open addressing as in hash_index; a cell without a part is free.
struct table::host_shard {
    struct cell {
        std::uint64_t hash = 0;
        place at;
    };

    std::vector<cell> cells;
    std::vector<table_part> parts; // those of the cells

    std::size_t mask() const noexcept { return cells.size() - 1; }

    void insert(const cell& one) noexcept {
        auto at = one.hash & mask();
        while (cells[at].at.part) at = (at + 1) & mask();
        cells[at] = one;
    }
    place find(std::uint64_t hash, scope_kind kind, std::string_view name) const noexcept {
        for (auto at = hash & mask(); cells[at].at.part; at = (at + 1) & mask()) {
            const auto& one = cells[at];
            if (one.hash != hash) continue;
            const auto& known = one.at.part->scopes[one.at.scope];
            if (known.kind == kind && known.name == name) return one.at;
        }
        return {};
    }

    // Of `from` what is not of these parts, and the new ones; null where nothing is left.
    static std::shared_ptr<const host_shard> make(
        const host_shard* from, const std::set<const table_body*>& without, std::vector<cell> fresh,
        std::span<const table_part> added
    ) {
        auto out = std::make_shared<host_shard>();
        if (from) {
            for (const auto& one : from->cells)
                if (one.at.part && !without.contains(one.at.part)) fresh.push_back(one);
            for (const auto& one : from->parts)
                if (!without.contains(one.get())) out->parts.push_back(one);
        }
        if (fresh.empty()) return nullptr;
        out->cells.resize(std::bit_ceil(fresh.size() * 2 + 1));
        for (const auto& one : fresh) out->insert(one);
        for (const auto& one : added)
            if (std::any_of(fresh.begin(), fresh.end(), [&](const auto& each) {
                    return each.at.part == one.get();
                }))
                out->parts.push_back(one);
        return out;
    }
};

table::table() = default;
table::table(table&&) noexcept = default;
table& table::operator=(table&&) noexcept = default;
table::~table() = default;

std::optional<table> table::compile(std::span<const table_entry> routes, complaints& found) {
    std::vector<std::shared_ptr<const model::route>> wishes;
    std::vector<std::uint32_t> slots;
    for (const auto& one : routes) {
        wishes.push_back(one.route);
        slots.push_back(one.slot);
    }
    auto draft = table_draft::compile(wishes, found);
    if (!draft) return std::nullopt;
    const auto part = std::move(*draft).finish(slots);
    return table().with({}, {&part, 1});
}

table table::with(std::span<const table_part> removed, std::span<const table_part> added) const {
    table out;
    out.hosts_ = hosts_;
    out.any_ = any_;
    std::set<const table_body*> without;
    std::array<std::vector<host_shard::cell>, shards> fresh;
    std::array<bool, shards> touched{};
    const auto visit = [](const table_body& part, const auto& each) {
        for (std::uint32_t i = 0; i < part.scopes.size(); ++i)
            if (const auto& one = part.scopes[i]; one.kind != scope_kind::any)
                each(hash_host(one.kind, one.name), i);
    };
    for (const auto& part : removed) {
        without.insert(part.get());
        if (out.any_ == part) out.any_.reset();
        visit(*part, [&](std::uint64_t hash, std::uint32_t) { touched[shard_of(hash)] = true; });
    }
    for (const auto& part : added) {
        if (part->any_scope != none) out.any_ = part;
        visit(*part, [&](std::uint64_t hash, std::uint32_t scope) {
            touched[shard_of(hash)] = true;
            fresh[shard_of(hash)].push_back({hash, {part.get(), scope}});
        });
    }
    for (std::size_t i = 0; i < shards; ++i)
        if (touched[i])
            out.hosts_[i] = host_shard::make(hosts_[i].get(), without, std::move(fresh[i]), added);
    return out;
}

table::place table::find_host(std::string_view host) const noexcept {
    const auto look_up = [this](scope_kind kind, std::string_view name) {
        const auto hash = hash_host(kind, name);
        const auto* shard = hosts_[shard_of(hash)].get();
        return shard ? shard->find(hash, kind, name) : place{};
    };
    auto at = host.empty() ? place{} : look_up(scope_kind::exact, host);
    if (at.part) return at;
    const auto dot = host.find('.');
    if (dot != std::string_view::npos && dot != 0) at = look_up(scope_kind::wildcard, host.substr(dot + 1));
    if (!at.part && any_) at = {any_.get(), any_->any_scope};
    return at;
}

const table_entry*
table::find(const http::request_head& head, std::string_view host, std::string_view path) const noexcept {
    const auto at = find_host(host);
    if (!at.part) return nullptr;
    const table_entry* found = nullptr;
    at.part->walk(at.part->scopes[at.scope], path, [&](candidate one) noexcept {
        if (one.conditional && !at.part->wants[one.entry].hold(head)) return false;
        found = &at.part->entries[one.entry];
        return true;
    });
    return found;
}

table_walk::host table_walk::find(const table& routes, std::string_view host) noexcept {
    const auto at = routes.find_host(host);
    if (!at.part) return {};
    return {at.part, &at.part->scopes[at.scope]};
}

std::vector<table_part> table_walk::parts(const table& routes) {
    std::vector<table_part> out;
    for (const auto& shard : routes.hosts_)
        if (shard) out.insert(out.end(), shard->parts.begin(), shard->parts.end());
    if (routes.any_) out.push_back(routes.any_);
    const auto key = [](const table_part& one) {
        return std::pair<std::string_view, const void*>(
            one->entries.empty() ? std::string_view{} : one->entries.front().route->name, one.get()
        );
    };
    std::sort(out.begin(), out.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

} // namespace adit::route
