#include "source/ingress/endpoints.hpp"
#include "source/ingress/routes.hpp"

#include "ingress_world.hpp"

#include <gtest/gtest.h>

namespace adit::source::ingress {
namespace {

// "prefix /foo", and what of it counts.
std::string path_of(const model::route* route) {
    if (!route) return "no route";
    static constexpr const char* kinds[] = {"prefix ", "exact ", "regex "};
    return kinds[static_cast<int>(route->match.path.how)] + route->match.path.text;
}

std::string endpoints_text(const std::vector<model::endpoint>& all) {
    std::string out;
    for (const auto& one : all)
        out += (out.empty() ? "" : " ") + one.host + ':' + std::to_string(one.port) + (one.ready ? "" : "!");
    return out;
}

TEST(paths, become_what_nginx_matches) {
    world w;
    w.service("a").ingress("s", 1, "x.test", "/foo Prefix a, /bar Exact a, / Prefix a, /dir/ Prefix a");
    const auto got = w.translate();
    EXPECT_EQ(path_of(find_route(got, "shop/s/0/0")), "prefix /foo");
    EXPECT_EQ(path_of(find_route(got, "shop/s/0/1")), "exact /bar");
    EXPECT_EQ(path_of(find_route(got, "shop/s/0/2")), "prefix /");
    EXPECT_EQ(path_of(find_route(got, "shop/s/0/3")), "prefix /dir/");
    EXPECT_EQ(got.found.size(), 0U) << all_complaints(got);
    EXPECT_EQ(find_route(got, "shop/s/0/0")->match.hosts, std::vector<std::string>{"x.test"});
    EXPECT_EQ(find_route(got, "shop/s/0/0")->label(), "shop/s");
}

TEST(paths, with_and_without_their_slash_are_two) {
    world w;
    w.service("a").service("b").ingress("s", 1, "x.test", "/foo Prefix a, /foo/ Prefix b");
    const auto got = w.translate();
    EXPECT_EQ(path_of(find_route(got, "shop/s/0/0")), "exact /foo");
    EXPECT_EQ(path_of(find_route(got, "shop/s/0/1")), "prefix /foo/");
}

TEST(paths, without_their_slash_are_sent_to_it_in_strict_mode) {
    world w(compat::strict);
    w.service("a").ingress("s", 1, "x.test", "/foo/ Prefix a");
    const auto got = w.translate();
    const auto* slash = find_route(got, "shop/s/0/0/slash");
    EXPECT_EQ(path_of(slash), "exact /foo");
    EXPECT_EQ(slash->policies.redirect->to, "$scheme://$authority/foo/$query");
    EXPECT_EQ(slash->policies.redirect->code, 301);
}

TEST(paths, of_a_host_are_all_patterns_where_one_is) {
    world w;
    w.service("a").service("b").ingress("s", 1, "x.test", "/plain Exact a, /bad( Prefix a");
    w.ingress("r", 2, "x.test", "/rx/.* ImplementationSpecific b", {{"use-regex", "true"}});
    w.ingress("t", 3, "y.test", "/plain Exact a");
    const auto got = w.translate();
    EXPECT_EQ(path_of(find_route(got, "shop/s/0/0")), "regex /plain");
    EXPECT_EQ(path_of(find_route(got, "shop/s/0/1")), "no route");
    EXPECT_EQ(path_of(find_route(got, "shop/r/0/0")), "regex /rx/.*");
    EXPECT_EQ(path_of(find_route(got, "shop/t/0/0")), "exact /plain");
    EXPECT_TRUE(complains(got, {"/bad(", "no regular expression"})) << all_complaints(got);
}

TEST(paths, that_never_match_are_left_out_and_told) {
    world w;
    w.service("a").ingress("s", 1, "x.test", "/a%20b Prefix a, /good Prefix a");
    w.ingress("h", 2, "bad host", "/ Prefix a");
    const auto got = w.translate();
    EXPECT_EQ(names_of(got), "shop/s/0/1");
    EXPECT_TRUE(complains(got, {"Ingress shop/s", "/a%20b"})) << all_complaints(got);
    EXPECT_TRUE(complains(got, {"Ingress shop/h", "bad host"})) << all_complaints(got);
}

TEST(rewrites, use_the_groups_of_the_path) {
    world w;
    w.service("a").ingress(
        "s", 1, "x.test", "/shop(/|$)(.*) ImplementationSpecific a",
        {{"rewrite-target", "/$2"}, {"x-forwarded-prefix", "/shop"}}
    );
    w.ingress(
        "u", 2, "u.test", "/old/(.*) ImplementationSpecific a", {{"rewrite-target", "https://new.test/$1"}}
    );
    w.ingress("e", 3, "e.test", "/ Prefix a", {{"rewrite-target", "/"}});
    const auto got = w.translate();
    const auto* one = find_route(got, "shop/s/0/0");
    ASSERT_TRUE(one && one->policies.rewrite) << all_complaints(got);
    EXPECT_EQ(one->policies.rewrite->to, "/$2");
    EXPECT_EQ(one->policies.rewrite->forwarded_prefix, "/shop");
    EXPECT_EQ(find_route(got, "shop/u/0/0")->policies.redirect->to, "https://new.test/$1");
    EXPECT_EQ(path_of(find_route(got, "shop/e/0/0")), "prefix /");
    EXPECT_FALSE(find_route(got, "shop/e/0/0")->policies.rewrite);
}

TEST(endpoints, are_those_of_the_named_port) {
    world w;
    w.put("{apiVersion: v1, kind: Service, metadata: {name: m, namespace: shop}, spec: {clusterIP: "
          "10.96.0.7, ports: "
          "[{name: web, port: 80, targetPort: http}, {name: admin, port: 81, targetPort: 9000}]}}");
    w.put("{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: m-1, namespace: shop, "
          "labels: "
          "{kubernetes.io/service-name: m}}, ports: [{name: web, port: 8080}, {name: admin, port: 9000}], "
          "endpoints: ["
          "{addresses: [10.1.0.1]}, {addresses: [10.1.0.2], conditions: {ready: false}}, "
          "{addresses: [10.1.0.3], conditions: {ready: false, serving: true, terminating: true}}, "
          "{addresses: ['fd00::1'], conditions: {ready: null}}, {addresses: [not-an-ip]}]}");
    const auto at = [&](cluster::port_ref port, bool by_address = false) {
        return endpoints_text(endpoints_of(w.seen(), {"shop", "m", std::move(port)}, by_address, w.by));
    };
    EXPECT_EQ(at({80, ""}), "10.1.0.1:8080 10.1.0.3:8080! fd00::1:8080");
    EXPECT_EQ(at({0, "web"}), "10.1.0.1:8080 10.1.0.3:8080! fd00::1:8080");
    EXPECT_EQ(at({81, ""}), "10.1.0.1:9000 10.1.0.3:9000! fd00::1:9000");
    EXPECT_EQ(at({9000, ""}), at({81, ""}));
    EXPECT_EQ(at({82, ""}), "");
    EXPECT_EQ(at({80, ""}, true), "10.96.0.7:80");
    w.by.mode = compat::strict;
    EXPECT_EQ(at({80, ""}), "10.1.0.1:8080 fd00::1:8080");
    EXPECT_EQ(endpoints_text(endpoints_of(w.seen(), {"shop", "none", {80, ""}}, false, w.by)), "");
}

TEST(endpoints, come_from_old_objects_headless_services_and_names) {
    world w;
    w.put("{apiVersion: v1, kind: Service, metadata: {name: old}, spec: {ports: [{port: 80}]}}");
    w.put("{apiVersion: v1, kind: Endpoints, metadata: {name: old}, subsets: [{addresses: [{ip: 10.2.0.1}], "
          "notReadyAddresses: [{ip: 10.2.0.2}], ports: [{port: 8080}]}]}");
    w.put("{apiVersion: v1, kind: Service, metadata: {name: out}, spec: {type: ExternalName, externalName: "
          "api.test.}}");
    w.put("{apiVersion: v1, kind: Service, metadata: {name: head}, spec: {clusterIP: None}}");
    w.put("{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: h, labels: "
          "{kubernetes.io/service-name: head}}, "
          "endpoints: [{addresses: [10.3.0.1]}], ports: []}");
    const auto at = [&](const char* name) {
        return endpoints_text(endpoints_of(w.seen(), {"default", name, {8080, ""}}, false, w.by));
    };
    EXPECT_EQ(
        endpoints_text(endpoints_of(w.seen(), {"default", "old", {80, ""}}, false, w.by)), "10.2.0.1:8080"
    );
    EXPECT_EQ(at("out"), "api.test:8080");
    EXPECT_EQ(at("head"), "10.3.0.1:8080");
    w.by.external_names = false;
    EXPECT_EQ(at("out"), "");
}

TEST(classes, choose_which_ingresses_are_ours) {
    const auto names = [](world& w) { return names_of(w.translate()); };
    world w;
    w.service("a").ingress("mine", 1, "a.test", "/ Prefix a");
    w.put("{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: other}, spec: "
          "{controller: example.test/x}}");
    for (const char* name : {"other", "nowhere"})
        w.put(
            "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: " + std::string(name) +
            ", namespace: shop}, spec: {ingressClassName: " + name + ", rules: [{host: " + name +
            ".test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: "
            "80}}}}]}}]}}"
        );
    for (const auto& [name, annotation] :
         {std::pair{"annotated", "nginx"}, std::pair{"foreign", "traefik"}, std::pair{"bare", ""}})
        w.put(
            "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: " + std::string(name) +
            ", namespace: shop, annotations: {kubernetes.io/ingress.class: '" + annotation +
            "'}}, spec: {rules: [{host: " + name +
            ".test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: "
            "80}}}}]}}]}}"
        );
    EXPECT_EQ(names(w), "shop/mine/0/0 shop/annotated/0/0");
    EXPECT_TRUE(complains(w.translate(), {"shop/nowhere", "no IngressClass"}));
    w.by.without_class = true;
    EXPECT_EQ(names(w), "shop/mine/0/0 shop/annotated/0/0 shop/bare/0/0");
    w.by.without_class = false;
    w.by.controller_class = "example.test/x";
    EXPECT_EQ(names(w), "shop/annotated/0/0 shop/other/0/0");
    w.by.ingress_class = "traefik";
    EXPECT_EQ(names(w), "shop/foreign/0/0 shop/other/0/0");
    w.by.name_space = "labs";
    EXPECT_EQ(names(w), "");
    w.by = {};
    w.put("{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx, annotations: "
          "{ingressclass.kubernetes.io/is-default-class: 'true'}}, spec: {controller: k8s.io/ingress-nginx}}"
    );
    EXPECT_EQ(names(w), "shop/mine/0/0 shop/annotated/0/0 shop/bare/0/0");
}

TEST(session_cookies, are_those_that_browsers_hold_already) {
    // md5 of "shop-a-80", then of that and "shop-a-80".
    EXPECT_EQ(backend_key("shop-a-80"), "9387ae9691c467bb94aa5232c261ae3f");
    world w;
    w.service("a").service("b");
    w.ingress(
        "s", 1, "x.test", "/p Prefix a",
        {{"affinity", "cookie"}, {"session-cookie-max-age", "60"}, {"session-cookie-samesite", "none"}}
    );
    w.ingress("c", 2, "x.test", "/p Prefix b", {{"canary", "true"}, {"canary-weight", "1"}});
    for (const auto mode : {compat::strict, compat::fixed}) {
        w.by.mode = mode;
        const auto got = w.translate();
        const auto* one = find_route(got, "shop/s/0/0");
        ASSERT_TRUE(one && one->balance.sticky) << all_complaints(got);
        EXPECT_EQ(one->balance.sticky->cookie, "INGRESSCOOKIE");
        EXPECT_EQ(one->balance.sticky->path, "/p");
        EXPECT_EQ(one->balance.sticky->ttl, std::chrono::seconds(60));
        EXPECT_EQ(one->balance.sticky->site, model::sticky::same_site::none);
        EXPECT_EQ(
            one->balance.sticky->pins,
            mode == compat::strict ? model::sticky::pin::strict : model::sticky::pin::track
        );
        EXPECT_EQ(one->tracks[0].sticky_tag, backend_key("shop-a-80"));
        EXPECT_EQ(one->tracks[1].sticky_tag, backend_key("shop-b-80"));
    }
    w.ingress(
        "c", 2, "x.test", "/p Prefix b",
        {{"canary", "true"}, {"canary-weight", "1"}, {"affinity-canary-behavior", "legacy"}}
    );
    const auto got = w.translate();
    const auto* one = find_route(got, "shop/s/0/0");
    ASSERT_TRUE(one->tracks[1].balance);
    EXPECT_FALSE(one->tracks[1].balance->sticky);
}

TEST(bad_annotations, keep_the_last_version_of_their_object) {
    world w;
    w.service("a").service("b").ingress("s", 1, "x.test", "/ Prefix a", {{"limit-rps", "5"}});
    w.ingress("t", 2, "y.test", "/ Prefix a");
    translator by(w.by, {});
    EXPECT_EQ(names_of(by.run(w.objects)), "shop/s/0/0 shop/t/0/0");
    w.ingress("s", 1, "x.test", "/ Prefix b", {{"limit-rps", "abc"}});
    const auto kept = by.run(w.objects);
    EXPECT_EQ(tracks_of(find_route(kept, "shop/s/0/0")), "stable>10.0.1.1");
    EXPECT_TRUE(complains(kept, {"error", "limit-rps", "`abc` is no whole number"})) << all_complaints(kept);
    EXPECT_TRUE(find_route(kept, "shop/t/0/0"));
    EXPECT_EQ(names_of(w.translate()), "shop/t/0/0"); // nobody remembers a good one
}

TEST(guards, that_cannot_be_read_keep_their_paths_shut) {
    const world::words rows[] = {
        {{"whitelist-source-range", "10.0.0.0/8, somewhere"}},
        {{"denylist-source-range", "10.0.0.0/99"}},
        {{"auth-type", "digest"}, {"auth-secret", "s"}},
        {{"auth-type", "basic"}},
        {{"auth-type", "basic"}, {"auth-secret", "missing"}},
        {{"auth-type", "basic"}, {"auth-secret", "other/users"}},
        {{"auth-url", "https://auth.test/"}},
        {{"auth-url", "http://auth.test/$host"}},
        {{"auth-tls-secret", "missing"}},
        {{"auth-tls-secret", "ca"}, {"auth-tls-match-cn", "CN=a"}},
        {{"satisfy", "any"}},
        {{"backend-protocol", "GRPC"}},
        {{"proxy-body-size", "much"}},
        {{"custom-http-errors", "404,abc"}},
        {{"permanent-redirect", "new.test"}},
    };
    for (const auto& row : rows) {
        world w;
        w.service("a").ingress("s", 1, "x.test", "/ Prefix a", row);
        const auto got = w.translate();
        EXPECT_EQ(names_of(got), "") << row.begin()->first << '=' << row.begin()->second;
        EXPECT_TRUE(has_errors(got.found)) << row.begin()->first;
    }
}

TEST(settings, of_the_config_map_are_defaults_of_all) {
    world w;
    w.by.config_map = "ingress/settings";
    w.put("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: ingress}, data: {"
          "enable-underscores-in-headers: 'true', proxy-body-size: 2m, use-forwarded-headers: 'true', "
          "proxy-read-timeout: '7', "
          "whitelist-source-range: '10.0.0.0/8', use-gzip: 'true', proxy-bodysize: 1m, keep-alive: forever}}"
    );
    w.service("a")
        .ingress("s", 1, "x.test", "/ Prefix a")
        .ingress("t", 2, "y.test", "/ Prefix a", {{"proxy-body-size", "0"}, {"proxy-read-timeout", "9"}});
    const auto got = w.translate();
    EXPECT_TRUE(got.wish.underscore_fields);
    EXPECT_EQ(got.wish.limits.body, 2U * 1024 * 1024);
    EXPECT_EQ(got.wish.trusted.size(), 2U);
    const auto *s = find_route(got, "shop/s/0/0"), *t = find_route(got, "shop/t/0/0");
    EXPECT_EQ(s->timeouts.response, std::chrono::seconds(7));
    EXPECT_EQ(t->timeouts.response, std::chrono::seconds(9));
    EXPECT_EQ(s->policies.access->allow.size(), 1U);
    EXPECT_FALSE(s->policies.body_max);
    EXPECT_EQ(t->policies.body_max, 0U);
    EXPECT_TRUE(complains(got, {"use-gzip", "not supported"})) << all_complaints(got);
    EXPECT_TRUE(complains(got, {"proxy-bodysize", "did you mean proxy-body-size"}));
    EXPECT_TRUE(complains(got, {"keep-alive", "`forever`"}));
}

TEST(hosts, may_have_aliases_and_a_www_of_their_own) {
    world w;
    w.service("a").ingress(
        "s", 1, "x.test", "/ Prefix a",
        {{"server-alias", "z.test, y.test, ~re.*"}, {"from-to-www-redirect", "true"}}
    );
    w.ingress("t", 2, "y.test", "/ Prefix a");
    const auto got = w.translate();
    EXPECT_EQ(find_route(got, "shop/s/0/0")->match.hosts, (std::vector<std::string>{"x.test", "z.test"}));
    const auto* www = find_route(got, "shop/s/www/1");
    ASSERT_TRUE(www) << names_of(got);
    EXPECT_EQ(www->match.hosts, std::vector<std::string>{"www.x.test"});
    EXPECT_EQ(www->policies.redirect->to, "$scheme://x.test$request_uri");
    EXPECT_TRUE(complains(got, {"server-alias", "y.test"})) << all_complaints(got);
}

TEST(default_backends, answer_for_the_rest) {
    world w;
    w.service("a").service("spare").ingress(
        "s", 1, "x.test", "/pay Prefix a", {},
        "  defaultBackend: {service: {name: spare, port: {number: 80}}}\n"
    );
    w.ingress("t", 2, "y.test", "/pay Prefix a");
    const auto got = w.translate();
    EXPECT_EQ(tracks_of(find_route(got, "shop/s/0/default")), "stable>10.0.2.1");
    EXPECT_EQ(path_of(find_route(got, "shop/s/0/default")), "prefix /");
    EXPECT_FALSE(find_route(got, "shop/t/0/default"));
    w.by.default_backend = "shop/spare";
    const auto with = w.translate();
    EXPECT_EQ(find_route(with, "default-backend/shop/t")->match.hosts, std::vector<std::string>{"y.test"});
    EXPECT_TRUE(find_route(with, "default-backend")->match.hosts.empty());
}

TEST(redirects_to_https, need_a_certificate_or_a_word) {
    const std::string tls = "  tls: [{hosts: [x.test], secretName: none}]\n";
    const auto code = [](world::words annotations, const std::string& more, const char* path = "/ Prefix a") {
        world w;
        w.service("a").ingress("s", 1, "x.test", path, annotations, more);
        return find_route(w.translate(), "shop/s/0/0")->https.redirect;
    };
    EXPECT_EQ(code({}, ""), 0);
    EXPECT_EQ(code({}, tls), 308);
    EXPECT_EQ(code({{"ssl-redirect", "false"}}, tls), 0);
    EXPECT_EQ(code({{"force-ssl-redirect", "true"}}, ""), 308);
    EXPECT_EQ(code({}, tls, "/.well-known/acme-challenge/token Exact a"), 0);
}

} // namespace
} // namespace adit::source::ingress
