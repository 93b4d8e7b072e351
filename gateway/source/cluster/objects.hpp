// Kubernetes objects as far as a gateway looks at them: plain values, whatever they were read from. One
// decoded copy of each is shared by all who need it and never changed. They are equal when they ask for the
// same, wherever that was written.
#pragma once

#include "core/complaint.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace adit::source::cluster {

// A label or an annotation, and where it was written.
struct note {
    std::string name, value;
    int line = 0, column = 0; // of the value; 0 = unknown

    bool operator==(const note& o) const { return name == o.name && value == o.value; }
};
using notes = std::vector<note>; // sorted by name

const note* find_note(const notes& among, std::string_view name) noexcept;

struct metadata {
    std::string name_space; // empty for kinds that have none
    std::string name;
    std::int64_t created = 0; // seconds since 1970
    notes labels, annotations;
    place at; // of the document

    std::string key() const { return name_space.empty() ? name : name_space + '/' + name; }
    bool operator==(const metadata& o) const {
        return name == o.name && name_space == o.name_space && created == o.created && labels == o.labels &&
               annotations == o.annotations;
    }
};

// Where status.loadBalancer says that something is reached: addresses and names. It is no wish.
struct published {
    std::vector<std::string> at;
    bool operator==(const published&) const { return true; }
};

// A port of a Service, by number or by name; both empty = not said.
struct port_ref {
    std::uint16_t number = 0;
    std::string name;

    std::string text() const { return name.empty() ? std::to_string(number) : name; }
    bool operator==(const port_ref&) const = default;
};

struct ingress_backend {
    std::string service; // empty: it names something that is no Service
    port_ref port;

    bool operator==(const ingress_backend&) const = default;
};

struct ingress_path {
    std::string path; // empty = not written
    bool exact = false;
    bool specific = false; // pathType ImplementationSpecific, or none
    ingress_backend backend;
    int line = 0;

    bool operator==(const ingress_path& o) const {
        return path == o.path && exact == o.exact && specific == o.specific && backend == o.backend;
    }
};

struct ingress_rule {
    std::string host; // empty = every host
    std::vector<ingress_path> paths;
    int line = 0;

    bool operator==(const ingress_rule& o) const { return host == o.host && paths == o.paths; }
};

struct ingress_tls {
    std::vector<std::string> hosts;
    std::string secret;
    int line = 0;

    bool operator==(const ingress_tls& o) const { return hosts == o.hosts && secret == o.secret; }
};

struct ingress {
    static constexpr std::string_view kind = "Ingress";
    metadata meta;
    std::string class_name; // spec.ingressClassName
    std::optional<ingress_backend> default_backend;
    std::vector<ingress_rule> rules;
    std::vector<ingress_tls> tls;
    cluster::published published;

    bool operator==(const ingress&) const = default;
};

struct ingress_class {
    static constexpr std::string_view kind = "IngressClass";
    metadata meta;
    std::string controller;

    bool operator==(const ingress_class&) const = default;
};

struct service_port {
    std::string name;
    std::uint16_t port = 0;
    port_ref target; // neither number nor name = `port`
    bool tcp = true;

    bool operator==(const service_port&) const = default;
};

struct service {
    static constexpr std::string_view kind = "Service";
    metadata meta;
    std::string cluster_ip; // empty or "None" = headless
    bool balanced = false;  // of type LoadBalancer
    std::string external_name;
    std::vector<std::string> external_ips;
    std::vector<service_port> ports;
    cluster::published published;

    bool operator==(const service&) const = default;
};

struct slice_port {
    std::string name;
    std::uint16_t port = 0;
    bool tcp = true;

    bool operator==(const slice_port&) const = default;
};

struct slice_endpoint {
    std::vector<std::string> addresses;
    bool ready = true, serving = true, terminating = false;
    std::string zone;

    bool operator==(const slice_endpoint&) const = default;
};

// An EndpointSlice, and each subset of an Endpoints object.
struct endpoint_slice {
    static constexpr std::string_view kind = "EndpointSlice";
    metadata meta;
    std::string service; // of the same namespace
    std::vector<slice_port> ports;
    std::vector<slice_endpoint> endpoints;

    bool operator==(const endpoint_slice&) const = default;
};

struct endpoints {
    static constexpr std::string_view kind = "Endpoints";
    metadata meta; // named as its Service
    std::vector<endpoint_slice> subsets;

    bool operator==(const endpoints&) const = default;
};

struct secret {
    static constexpr std::string_view kind = "Secret";
    metadata meta;
    std::string type;
    std::map<std::string, std::string, std::less<>> data; // bytes, decoded

    bool operator==(const secret&) const = default;
};

struct config_map {
    static constexpr std::string_view kind = "ConfigMap";
    metadata meta;
    std::map<std::string, std::string, std::less<>> data;

    bool operator==(const config_map&) const = default;
};

struct name_space {
    static constexpr std::string_view kind = "Namespace";
    metadata meta;

    bool operator==(const name_space&) const = default;
};

struct pod {
    static constexpr std::string_view kind = "Pod";
    metadata meta;
    std::vector<std::string> addresses;

    bool operator==(const pod&) const = default;
};

template <class T>
using ref = std::shared_ptr<const T>;

using object = std::variant<
    ref<ingress>, ref<ingress_class>, ref<service>, ref<endpoint_slice>, ref<endpoints>, ref<secret>,
    ref<config_map>, ref<name_space>, ref<pod>>;

const metadata& meta_of(const object& one) noexcept;
std::string_view kind_of(const object& one) noexcept;
// "Ingress shop/store": for people, and unique.
std::string title_of(const object& one);

} // namespace adit::source::cluster
