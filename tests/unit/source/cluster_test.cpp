#include "source/cluster/decode.hpp"
#include "source/cluster/documents.hpp"
#include "source/cluster/state.hpp"

#include <gtest/gtest.h>

namespace adit::source::cluster {
namespace {

decoded read(const std::string& text) {
    decoded out;
    for (const auto& document : split_documents(text)) {
        complaint problem;
        tree_bounds within;
        within.first_line = document.first_line;
        const auto parsed = tree::parse(document.text, "f.yaml", problem, within);
        if (parsed)
            decode(parsed->root(), "f.yaml", out);
        else
            out.problems.push_back(problem);
    }
    return out;
}

std::string problems_of(const decoded& in) {
    std::string out;
    for (const auto& one : in.problems) out += to_text(one) + '\n';
    return out;
}

TEST(documents, are_cut_at_their_marks) {
    const std::pair<const char*, std::vector<int>> rows[] = {
        {"", {}},
        {"# nothing\n\n---\n# still nothing\n", {}},
        {"a: 1\n", {1}},
        {"---\na: 1\n---\nb: 2\n", {1, 3}},
        {"%YAML 1.2\n---\na: 1\n...\n---\nb: 2", {2, 5}},
        {"--- {a: 1}\n--- # comment\nb: 2\r\n---\r\nc: 3\r\n", {1, 2, 4}},
        {"a: |\n  ---\n  text\n", {1}},
        {"----\n", {1}},
        {"\xef\xbb\xbf---\na: 1\n", {1}},
    };
    for (const auto& [text, lines] : rows) {
        std::vector<int> got;
        for (const auto& one : split_documents(text)) got.push_back(one.first_line);
        EXPECT_EQ(got, lines) << text;
    }
}

TEST(times, are_those_of_rfc_3339) {
    EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_time("2026-01-01T00:05:00Z"), 1767225900);
    EXPECT_EQ(parse_time("2026-01-01T02:05:00.123456+02:00"), 1767225900);
    for (const char* text :
         {"", "yesterday", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00Z"})
        EXPECT_FALSE(parse_time(text)) << text;
}

TEST(base64, is_decoded_or_refused) {
    const std::pair<const char*, std::optional<std::string>> rows[] = {
        {"", ""},    {"YQ==", "a"}, {"YWI=", "ab"}, {"YWJj", "abc"}, {"YWJj\nZGVm\n", "abcdef"},
        {"YQ", "a"}, {"Y", {}},     {"YQ=", {}},    {"Y!==", {}},    {"YQ==YQ==", {}}};
    for (const auto& [text, wanted] : rows) EXPECT_EQ(decode_base64(text), wanted) << text;
}

TEST(decoding, reads_every_kind) {
    const auto got = read(R"(
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: store, namespace: shop, creationTimestamp: "2026-01-01T00:05:00Z", annotations: {b: "2", a: '1', c: true}}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: rest, port: {name: http}}}
  tls: [{hosts: [x.test], secretName: cert}]
  rules:
  - host: x.test
    http:
      paths:
      - {path: /a, pathType: Exact, backend: {service: {name: a, port: {number: 80}}}}
      - {pathType: ImplementationSpecific, backend: {service: {name: b, port: {name: web}}}}
      - {path: /r, pathType: Prefix, backend: {resource: {kind: Bucket, name: b}}}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}
---
{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {clusterIP: None, ports: [{port: 80, targetPort: web}, {name: dns, port: 53, targetPort: 5353, protocol: UDP}]}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: a-1, labels: {kubernetes.io/service-name: a}},
 endpoints: [{addresses: [10.0.0.1], conditions: {ready: null}}, {addresses: [10.0.0.2], conditions: {ready: false, serving: true, terminating: true}, zone: z}], ports: [{name: "", port: 8080}]}
