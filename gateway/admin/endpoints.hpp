// The table of what the API answers: one row a method and path. The OpenAPI document is held against it by a
// test.
#pragma once

#include "admin/call.hpp"
#include "admin/server.hpp"

#include <span>
#include <string>
#include <string_view>

namespace adit::admin {

// What answering takes.
struct desk {
    control& gateway;
    std::function<void(const audit_record&)> audit; // never empty
};

using handler = void (*)(const desk& at, const call& what, const respond& done);

enum class body_rule { none, may, must };
enum class stream { none, events, tap };

struct endpoint {
    std::string_view method; // GET stands for HEAD too
    std::string_view path;   // with {name} and {namespace} for one segment each
    bool status;             // served on status addresses too
    bool open;               // asks for no token
    body_rule body;          // JSON where there is one
    handler run;             // null: a stream
    stream what = stream::none;
};

std::span<const endpoint> endpoints();

struct found {
    const endpoint* what = nullptr;
    std::string route;      // {name}, decoded
    std::string name_space; // {namespace}
    std::string allow;      // methods of the path; empty where no row has the path
};

// `path` as received, without the query. Segments are decoded after they are cut, so that %2F stays within a
// name.
found find_endpoint(std::string_view method, std::string_view path, role as);

} // namespace adit::admin
