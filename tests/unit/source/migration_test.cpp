#include "source/ingress/migration.hpp"

#include "ingress_world.hpp"
#include "source/ingress/annotations.hpp"
#include "source/ingress/migration_words.hpp"
#include "source/manifests/read.hpp"

#include <gtest/gtest.h>

namespace adit::source::ingress {
namespace {

using state = migrated_object::state;

migration_report judged(const world& of, const complaints& unread = {}) {
    return judge_migration(of.objects, of.by, unread, [](model::gateway&, complaints&) {});
}

const migrated_object* find(const migration_report& in, const std::string& key) {
    for (const auto& one : in.objects)
        if (one.key == key) return &one;
    return nullptr;
}

const migration_finding* find(const migration_report& in, const std::string& key, std::string_view what) {
    if (const auto* object = find(in, key))
        for (const auto& one : object->findings)
            if (one.what.ends_with(what)) return &one;
    return nullptr;
}

std::string verdict_of(world::words annotations, std::string_view name) {
    world w;
    w.ingress("s", 1, "x.test", "/ Prefix a", annotations);
    const auto got = judged(w);
    const auto* found = find(got, "shop/s", name);
    return found ? std::string(to_text(found->how)) + ": " + found->detail : "nothing";
}

TEST(migration, an_ingress_with_nothing_special_is_ready) {
    world w;
    w.ingress("s", 1, "x.test", "/ Prefix a", {{"proxy-body-size", "8m"}});
    const auto got = judged(w);
    EXPECT_TRUE(got.ready());
    EXPECT_EQ(got.ingresses().ready, 1U);
    EXPECT_EQ(find(got, "shop/s", "proxy-body-size")->how, verdict::supported);
    EXPECT_EQ(find(got, "shop/s", "proxy-body-size")->value, "8m");
}

TEST(migration, values_decide) {
    EXPECT_EQ(
        verdict_of({{"enable-modsecurity", "true"}}, "enable-modsecurity").substr(0, 12), "unsupported:"
    );
    EXPECT_EQ(
        verdict_of({{"enable-modsecurity", "false"}}, "enable-modsecurity"),
        "needless: it says what is so anyway"
    );
    EXPECT_EQ(
        verdict_of({{"modsecurity-snippet", "x"}}, "modsecurity-snippet"),
        "needless: it means nothing without enable-modsecurity"
    );
    EXPECT_EQ(
        verdict_of({{"limit-rps", "5"}}, "limit-rps"), "differs: over all workers, and refused with 429"
    );
    EXPECT_EQ(verdict_of({{"limit-rps", "0"}}, "limit-rps"), "needless: it says what is so anyway");
    EXPECT_EQ(
        verdict_of({{"proxy-request-buffering", "off"}}, "proxy-request-buffering").substr(0, 10),
        "supported:"
    );
    EXPECT_EQ(verdict_of({{"backend-protocol", "HTTPS"}}, "backend-protocol"), "supported: ");
    EXPECT_EQ(
        verdict_of({{"backend-protocol", "GRPC"}}, "backend-protocol"),
        "unsupported: `grpc` is not spoken by Adit"
    );
    EXPECT_EQ(verdict_of({{"upstream-hash-by", "$remote_addr"}}, "upstream-hash-by"), "supported: ");
    EXPECT_EQ(verdict_of({{"upstream-hash-by", "$a$b"}}, "upstream-hash-by").substr(0, 12), "unsupported:");
    EXPECT_EQ(verdict_of({{"enable-websockets", "true"}}, "enable-websockets").substr(0, 9), "needless:");
    EXPECT_EQ(
        verdict_of({{"canary-wieght", "5"}}, "canary-wieght"),
        "needless: ingress-nginx knows no such annotation; did you mean canary-weight?"
    );
    EXPECT_EQ(
        verdict_of({{"app-root", "home"}}, "app-root"),
        "note: `home` is no path, and ignored; it begins with '/'"
    );
}

TEST(migration, tables_name_what_is_known) {
    const other_value none = [](std::string_view) -> std::optional<std::string_view> { return std::nullopt; };
    for (const auto& one : known_annotations()) {
        const auto got = judge_annotation(one.name, "some value", none);
        EXPECT_EQ(got.detail.find("knows no such"), std::string::npos) << one.name;
        EXPECT_TRUE(one.how == support::no || got.how != verdict::unsupported) << one.name;
        EXPECT_TRUE(one.how != support::yes || got.how == verdict::supported) << one.name;
    }
}

TEST(migration, what_cannot_be_served_blocks_its_object_and_no_other) {
    world w;
    w.ingress(
         "bad", 1, "bad.test", "/ Prefix a", {{"limit-rps", "many"}, {"proxy-body-size", "1m"}}
    ).ingress("good", 1, "good.test", "/ Prefix a");
    const auto got = judged(w);
    EXPECT_FALSE(got.ready());
    EXPECT_EQ(find(got, "shop/bad")->is(), state::blocked);
    EXPECT_EQ(find(got, "shop/good")->is(), state::ready);
    const auto* why = find(got, "shop/bad", "limit-rps");
    EXPECT_EQ(why->detail, "`many` is no whole number");
    EXPECT_TRUE(why->instead.empty()) << why->instead.front();
    EXPECT_EQ(why->at.file, "test.yaml");
    EXPECT_GT(why->at.line, 5);
}

TEST(migration, mended_defects_are_differences_that_name_the_issue_and_strict_mode_has_none) {
    world w;
    w.ingress("s", 1, "x.test", "/ Prefix a, /b Prefix a")
        .ingress("c", 2, "x.test", "/ Prefix b", {{"canary", "true"}, {"canary-weight", "5"}});
    auto got = judged(w);
    EXPECT_TRUE(got.ready());
    ASSERT_EQ(find(got, "shop/c")->is(), state::differs);
    EXPECT_NE(find(got, "shop/c")->findings.back().detail.find("#8689"), std::string::npos);
    w.by.mode = compat::strict;
    got = judged(w);
    EXPECT_EQ(find(got, "shop/c")->is(), state::ready);
}

TEST(migration, kinds_that_are_not_shown_are_taken_for_granted) {
    world w;
    w.ingress(
        "s", 1, "x.test", "/ Prefix a",
        {{"auth-type", "basic"},
         {"auth-secret", "users"},
         {"auth-tls-secret", "shop/ca"},
         {"default-backend", "spare"}},
        "  tls: [{hosts: [x.test], secretName: cert}]\n"
    );
    auto got = judge_migration(
        [&] { // without the class and the Services of the world
            cluster::state bare;
            for (const auto& [key, one] : w.objects.all<cluster::ingress>()) bare.put(one);
            return bare;
        }(),
        w.by, {}, [](model::gateway&, complaints&) {}
    );
    EXPECT_EQ(find(got, "shop/s")->is(), state::differs); // auth-tls-secret does
    EXPECT_EQ(find(got, "shop/s")->findings.size(), 4U);
    EXPECT_EQ(got.notes.size(), 4U);
    w.put("{apiVersion: v1, kind: Secret, metadata: {name: other, namespace: shop}}");
    got = judged(w);
    EXPECT_EQ(find(got, "shop/s", "auth-secret")->detail, "there is no Secret shop/users");
    EXPECT_EQ(find(got, "shop/s")->is(), state::blocked);
}

TEST(migration, other_controllers_are_left_out) {
    world w;
    w.ingress("s", 1, "x.test", "/ Prefix a", {{"limit-rps", "5"}});
    w.put("{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: other}, spec: "
          "{controller: x/y}}");
    w.put("{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: t, namespace: shop}, "
          "spec: {ingressClassName: other}}");
    const auto got = judged(w);
    EXPECT_EQ(find(got, "shop/t")->is(), state::left_out);
    EXPECT_EQ(find(got, "shop/t")->why_not, "its class, other, is another controller's");
    EXPECT_EQ(got.ingresses().left_out, 1U);
}

TEST(migration, the_config_map_of_the_controller) {
    world w;
    w.ingress("s", 1, "x.test", "/ Prefix a");
    w.put("{apiVersion: v1, kind: ConfigMap, metadata: {name: mine, namespace: x}, data: {use-gzip: 'true'}}"
    );
    EXPECT_TRUE(judged(w).ready());
    w.put(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: my-ingress-nginx-controller, namespace: x}, "
        "data: {use-gzip: 'true', gzip-level: '3', enable-brotli: 'false', brotli-level: '3', hsts: 'true', "
        "worker-processes: '2', hstss: 'true', ssl-protocols: TLSv1, keep-alive: soon, "
        "http-snippet: 'server_tokens off;', server-snippet: 'location /a { deny all; }'}}"
    );
    const auto got = judged(w);
    const std::string key = "x/my-ingress-nginx-controller";
    EXPECT_EQ(find(got, "x/mine"), nullptr);
    EXPECT_EQ(find(got, key)->is(), state::blocked);
    const auto how = [&](std::string_view what) { return std::string(to_text(find(got, key, what)->how)); };
    EXPECT_EQ(how("use-gzip"), "unsupported");
    EXPECT_EQ(how("gzip-level"), "unsupported");
    EXPECT_EQ(how("enable-brotli"), "needless");
    EXPECT_EQ(how("brotli-level"), "needless");
    EXPECT_EQ(how("worker-processes"), "needless");
    EXPECT_EQ(how("hsts"), "supported");
    EXPECT_EQ(how("ssl-protocols"), "unsupported");
    EXPECT_EQ(how("keep-alive"), "note");
    EXPECT_EQ(how("http-snippet"), "needless");
    EXPECT_EQ(how("server-snippet"), "unsupported");
    EXPECT_EQ(find(got, key, "hstss")->detail, "ingress-nginx knows no such key; did you mean hsts?");
    w.by.config_map = "x/mine";
    EXPECT_EQ(find(judged(w), "x/mine")->is(), state::blocked);
    w.by.config_map = "x/none";
    EXPECT_EQ(judged(w).problems.size(), 1U);
    EXPECT_FALSE(judged(w).ready());
}

TEST(migration, snippets_name_what_to_write_instead) {
    world w;
    w.ingress(
         "s", 1, "x.test", "/ Prefix a", {{"configuration-snippet", "return 301 https://y.test;"}}
    ).ingress("t", 1, "y.test", "/ Prefix a", {{"configuration-snippet", "proxy_buffers 4 8k;"}});
    const auto got = judged(w);
    const auto* found = find(got, "shop/s", "configuration-snippet");
    EXPECT_EQ(found->how, verdict::unsupported);
    ASSERT_EQ(found->instead.size(), 1U);
    EXPECT_EQ(found->instead[0], "return 301 https://y.test → `permanent-redirect`");
    EXPECT_EQ(find(got, "shop/t", "configuration-snippet")->how, verdict::needless);
}

TEST(migration, objects_that_cannot_be_read_are_named) {
    world w;
    w.ingress("s", 1, "x.test", "/ Prefix a");
    const auto broken = read_manifest(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: b, namespace: shop}\n"
        "spec: {rules: 5}\n---\n{nothing\n---\napiVersion: extensions/v1beta1\nkind: Ingress\n"
        "metadata: {name: old, namespace: shop}\n",
        "in.yaml"
    );
    const auto got = judged(w, broken.problems);
    EXPECT_EQ(find(got, "shop/s")->is(), state::ready);
    ASSERT_TRUE(find(got, "shop/b"));
    EXPECT_EQ(find(got, "shop/b")->is(), state::blocked);
    EXPECT_EQ(find(got, "shop/b")->at.line, 4);
    ASSERT_TRUE(find(got, "shop/old"));
    EXPECT_EQ(got.problems.size(), 1U);
    EXPECT_EQ(got.ingresses().blocked, 2U);
    EXPECT_FALSE(got.ready());
}

TEST(migration, nothing_is_not_ready) {
    EXPECT_FALSE(judge_migration({}, {}, {}, [](model::gateway&, complaints&) {}).ready());
}

} // namespace
} // namespace adit::source::ingress
