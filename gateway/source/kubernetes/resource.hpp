// What of an API server is followed: kinds of objects, in all namespaces or one.
#pragma once

#include "source/ingress/options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adit::source::kubernetes {

struct resource {
    std::string_view kind;       // as cluster::kind_of() tells it
    std::string_view group;      // "/apis/discovery.k8s.io/v1"
    std::string_view name;       // "endpointslices"
    bool spaced = true;          // lives in a namespace
    std::string_view selector{}; // query part that leaves out what nobody here needs; empty = none
    unsigned page = 500;         // objects of one answer to a list
};

// One collection of objects, listed and watched as a whole.
struct scope {
    resource of;
    std::string name_space{}; // empty = all
    std::string selector{};   // besides the resource's

    // "/api/v1/namespaces/shop/secrets?"; a query follows.
    std::string target() const;
    // "Secrets of namespace shop", for people.
    std::string title() const;
};

// What the options make necessary, each once. With a namespace only that one is looked into, but for the
// objects that the options name themselves, and one Service more.
std::vector<scope> scopes_of(const ingress::options& by, std::string_view service = {});

// RFC 3986 §2.1: everything but unreserved characters.
std::string percent_encode(std::string_view text);

} // namespace adit::source::kubernetes
