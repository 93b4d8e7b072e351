#include "source/ingress/pair.hpp"

#include "ingress_world.hpp"

#include <gtest/gtest.h>

namespace adit::source::ingress {
namespace {

constexpr world::words weighted{{"canary", "true"}, {"canary-weight", "30"}};

// What becomes of each path, in both modes.
struct story {
    const char* name;
    void (*tell)(world&);
    std::vector<std::pair<const char*, const char*>> strict, fixed; // route → tracks_of()
    const char* issue = nullptr;                                    // that a warning of fixed mode names
};

const story stories[] = {
    {"one canary, whatever the age",
     [](world& w) {
         w.ingress("c", 1, "x.test", "/ Prefix b", weighted).ingress("s", 5, "x.test", "/ Prefix a");
     },
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}}},
    {"a canary alone is nobody",
     [](world& w) { w.ingress("c", 1, "x.test", "/ Prefix b", weighted); },
     {{"shop/c/0/0", "no route"}},
     {{"shop/c/0/0", "no route"}}},
    {"types of paths differ",
     [](world& w) {
         w.ingress("s", 1, "x.test", "/pay Prefix a").ingress("c", 2, "x.test", "/pay Exact b", weighted);
     },
     {{"shop/s/0/0", "stable>10.0.1.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1"}}},
    {"no type is Prefix",
     [](world& w) {
         w.ingress("s", 1, "x.test", "/pay ImplementationSpecific a")
             .ingress("c", 2, "x.test", "/pay Prefix b", weighted);
     },
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}}},
    {"slashes count",
     [](world& w) {
         w.ingress("s", 1, "x.test", "/pay Prefix a").ingress("c", 2, "x.test", "/pay/ Prefix b", weighted);
     },
     {{"shop/s/0/0", "stable>10.0.1.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1"}}},
    {"a wildcard is no twin",
     [](world& w) {
         w.ingress("s", 1, "*.test", "/ Prefix a").ingress("c", 2, "x.test", "/ Prefix b", weighted);
     },
     {{"shop/s/0/0", "stable>10.0.1.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1"}}},
    {"another namespace pairs",
     [](world& w) {
         w.service("b", 1, "labs").ingress("s", 1, "x.test", "/ Prefix a");
         w.ingress("c", 2, "x.test", "/ Prefix b", weighted, "", "labs");
     },
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.4.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.4.1"}}},
    {"one unpaired path kills the canary",
     [](world& w) {
         w.ingress("s", 1, "x.test", "/pay Prefix a")
             .ingress("c", 2, "x.test", "/pay Prefix b, /ghost Prefix b", weighted);
     },
     {{"shop/s/0/0", "stable>10.0.1.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}},
     "#9830"},
    {"a host that is not there kills nothing",
     [](world& w) {
         w.ingress("s", 1, "x.test", "/ Prefix a");
         w.ingress(
             "c", 2, "x.test", "/ Prefix b", weighted,
             "  - {host: y.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: b, "
             "port: {number: 80}}}}]}}\n"
         );
     },
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}}},
    {"a shared stable leaks",
     [](world& w) {
         w.ingress("s", 1, "x.test", "/pay Prefix a, /browse Prefix a")
             .ingress("c", 2, "x.test", "/pay Prefix b", weighted);
     },
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"},
      {"shop/s/0/1", "stable>10.0.1.1 canary=30>10.0.2.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}, {"shop/s/0/1", "stable>10.0.1.1"}},
     "#8689"},
    {"two canaries",
     [](world& w) {
         w.ingress("s", 1, "x.test", "/ Prefix a").ingress("c", 2, "x.test", "/ Prefix b", weighted);
         w.ingress("d", 3, "x.test", "/ Prefix c", weighted);
     },
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1 canary-2=30>10.0.3.1"}},
     "#5848"},
    {"a preview younger than the canary",
     [](world& w) {
         w.ingress("s", 1, "x.test", "/ Prefix a").ingress("c", 2, "x.test", "/ Prefix b", weighted);
         w.ingress("p", 3, "p.test", "/ Prefix b");
     },
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}, {"shop/p/0/0", "no route"}},
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}, {"shop/p/0/0", "stable>10.0.2.1"}},
     "#11563"},
    {"a preview older than the canary",
     [](world& w) {
         w.ingress("s", 1, "x.test", "/ Prefix a").ingress("p", 2, "p.test", "/ Prefix b");
         w.ingress("c", 3, "x.test", "/ Prefix b", weighted);
     },
     {{"shop/s/0/0", "stable>10.0.1.1"}, {"shop/p/0/0", "stable>10.0.2.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1 canary=30>10.0.2.1"}, {"shop/p/0/0", "stable>10.0.2.1"}},
     "#10729"},
    {"the stable Service again is no canary",
     [](world& w) {
         w.ingress("s", 1, "x.test", "/ Prefix a").ingress("c", 2, "x.test", "/ Prefix a", weighted);
     },
     {{"shop/s/0/0", "stable>10.0.1.1"}},
     {{"shop/s/0/0", "stable>10.0.1.1"}}},
    {"a rollout's copy of whole rules",
     [](world& w) {
         w.ingress("s", 1, "x.test", "/api Prefix c, / Prefix a")
             .ingress("r", 2, "x.test", "/api Prefix c, / Prefix b", weighted);
     },
     {{"shop/s/0/0", "stable>10.0.3.1"}, {"shop/s/0/1", "stable>10.0.1.1 canary=30>10.0.2.1"}},
     {{"shop/s/0/0", "stable>10.0.3.1"}, {"shop/s/0/1", "stable>10.0.1.1 canary=30>10.0.2.1"}}},
    {"the backend of all other hosts",
     [](world& w) {
         w.ingress("s", 1, "", "", {}, "  defaultBackend: {service: {name: a, port: {number: 80}}}\n");
         w.ingress("c", 2, "", "", weighted, "  defaultBackend: {service: {name: b, port: {number: 80}}}\n");
     },
     {{"shop/s/default", "stable>10.0.1.1 canary=30>10.0.2.1"}},
     {{"shop/s/default", "stable>10.0.1.1 canary=30>10.0.2.1"}}},
};

