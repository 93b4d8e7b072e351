// What the flags of an ingress controller ask of the translation. Names and defaults are those of
// ingress-nginx.
#pragma once

#include "source/cluster/selector.hpp"

#include <string>

namespace adit::source::ingress {

enum class compat {
    fixed, // known defects of ingress-nginx are mended, with a warning where that tells
    strict // they are reproduced
};

struct options {
    compat mode = compat::fixed;
    std::string ingress_class = "nginx"; // of the annotation kubernetes.io/ingress.class
    std::string controller_class = "k8s.io/ingress-nginx";
    bool without_class = false;                 // Ingresses that name no class are ours too
    std::string name_space;                     // empty = all
    cluster::label_selector namespace_selector; // of their labels; empty = all
    std::string annotations_prefix = "nginx.ingress.kubernetes.io";
    std::string config_map;          // namespace/name; empty = none
    std::string default_certificate; // namespace/name of a Secret; empty = none
    std::string default_backend;     // namespace/name of a Service; empty = 404
    bool external_names = true;      // Services of type ExternalName are followed
    // There are such objects, but nobody shows them: those that are named are taken for good, and nothing is
    // said of them.
    bool secrets_unseen = false, services_unseen = false;

    bool strict() const noexcept { return mode == compat::strict; }
};

} // namespace adit::source::ingress
