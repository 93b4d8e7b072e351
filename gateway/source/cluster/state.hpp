// All objects that are known, by kind and key. A value: copies share the objects.
#pragma once

#include "source/cluster/objects.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace adit::source::cluster {

// An object by its kind and metadata::key(); of EndpointSlices all of one Service, by the Service's key.
struct lookup {
    std::string_view kind;
    std::string key;

    lookup(std::string_view of, std::string at) : kind(of), key(std::move(at)) {}
    bool operator==(const lookup&) const = default;
    bool operator<(const lookup& o) const { return std::tie(kind, key) < std::tie(o.kind, o.key); }
};
using lookups = std::set<lookup>;

class state {
public:
    template <class T>
    using table = std::map<std::string, ref<T>, std::less<>>; // by metadata::key()

    // In the place of what had the same kind and key. True when there was such a one.
    bool put(const object& one);
    // Whether what it holds of that kind and key is equal.
    bool holds(const object& one) const;
    // True when there was such a one. `kind` as kind_of() tells it, `key` as metadata::key().
    bool remove(std::string_view kind, std::string_view key);

    template <class T>
    const table<T>& all() const noexcept {
        return std::get<table<T>>(tables_);
    }
    // Becomes like `other`, and knows in what it has changed.
    void become(state other);
    // What has changed since this was last asked: objects that are new, others than they were, or gone.
    lookups take_touched() { return std::exchange(touched_, {}); }

    // nullptr where there is none.
    template <class T>
    const T* find(std::string_view key) const {
        const auto at = all<T>().find(key);
        return at == all<T>().end() ? nullptr : at->second.get();
    }
    template <class T>
    const T* find(std::string_view name_space, std::string_view name) const {
        std::string key(name_space);
        return find<T>(key.append("/").append(name));
    }
    // By key; empty where the Service has none.
    const std::vector<ref<endpoint_slice>>& slices_of(std::string_view service_key) const;

private:
    void forget(const endpoint_slice& one);
    template <class T>
    void touch(const T& one);

    std::tuple<
        table<ingress>, table<ingress_class>, table<service>, table<endpoint_slice>, table<endpoints>,
        table<secret>, table<config_map>, table<name_space>, table<pod>>
        tables_;
    std::map<std::string, std::vector<ref<endpoint_slice>>, std::less<>> slices_;
    lookups touched_;
};

} // namespace adit::source::cluster
