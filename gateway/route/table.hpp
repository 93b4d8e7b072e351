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

struct table_body;

class table {
public:
    // Patterns that do not compile are added to `found`; nullopt if there are any.
    static std::optional<table> compile(std::span<const table_entry> routes, complaints& found);

    table(table&&) noexcept;
    table& operator=(table&&) noexcept;
    ~table();

    // `host` and `path` are normalised (route/normalise.hpp). nullptr where no route fits. Allocates nothing.
    const table_entry*
    find(const http::request_head& head, std::string_view host, std::string_view path) const noexcept;

    std::span<const table_entry> entries() const noexcept;

private:
    friend class table_compiler;
    friend class table_walk;
    explicit table(std::unique_ptr<const table_body> compiled) noexcept;

    std::unique_ptr<const table_body> body_;
};

} // namespace adit::route