---
{apiVersion: v1, kind: Endpoints, metadata: {name: a}, subsets: [{addresses: [{ip: 10.0.0.3}], notReadyAddresses: [{ip: 10.0.0.4}], ports: [{port: 1}]}]}
---
{apiVersion: v1, kind: Secret, metadata: {name: s}, type: Opaque, data: {auth: YWJj}, stringData: {plain: text}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: n}, data: {key: "value"}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: passed-over}}
---
{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: passed-over}}
)");
    EXPECT_EQ(problems_of(got), "");
    std::vector<std::string> titles;
    state all;
    for (const auto& one : got.objects) {
        titles.push_back(title_of(one));
        EXPECT_FALSE(all.put(one)) << titles.back();
    }
    EXPECT_EQ(
        titles,
        (std::vector<std::string>{
            "Ingress shop/store", "IngressClass nginx", "Service default/a", "EndpointSlice default/a-1",
            "Endpoints default/a", "Secret default/s", "ConfigMap n/c", "Namespace shop"})
    );
    const auto* ing = all.find<ingress>("shop", "store");
    ASSERT_TRUE(ing);
    EXPECT_EQ(ing->meta.created, 1767225900);
    EXPECT_EQ(ing->meta.at.line, 2);
    ASSERT_TRUE(find_note(ing->meta.annotations, "c"));
    EXPECT_EQ(find_note(ing->meta.annotations, "c")->value, "true");
    EXPECT_EQ(find_note(ing->meta.annotations, "b")->line, 4);
    EXPECT_FALSE(find_note(ing->meta.annotations, "d"));
    ASSERT_EQ(ing->rules.at(0).paths.size(), 3U);
    EXPECT_TRUE(ing->rules[0].paths[0].exact);
    EXPECT_EQ(ing->rules[0].paths[1].backend.port.name, "web");
    EXPECT_EQ(ing->rules[0].paths[2].backend.service, "");
    EXPECT_EQ(ing->default_backend->port.name, "http");
    EXPECT_EQ(ing->tls.at(0).secret, "cert");
    const auto* a = all.find<service>("default/a");
    EXPECT_EQ(a->cluster_ip, "");
    EXPECT_EQ(a->ports.at(0).target.name, "web");
    EXPECT_FALSE(a->ports.at(1).tcp);
    ASSERT_EQ(all.slices_of("default/a").size(), 1U);
    const auto& ends = all.slices_of("default/a")[0]->endpoints;
    EXPECT_TRUE(ends.at(0).ready);
    EXPECT_TRUE(!ends.at(1).ready && ends[1].serving && ends[1].terminating);
    EXPECT_FALSE(all.find<endpoints>("default/a")->subsets.at(0).endpoints.at(1).ready);
    EXPECT_EQ(all.find<secret>("default/s")->data.at("auth"), "abc");
    EXPECT_EQ(all.find<secret>("default/s")->data.at("plain"), "text");
}

TEST(decoding, takes_lists_apart) {
    const auto got =
        read("{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Namespace, metadata: {name: a}}, "
             "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Namespace, metadata: {name: b}}]}]}"
        );
    EXPECT_EQ(got.objects.size(), 2U) << problems_of(got);
}

TEST(decoding, refuses_one_object_and_goes_on) {
    const std::pair<const char*, const char*> rows[] = {
        {"just text", "f.yaml:2:1: error: a map is wanted, not a single value"},
        {"{a: 1}", "it has no kind"},
        {"{apiVersion: v1, kind: Namespace}", "metadata.name: an object needs a name"},
        {"{apiVersion: v1, kind: Namespace, metadata: {name: A_b}}", "`A_b` is not the name of an object"},
        {"{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: a}}", "networking.k8s.io/v1"},
        {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, creationTimestamp: soon}}",
         "`soon` is no time"},
        {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: {}}}",
         "Ingress default/a: spec.rules: a list is wanted, not a map"},
        {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [{http: "
         "{paths: [{pathType: Glob}]}}]}}",
         "spec.rules[0].http.paths[0].pathType: `Glob` is no type of a path"},
        {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [{http: "
         "{paths: [{backend: {service: {name: s, port: {number: 99999}}}}]}}]}}",
         "port.number: `99999` is no number here (a whole number from 1 to 65535)"},
        {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {x: [1]}}}",
         "a text is wanted, not a list"},
        {"{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: \"%\"}}", "the value is not base64"},
        {"{apiVersion: v1, kind: Namespace, metadata: {name: a}", "a { or [ before it is not closed"},
    };
    for (const auto& [text, wanted] : rows) {
        const auto got = read(
            std::string("---\n") + text + "\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: good}}\n"
        );
        ASSERT_EQ(got.objects.size(), 1U) << text << problems_of(got);
        ASSERT_EQ(got.problems.size(), 1U) << text;
        EXPECT_NE(problems_of(got).find(wanted), std::string::npos) << problems_of(got);
        EXPECT_GT(got.problems[0].at.line, 0) << text;
    }
}

