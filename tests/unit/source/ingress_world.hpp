// A small cluster in words, for tests of the translation.
#pragma once

#include "source/cluster/decode.hpp"
#include "source/cluster/documents.hpp"
#include "source/cluster/view.hpp"
#include "source/ingress/translate.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <span>
#include <string>
#include <utility>

namespace adit::source::ingress {

// Objects of a text with any number of documents; what cannot be read fails the test.
inline void put_all(cluster::state& into, const std::string& text) {
    for (const auto& document : cluster::split_documents(text)) {
        complaint problem;
        const auto parsed = tree::parse(document.text, "test.yaml", problem);
        ASSERT_TRUE(parsed) << to_text(problem) << text;
        cluster::decoded decoded;
        cluster::decode(parsed->root(), "test.yaml", decoded);
        for (const auto& one : decoded.problems) ADD_FAILURE() << to_text(one);
        for (const auto& one : decoded.objects) into.put(one);
    }
}

inline std::string whole_name(const std::string& annotation) {
    return annotation.find('/') != std::string::npos ? annotation
                                                     : "nginx.ingress.kubernetes.io/" + annotation;
}

class world {
public:
    explicit world(compat mode = compat::fixed) {
        by.mode = mode;
        put("{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, "
            "spec: {controller: k8s.io/ingress-nginx}}");
    }

    world& put(const std::string& text) {
        put_all(objects, text);
        return *this;
    }

    // A Service with port 80 ("http") and ready endpoints 10.0.N.1…count:8080; N goes up with each Service.
    world& service(const std::string& name, int count = 1, const std::string& name_space = "shop") {
        put("{apiVersion: v1, kind: Service, metadata: {name: " + name + ", namespace: " + name_space +
            "}, spec: {clusterIP: 10.96.0.1, ports: [{name: http, port: 80, targetPort: 8080}]}}");
        std::string ends;
        ++services_;
        for (int i = 1; i <= count; ++i)
            ends += "{addresses: [10.0." + std::to_string(services_) + "." + std::to_string(i) + "]},";
        return put(
            "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name: " +
            name + "-x, namespace: " + name_space + ", labels: {kubernetes.io/service-name: " + name +
            "}}, endpoints: [" + ends + "], ports: [{name: http, port: 8080}]}"
        );
    }

    using word = std::pair<const char*, const char*>;
    using words = std::initializer_list<word>;
    // `paths`: "/pay Prefix store, / Exact other"; annotations without their prefix, if it is
    // ingress-nginx's.
    world& ingress(
        const std::string& name, int age, const std::string& host, const std::string& paths,
        words annotations = {}, const std::string& more = "", const std::string& name_space = "shop"
    ) {
        return ingress(name, age, host, paths, std::span<const word>(annotations), more, name_space);
    }
    world& ingress(
        const std::string& name, int age, const std::string& host, const std::string& paths,
        std::span<const word> annotations, const std::string& more, const std::string& name_space
    ) {
        std::string text = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: " + name +
                           "\n  namespace: " + name_space +
                           "\n  creationTimestamp: \"2026-01-01T00:" + (age < 10 ? "0" : "") +
                           std::to_string(age) + ":00Z\"\n";
        if (annotations.size() != 0) text += "  annotations:\n";
        for (const auto& [key, value] : annotations) text += "    " + whole_name(key) + ": '" + value + "'\n";
        text += "spec:\n  ingressClassName: nginx\n";
        if (!paths.empty()) {
            text += "  rules:\n  - " + (host.empty() ? std::string() : "host: '" + host + "'\n    ") +
                    "http:\n      paths:\n";
            std::string_view rest = paths;
            while (!rest.empty()) {
                const auto end = rest.find(", ");
                std::string one(rest.substr(0, end));
                rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
                const auto first = one.find(' '), last = one.rfind(' ');
                text += "      - path: '" + one.substr(0, first) +
                        "'\n        pathType: " + one.substr(first + 1, last - first - 1) +
                        "\n        backend: {service: {name: " + one.substr(last + 1) +
                        ", port: {number: 80}}}\n";
            }
        }
        return put(text + more);
    }

    translation translate() { return translator(by, {}).run(objects); }

    cluster::view seen() { return {objects, asked_}; }

    options by;
    cluster::state objects;

private:
    cluster::lookups asked_;
    int services_ = 0;
};

inline const model::route* find_route(const translation& in, std::string_view name) {
    for (const auto& one : in.wish.routes)
        if (one.name == name) return &one;
    return nullptr;
}

inline std::string names_of(const translation& in) {
    std::string out;
    for (const auto& one : in.wish.routes) out += (out.empty() ? "" : " ") + one.name;
    return out;
}

// "stable>10.0.1.1 canary=25/100>10.0.2.1": tracks with their weights and first endpoints.
inline std::string tracks_of(const model::route* route) {
    if (!route) return "no route";
    std::string out;
    for (const auto& one : route->tracks) {
        out += (out.empty() ? "" : " ") + one.name;
        if (one.name != "stable") {
            const auto total = route->parts_total;
            out += '=' + (total != 0 ? std::to_string(one.parts) + '/' + std::to_string(total)
                                     : to_text(one.weight));
        }
        out += '>' + (one.endpoints.empty() ? std::string("-") : one.endpoints.front().host);
    }
    return out;
}

// "X-Next=always:canary X-Next=never:stable"; patterns with ~, presence with ?.
inline std::string rules_of(const model::route* route) {
    if (!route) return "no route";
    std::string out;
    for (const auto& one : route->force) {
        const auto how = one.value.how;
        const char* sign = how == model::value_match::kind::exact   ? "="
                           : how == model::value_match::kind::regex ? "~"
                                                                    : "?";
        out += (out.empty() ? "" : " ") +
               std::string(one.what == model::force_rule::subject::cookie ? "cookie:" : "") + one.value.name +
               sign + one.value.text + ':' + one.track + (one.error_is_stable ? "!" : "");
    }
    return out;
}

// Whether some complaint has all of the words.
inline bool complains(const translation& in, std::initializer_list<const char*> all) {
    for (const auto& one : in.found) {
        const auto text = to_text(one);
        bool has = true;
        for (const auto* word : all) has = has && text.find(word) != std::string::npos;
        if (has) return true;
    }
    return false;
}

inline std::string all_complaints(const translation& in) {
    std::string out;
    for (const auto& one : in.found) out += to_text(one) + '\n';
    return out;
}

} // namespace adit::source::ingress
