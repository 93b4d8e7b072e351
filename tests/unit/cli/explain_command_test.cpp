#include "unit/admin/rig.hpp"
#include "unit/cli/program.hpp"
#include "unit/core/temporary_directory.hpp"

#include "canary/cohort_cookie.hpp"
#include "core/key_files.hpp"

#include <filesystem>

namespace adit::cli {
namespace {

using test::adit;
using test::has;

class explain_command : public ::testing::Test {
protected:
    explain_command() { at_.put("a.yaml", test::shop_yaml); }

    test::ran offline(std::vector<std::string> words) {
        words.insert(words.begin(), "explain");
        words.insert(words.end(), {"--config", at_ / "a.yaml"});
        return adit(words);
    }
    static std::string last_line(const std::string& text) {
        const auto cut = text.size() < 2 ? text.npos : text.rfind('\n', text.size() - 2);
        return cut == text.npos ? text : text.substr(cut + 1);
    }

    temporary_directory at_;
};

TEST_F(explain_command, offline_with_headers_cookies_and_address) {
    const auto forced = offline({"http://shop.test/cart", "-H", "X-Next: gold"});
    EXPECT_EQ(forced.code, 0) << forced.err;
    EXPECT_EQ(
        last_line(forced.out), "→ track canary because force rule 1 (header X-Next is \"gold\") matches\n"
    );
    EXPECT_EQ(
        last_line(offline({"shop.test", "--address", "10.2.3.4"}).out),
        "→ track canary because force rule 2 (source in 10.0.0.0/8) matches\n"
    );
    EXPECT_EQ(
        last_line(offline({"shop.test", "--cookie", "a=b", "--cookie", "user=user-1"}).out),
        "→ track stable because its bucket, 1420, is in the track's range, the rest\n"
    );
    EXPECT_TRUE(has(offline({"shop.test/api", "-X", "POST"}).out, "  matched   api "));
}

TEST_F(explain_command, the_url_as_curl_reads_it) {
    const auto by_path = offline({"/cart", "-H", "Host: shop.test"});
    EXPECT_EQ(by_path.code, 0) << by_path.err;
    EXPECT_TRUE(has(by_path.out, "  matched  shop ")) << by_path.out;
    EXPECT_TRUE(has(offline({"http://10.0.0.1:8080/cart", "-H", "host:shop.test"}).out, "  matched  shop "));
    // The URL stands behind repeated options without being taken for one of theirs.
    EXPECT_EQ(offline({"-H", "X-A: 1", "-H", "X-B: 2", "shop.test"}).code, 0);
}

TEST_F(explain_command, a_refused_request_is_an_answer_too) {
    const auto got = offline({"http://other.test/"});
    EXPECT_EQ(got.code, 0);
    EXPECT_TRUE(has(last_line(got.out), "→ refused with 404 no-route")) << got.out;
}

TEST_F(explain_command, mistakes_of_the_user) {
    EXPECT_EQ(offline({"/cart"}).code, 2);
    EXPECT_EQ(offline({"shop.test", "-H", "no colon"}).code, 2);
    EXPECT_EQ(offline({"shop.test", "--address", "somewhere"}).code, 2);
    EXPECT_EQ(offline({"shop.test", "--admin", "127.0.0.1:1"}).code, 2);
    EXPECT_EQ(adit({"explain"}).code, 2);
    EXPECT_EQ(adit({"explain", "shop.test", "--keys", "d"}).code, 2);
    const auto no_host = offline({"/cart"});
    EXPECT_TRUE(has(no_host.err, "adit explain: ") && has(no_host.err, "names no host")) << no_host.err;
    at_.put("a.yaml", "routes: 5\n");
    const auto bad_file = offline({"shop.test"});
    EXPECT_EQ(bad_file.code, 1);
    EXPECT_TRUE(has(bad_file.err, "a.yaml:1:")) << bad_file.err;
    EXPECT_EQ(bad_file.out, "");
}

TEST_F(explain_command, as_json) {
    const auto got = offline({"shop.test", "-H", "X-Next: gold", "-o", "json"});
    EXPECT_EQ(got.code, 0);
    const auto story = boost::json::parse(got.out).as_object();
    EXPECT_EQ(story.at("track").as_object().at("name").as_string(), "canary");
}

TEST_F(explain_command, with_keys_the_gateway_cookie_is_believed) {
    ASSERT_TRUE(canary::prepare_cookies());
    at_.put(
        "a.yaml",
        "routes:\n- {name: shop, cohort: {cookie: adit}, tracks: {stable: {endpoints: [\"10.0.0.1:80\"]}, "
        "canary: {endpoints: [\"10.0.0.1:80\"], weight: 50}}}\n"
    );
    const auto key = make_key();
    const canary::cookie_keys keys{{key}};
    for (const auto* name : {"cookie", "ticket", "peer"}) at_.put(name, format_keys({key}));
    const auto value = canary::issue_cookie(keys, 1, 2);
    const auto cookie = "adit=" + std::string(value.data(), value.size());
    const auto believed = offline({"shop.test", "--cookie", cookie, "--keys", at_.path()});
    EXPECT_EQ(believed.code, 0) << believed.err;
    EXPECT_TRUE(has(believed.out, "key is the cookie adit, bucket ")) << believed.out;
    const auto stranger = offline({"shop.test", "--cookie", cookie});
    EXPECT_TRUE(has(stranger.out, "not signed with a key of ours")) << stranger.out;
    EXPECT_EQ(offline({"shop.test", "--keys", "/nowhere"}).code, 1);
}

TEST_F(explain_command, by_manifests_the_ingress_and_the_annotation) {
    at_.put("objects.yaml", R"(apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: store, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z"}
spec:
  ingressClassName: nginx
  rules: [{host: shop.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {name: next, namespace: shop, annotations: {nginx.ingress.kubernetes.io/canary: "true", nginx.ingress.kubernetes.io/canary-by-cookie: next}}
spec:
  ingressClassName: nginx
  rules: [{host: shop.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: b, port: {number: 80}}}}]}}]
)");
    const auto by_folder = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"explain", "shop.test/cart", "--manifests", at_.path()});
        return adit(words);
    };
    std::filesystem::remove(at_ / "a.yaml");
    const auto forced = by_folder({"--cookie", "next=always"});
    EXPECT_EQ(forced.code, 0) << forced.err;
    EXPECT_TRUE(has(forced.out, "  ingress  shop/store, rule 0, path 0 (")) << forced.out;
    EXPECT_EQ(
        last_line(forced.out),
        "→ track canary because force rule 1 (cookie next is \"always\") matches (annotation "
        "canary-by-cookie of Ingress shop/next)\n"
    );
    const auto story = boost::json::parse(by_folder({"-o", "json"}).out).as_object();
    EXPECT_EQ(story.at("route").as_object().at("ingress").as_object().at("name"), "shop/store");
    EXPECT_EQ(
        story.at("track").as_object().at("decided_by"), "annotation canary-weight of Ingress shop/next"
    );
    EXPECT_EQ(by_folder({"--config", at_ / "a.yaml"}).code, 2);
    EXPECT_EQ(by_folder({"--admin", "127.0.0.1:1"}).code, 2);
    EXPECT_EQ(adit({"explain", "shop.test", "--manifests", "/nowhere"}).code, 1);
}

TEST_F(explain_command, a_running_gateway_is_asked) {
    admin::test::rig rig;
    const auto address = "127.0.0.1:" + std::to_string(rig.admin.port());
    const auto got = adit(
        {"explain", "http://a.test/cart?x=1", "-X", "PUT", "-H", "Host: shop.test", "-H", "X-A: b c",
         "--cookie", "k=v", "--address", "10.0.0.9", "--admin", address, "-o", "json"}
    );
    EXPECT_EQ(got.code, 0) << got.err;
    EXPECT_EQ(boost::json::parse(got.out).as_object().at("track").as_string(), "stable");
    const auto asked = rig.on_control([&] { return rig.gateway.last_explain; });
    EXPECT_EQ(asked.method, "PUT");
    EXPECT_EQ(asked.host, "shop.test");
    EXPECT_EQ(asked.target, "/cart?x=1");
    EXPECT_EQ(asked.address, "10.0.0.9");
    const std::vector<std::pair<std::string, std::string>> headers{{"X-A", "b c"}, {"Cookie", "k=v"}};
    EXPECT_EQ(asked.headers, headers);
}

} // namespace
} // namespace adit::cli
