#include "route/table.hpp"

#include "route/table_body.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
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

const scope* table_body::find_scope(std::string_view host) const noexcept {
    const auto look_up = [this](scope_kind kind, std::string_view name) {
        return scope_index.find(hash_host(kind, name), [&](std::uint32_t at) {
            return scopes[at].kind == kind && scopes[at].name == name;
        });
    };
    auto at = host.empty() ? none : look_up(scope_kind::exact, host);
    const auto dot = host.find('.');
    if (at == none && dot != std::string_view::npos && dot != 0)
        at = look_up(scope_kind::wildcard, host.substr(dot + 1));
    if (at == none) at = any_scope;
    return at == none ? nullptr : &scopes[at];
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

table::table(std::unique_ptr<const table_body> compiled) noexcept : body_(std::move(compiled)) {}
table::table(table&&) noexcept = default;
table& table::operator=(table&&) noexcept = default;
table::~table() = default;

const table_entry*
table::find(const http::request_head& head, std::string_view host, std::string_view path) const noexcept {
    const auto* where = body_->find_scope(host);
    if (!where) return nullptr;
    const table_entry* found = nullptr;
    body_->walk(*where, path, [&](candidate one) noexcept {
        if (one.conditional && !body_->wants[one.entry].hold(head)) return false;
        found = &body_->entries[one.entry];
        return true;
    });
    return found;
}

std::span<const table_entry> table::entries() const noexcept {
    return body_->entries;
}

} // namespace adit::route