TEST(pairing, tells_canaries_and_paths_together) {
    for (const auto& one : stories) {
        for (const auto mode : {compat::strict, compat::fixed}) {
            world w(mode);
            w.service("a").service("b").service("c");
            one.tell(w);
            const auto got = w.translate();
            const auto& wanted = mode == compat::strict ? one.strict : one.fixed;
            for (const auto& [route, tracks] : wanted)
                EXPECT_EQ(tracks_of(find_route(got, route)), tracks)
                    << one.name << (mode == compat::strict ? ", strict: " : ", fixed: ") << names_of(got)
                    << '\n'
                    << all_complaints(got);
            if (one.issue) {
                EXPECT_EQ(complains(got, {one.issue}), mode == compat::fixed) << one.name << '\n'
                                                                              << all_complaints(got);
            }
        }
    }
}

TEST(pairing, of_equal_age_the_greater_name_owns_a_path) {
    world w;
    w.service("a")
        .service("b")
        .ingress("aaa", 3, "x.test", "/ Prefix a")
        .ingress("zzz", 3, "x.test", "/ Prefix b");
    const auto got = w.translate();
    EXPECT_EQ(names_of(got), "shop/zzz/0/0");
    EXPECT_TRUE(complains(got, {"shop/aaa", "belongs to an older Ingress"})) << all_complaints(got);
}

TEST(pairing, survives_odd_objects) {
    const char* odd[] = {
        "metadata: {name: o}\nspec: {ingressClassName: nginx, rules: [{host: x.test}]}\n",
        "metadata: {name: o}\nspec: {ingressClassName: nginx}\n",
        "metadata: {name: o}\nspec: {ingressClassName: nginx, defaultBackend: {resource: {kind: Bucket, "
        "name: b}}}\n",
        "metadata: {name: o}\nspec: {ingressClassName: nginx, rules: [{http: {paths: [{path: /, pathType: "
        "Prefix, backend: {resource: {kind: Bucket, name: b}}}]}}]}\n",
    };
    for (const auto* text : odd)
        for (const auto mode : {compat::strict, compat::fixed})
            for (const bool canary : {false, true}) {
                world w(mode);
                w.service("a").ingress("s", 1, "x.test", "/ Prefix a");
                std::string with = "apiVersion: networking.k8s.io/v1\nkind: Ingress\n" + std::string(text);
                if (canary)
                    with.replace(
                        with.find("{name: o}"), 9,
                        "{name: o, annotations: {nginx.ingress.kubernetes.io/canary: 'true'}}"
                    );
                w.put(with);
                EXPECT_EQ(tracks_of(find_route(w.translate(), "shop/s/0/0")), "stable>10.0.1.1") << with;
            }
}

} // namespace
} // namespace adit::source::ingress