TEST(states, keep_slices_with_their_service) {
    state all;
    const auto slice = [](const char* name, const char* of) {
        auto made = std::make_shared<endpoint_slice>();
        made->meta.name = name;
        made->meta.name_space = "n";
        made->service = of;
        return object(ref<endpoint_slice>(made));
    };
    all.put(slice("one", "a"));
    all.put(slice("two", "a"));
    EXPECT_EQ(all.slices_of("n/a").size(), 2U);
    EXPECT_TRUE(all.put(slice("one", "b")));
    EXPECT_EQ(all.slices_of("n/a").size(), 1U);
    EXPECT_EQ(all.slices_of("n/b").size(), 1U);
    EXPECT_TRUE(all.slices_of("n/c").empty());
}

TEST(decoding, takes_the_kind_of_an_items_list) {
    const auto got = read(R"(
apiVersion: v1
kind: ConfigMapList
items:
- metadata: {name: a}
- {kind: Secret, metadata: {name: b}}
- {metadata: {name: c}, data: wrong}
)");
    ASSERT_EQ(got.objects.size(), 2U);
    EXPECT_EQ(title_of(got.objects[0]), "ConfigMap default/a");
    EXPECT_EQ(title_of(got.objects[1]), "Secret default/b");
    EXPECT_EQ(
        problems_of(got),
        "f.yaml:7:31: error: ConfigMap default/c: data: a map is wanted, not a single value\n"
    );
}

TEST(objects, are_equal_when_they_ask_for_the_same) {
    const std::string head = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a, ";
    const auto one = [&](const std::string& rest) {
        state out;
        for (const auto& each : read(head + rest).objects) out.put(each);
        return out;
    };
    const auto before = one("annotations: {x: y}}\nspec: {rules: [{host: a.test}]}");
    const std::pair<const char*, bool> rows[] = {
        {"annotations: {x: y}, resourceVersion: '7'}\n\nspec:\n  rules:\n  - host: a.test", true},
        {"annotations: {x: y}}\nspec: {rules: [{host: a.test}]}\nstatus: {loadBalancer: {ingress: [{ip: "
         "192.0.2.1}]}}",
         true},
        {"annotations: {x: z}}\nspec: {rules: [{host: a.test}]}", false},
        {"annotations: {x: y}}\nspec: {rules: [{host: b.test}]}", false},
        {"annotations: {x: y}}\nspec: {rules: [{host: a.test}], tls: [{secretName: s}]}", false},
        {"annotations: {x: y}}\nspec: {rules: [{host: a.test, http: {paths: [{path: /, backend: {service: "
         "{name: s, port: {number: 1}}}}]}}]}",
         false},
    };
    for (const auto& [text, wanted] : rows)
        EXPECT_EQ(before.holds(read(head + text).objects.at(0)), wanted) << text;
    const auto told =
        read(head + "}\nstatus: {loadBalancer: {ingress: [{ip: 192.0.2.1}, {hostname: x.test}]}}");
    EXPECT_EQ(
        std::get<ref<ingress>>(told.objects.at(0))->published.at,
        (std::vector<std::string>{"192.0.2.1", "x.test"})
    );
}

TEST(a_state, forgets_what_is_removed) {
    const auto slice = [](const std::string& name, const std::string& of) {
        auto one = std::make_shared<endpoint_slice>();
        one->meta.name_space = "shop";
        one->meta.name = name;
        one->service = of;
        return object(ref<endpoint_slice>(std::move(one)));
    };
    state all;
    const auto slices = [&](const std::string& service) {
        std::string out;
        for (const auto& one : all.slices_of("shop/" + service)) out += one->meta.name;
        return out;
    };
    for (const char* name : {"b", "c", "a"}) EXPECT_FALSE(all.put(slice(name, "x")));
    EXPECT_EQ(slices("x"), "abc"); // whatever order they came in
    EXPECT_TRUE(all.put(slice("b", "y")));
    EXPECT_EQ(slices("x"), "ac");
    EXPECT_EQ(slices("y"), "b");
    EXPECT_FALSE(all.remove("EndpointSlice", "shop/d"));
    EXPECT_FALSE(all.remove("Service", "shop/a"));
    EXPECT_TRUE(all.holds(slice("b", "y")));
    EXPECT_FALSE(all.holds(slice("b", "x")));
    EXPECT_FALSE(all.holds(slice("d", "x")));
    EXPECT_TRUE(all.remove("EndpointSlice", "shop/a"));
    EXPECT_TRUE(all.remove("EndpointSlice", "shop/b"));
    EXPECT_EQ(slices("x"), "c");
    EXPECT_EQ(slices("y"), "");
}

} // namespace
} // namespace adit::source::cluster
