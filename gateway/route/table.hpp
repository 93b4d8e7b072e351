// Which route a request belongs to: an immutable table, compiled once, read by every worker without a lock.
//
// Order of precedence, that of ingress-nginx:
//   1. Host: exact name, else "*.name" for exactly one label in front, else the routes without a host. The
//   first of
//      these that any route names owns the request: if none of *its* routes fits, the answer is "no route"
//      and less specific hosts are not asked.
//   2. Path: exact; else regular expressions, the longest text first (case-blind and bound to the start of
//   the path,
//      nginx's `~* ^`; "(?-i)" in front makes one case-sensitive); else the longest prefix. A prefix is whole
//      segments:
//      "/foo" and "/foo/" are the same prefix and fit "/foo", "/foo/" and "/foo/bar", not "/foobar".
//   3. Conditions: of the routes with the same host and path the one with more conditions comes first
//   (methods count
//      as one, each header and each query parameter as one); equals keep the order they were given in. Where
//      no condition holds the next path in order is tried.
#pragma once

#include "core/complaint.hpp"
#include "http/head.hpp"
#include "model/route.hpp"
#include "route/conditions.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adit::route {

// A route and the number by which workers keep what changes about it (cuts, counters). The giver keeps slots
// stable while tables come and go.
struct table_entry {
    std::uint32_t slot = 0;
    std::shared_ptr<const model::route> route;
};

// The compiled routes of one group, which several tables may share.
struct table_body;
using table_part = std::shared_ptr<const table_body>;

// Routes that have been compiled and have no slots yet.
class table_draft {
public:
    // Patterns that do not compile are added to `found`; nullopt if there are any.
    static std::optional<table_draft>
    compile(std::span<const std::shared_ptr<const model::route>> routes, complaints& found);
    table_draft(table_draft&&) noexcept;
    table_draft& operator=(table_draft&&) noexcept;
    ~table_draft();

    // `slots`: of the routes, in their order.
    table_part finish(std::span<const std::uint32_t> slots) &&;

private:
    explicit table_draft(std::unique_ptr<table_body> made) noexcept;
    std::unique_ptr<table_body> made_;
};

class table {
public:
    table();
    // Of one part; errors as in table_draft.
    static std::optional<table> compile(std::span<const table_entry> routes, complaints& found);
    // Without some parts of this one and with others. It shares what it can: the cost is that of the parts
    // that change. No two parts may have routes of one host.
    table with(std::span<const table_part> removed, std::span<const table_part> added) const;

    table(table&&) noexcept;
    table& operator=(table&&) noexcept;
    ~table();

    // `host` and `path` are normalised (route/normalise.hpp). nullptr where no route fits. Allocates nothing.
    const table_entry*
    find(const http::request_head& head, std::string_view host, std::string_view path) const noexcept;

private:
    friend class table_walk;
    // Hosts are spread over so many pieces by their hashes; a change copies only those that it touches.
    static constexpr std::size_t shards = 64;
    struct host_shard;
    struct place {
        const table_body* part = nullptr;
        std::uint32_t scope = 0;
    };

    // No part where no route wants that host.
    place find_host(std::string_view host) const noexcept;

    std::array<std::shared_ptr<const host_shard>, shards> hosts_; // null = empty
    table_part any_; // the part with the routes that have no host
};

} // namespace adit::route
