// Kubernetes objects as far as a gateway looks at them: plain values, whatever they were read from. One
// decoded copy of each is shared by all who need it and never changed.
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
};

struct ingress_rule {
    std::string host; // empty = every host
    std::vector<ingress_path> paths;
    int line = 0;
};

struct ingress_tls {
    std::vector<std::string> hosts;
    std::string secret;
    int line = 0;
};

struct ingress {
    static constexpr std::string_view kind = "Ingress";
    metadata meta;
    std::string class_name; // spec.ingressClassName
    std::optional<ingress_backend> default_backend;
    std::vector<ingress_rule> rules;
    std::vector<ingress_tls> tls;
};

struct ingress_class {
    static constexpr std::string_view kind = "IngressClass";
    metadata meta;
    std::string controller;
};

struct service_port {
    std::string name;
    std::uint16_t port = 0;
    port_ref target; // neither number nor name = `port`
    bool tcp = true;
};

struct service {
    static constexpr std::string_view kind = "Service";
    metadata meta;
    std::string cluster_ip; // empty or "None" = headless
    std::string external_name;
    std::vector<service_port> ports;
};

struct slice_port {
    std::string name;
    std::uint16_t port = 0;
    bool tcp = true;
};

struct slice_endpoint {
    std::vector<std::string> addresses;
    bool ready = true, serving = true, terminating = false;
    std::string zone;
};

// An EndpointSlice, and each subset of an Endpoints object.
struct endpoint_slice {
    static constexpr std::string_view kind = "EndpointSlice";
    metadata meta;
    std::string service; // of the same namespace
    std::vector<slice_port> ports;
    std::vector<slice_endpoint> endpoints;
};

struct endpoints {
    static constexpr std::string_view kind = "Endpoints";
    metadata meta; // named as its Service
    std::vector<endpoint_slice> subsets;
};

struct secret {
    static constexpr std::string_view kind = "Secret";
    metadata meta;
    std::string type;
    std::map<std::string, std::string, std::less<>> data; // bytes, decoded
};

struct config_map {
    static constexpr std::string_view kind = "ConfigMap";
    metadata meta;
    std::map<std::string, std::string, std::less<>> data;
};

struct name_space {
    static constexpr std::string_view kind = "Namespace";
    metadata meta;
};

struct pod {
    static constexpr std::string_view kind = "Pod";
    metadata meta;
    std::vector<std::string> addresses;
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
