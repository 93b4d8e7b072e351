#include "source/kubernetes/access.hpp"
#include "source/kubernetes/message.hpp"
#include "source/kubernetes/resource.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace adit::source::kubernetes {
namespace {

namespace fs = std::filesystem;

constexpr const char* object =
    R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"m","namespace":"shop","resourceVersion":"9",)"
    R"("managedFields":[{"fieldsV1":{"f:data":{".":{}}}}]},"data":{"n":"12"}})";

std::string event_of(const std::string& type, const std::string& what) {
    return R"({"type":")" + type + R"(","object":)" + what + '}';
}

TEST(json, makes_the_nodes_that_yaml_would) {
    complaint problem;
    const auto got =
        tree::parse_json(R"({"a":[1,-2.5e3,"x\u00e9\n",true,null,{}],"b":{"a":"1"}})", "f", problem);
    ASSERT_TRUE(got);
    const auto& root = got->root();
    ASSERT_EQ(root.members.size(), 2U);
    EXPECT_EQ(root.members[0].key, "a");
    const auto& list = root.members[0].value->items;
    ASSERT_EQ(list.size(), 6U);
    const std::pair<const char*, bool> texts[] = {
        {"1", false}, {"-2.5e3", false}, {"x\xc3\xa9\n", true}, {"true", false}};
    for (std::size_t i = 0; i < std::size(texts); ++i) {
        EXPECT_EQ(list[i]->text, texts[i].first);
        EXPECT_EQ(list[i]->quoted, texts[i].second);
    }
    EXPECT_EQ(list[4]->what, node::kind::nothing);
    EXPECT_EQ(list[5]->what, node::kind::map);
    EXPECT_EQ(root.members[1].value->members[0].value->text, "1");
}

TEST(json, refuses_what_is_none_and_what_is_too_much) {
    const std::string deep(200, '[');
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("{} {}"), std::string("<html>"), std::string("[1,]"),
          deep, std::string("[\"\xff\"]"), std::string("[1,2,3,4,5,6,7,8,9,10]")}) {
        complaint problem;
        EXPECT_FALSE(tree::parse_json(text, "f", problem, {.depth = 100, .nodes = 10, .first_line = 1}))
            << text;
        EXPECT_NE(problem.message.find("JSON"), std::string::npos) << problem.message;
    }
}

TEST(pages, hold_objects_that_do_not_say_what_they_are) {
    std::string why;
    const auto got = read_page(
        R"({"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"77","continue":"t"},"items":[)"
        R"({"metadata":{"name":"a","namespace":"shop"}},{"metadata":{"name":"b","namespace":"shop"},"data":[]},)"
        R"({"metadata":{}},{"kind":"Secret","metadata":{"name":"s","namespace":"shop"}}]})",
        "ConfigMap", why
    );
    ASSERT_TRUE(got) << why;
    EXPECT_EQ(got->version, "77");
    EXPECT_EQ(got->more, "t");
    ASSERT_EQ(got->objects.size(), 3U);
    EXPECT_EQ(got->objects[0].name, "shop/a");
    EXPECT_TRUE(got->objects[0].object);
    EXPECT_EQ(got->objects[1].name, "shop/b"); // broken, but there
    EXPECT_FALSE(got->objects[1].object);
    ASSERT_EQ(got->objects[1].problems.size(), 1U);
    EXPECT_EQ(
        to_text(got->objects[1].problems[0]), "error: ConfigMap shop/b: data: a map is wanted, not a list"
    );
    EXPECT_EQ(got->objects[2].name, "");
    EXPECT_EQ(got->objects[2].problems.size(), 1U);
}

TEST(pages, may_be_empty_or_none) {
    std::string why;
    const auto page = [&](const std::string& text) { return read_page(text, "ConfigMap", why); };
    const std::string head = R"({"kind":"ConfigMapList","apiVersion":"v1","metadata":)";
    EXPECT_TRUE(page(head + R"({"resourceVersion":"1"},"items":null})"));
    EXPECT_TRUE(page(head + R"({"resourceVersion":"1"},"items":[]})"));
    for (const std::string& text :
         {head + "{}}", head + "[]}", std::string("<html></html>"), std::string("[]"), std::string("{}"),
          std::string(
              R"({"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]})"
          ),
          head + R"({"resourceVersion":"1"},"items":{}})", head + R"({"resourceVersion":"1"}})",
          head + R"({},"items":[]})"}) {
        why.clear();
        EXPECT_FALSE(page(text)) << text;
        EXPECT_FALSE(why.empty()) << text;
    }
}

TEST(events, are_changes_bookmarks_or_refusals) {
    using change = reflector::change;
    std::string why;
    const std::pair<const char*, change> rows[] = {
        {"ADDED", change::added}, {"MODIFIED", change::modified}, {"DELETED", change::deleted}};
    for (const auto& [type, what] : rows) {
        const auto got = read_event(event_of(type, object), "ConfigMap", why);
        ASSERT_TRUE(got) << why;
        EXPECT_EQ(got->what, what);
        EXPECT_EQ(got->version, "9");
        EXPECT_EQ(got->object.name, "shop/m");
        ASSERT_TRUE(got->object.object);
    }
    const auto bookmark = read_event(
        event_of(
            "BOOKMARK",
            R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"20"},"data":null})"
        ),
        "ConfigMap", why
    );
    ASSERT_TRUE(bookmark);
    EXPECT_EQ(bookmark->what, change::bookmark);
    EXPECT_EQ(bookmark->version, "20");
    const auto error = read_event(
        event_of(
            "ERROR",
            R"({"kind":"Status","code":410,"reason":"Expired","message":"too old","details":{"retryAfterSeconds":3}})"
        ),
        "ConfigMap", why
    );
    ASSERT_TRUE(error);
    EXPECT_FALSE(error->what);
    EXPECT_EQ(error->refused.code, 410U);
    EXPECT_EQ(error->refused.message, "too old");
    EXPECT_EQ(error->refused.retry_after, std::chrono::seconds(3));
}

TEST(events, name_the_object_that_is_broken) {
    std::string why;
    const auto got = read_event(
        event_of(
            "MODIFIED",
            R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"m","namespace":"shop","resourceVersion":"9"},"data":1})"
        ),
        "ConfigMap", why
    );
    ASSERT_TRUE(got) << why;
    EXPECT_EQ(got->version, "9");
    EXPECT_EQ(got->object.name, "shop/m");
    EXPECT_FALSE(got->object.object);
    for (const char* text :
         {"", "nonsense", "[]", "{}", R"({"type":"ADDED"})", R"({"type":"WHAT","object":{}})", "7",
          R"({"type":"ERROR","object":{"code":"x"}})", R"({"type":[],"object":{}})"}) {
        why.clear();
        EXPECT_FALSE(read_event(text, "ConfigMap", why)) << text;
        EXPECT_FALSE(why.empty()) << text;
    }
    for (const char* text : {"1", "[]", "null", "{}", R"({"kind":7})", R"({"metadata":"x"})"}) {
        const auto event = read_event(event_of("ADDED", text), "ConfigMap", why);
        EXPECT_TRUE(event && event->object.name.empty() && !event->object.object) << text;
    }
}

TEST(lines, are_cut_whatever_pieces_they_come_in) {
    const std::string stream = "one\ntwo\n\nthree is too long\nfour\nfi";
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        line_cutter cutter(8);
        std::vector<std::string> got;
        for (std::size_t at = 0; at < stream.size(); at += piece)
            cutter.feed(std::string_view(stream).substr(at, piece), [&](auto line) {
                got.emplace_back(line);
                return true;
            });
        EXPECT_EQ(got, (std::vector<std::string>{"one", "two", "four"})) << piece;
        EXPECT_EQ(cutter.passed_over(), 1U);
    }
    line_cutter cutter(8);
    int heard = 0;
    cutter.feed("a\nb\nc\n", [&](auto) { return ++heard, false; });
    EXPECT_EQ(heard, 1);
}

TEST(scopes, are_as_wide_as_the_options_ask) {
    const auto targets = [](const ingress::options& by) {
        std::string out;
        for (const auto& one : scopes_of(by)) out += one.target() + '\n';
        return out;
    };
    ingress::options by;
    by.config_map = "gate/settings";
    EXPECT_EQ(
        targets(by), "/apis/networking.k8s.io/v1/ingressclasses?\n"
                     "/apis/networking.k8s.io/v1/ingresses?\n"
                     "/api/v1/services?\n"
                     "/apis/discovery.k8s.io/v1/endpointslices?\n"
                     "/api/v1/secrets?fieldSelector=type%21%3Dhelm.sh%2Frelease.v1&\n"
                     "/api/v1/configmaps?fieldSelector=metadata.name%21%3Dkube-root-ca.crt&\n"
    );
    by.name_space = "shop";
    by.default_certificate = "shop/cert"; // seen anyway
    by.default_backend = "gate/rest";
    EXPECT_EQ(
        targets(by), "/apis/networking.k8s.io/v1/ingressclasses?\n"
                     "/apis/networking.k8s.io/v1/namespaces/shop/ingresses?\n"
                     "/api/v1/namespaces/shop/services?\n"
                     "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?\n"
                     "/api/v1/namespaces/shop/secrets?fieldSelector=type%21%3Dhelm.sh%2Frelease.v1&\n"
                     "/api/v1/namespaces/shop/configmaps?fieldSelector=metadata.name%21%3Dkube-root-ca.crt&\n"
                     "/api/v1/namespaces/gate/configmaps?fieldSelector=metadata.name%3Dsettings&\n"
                     "/api/v1/namespaces/gate/services?fieldSelector=metadata.name%3Drest&\n"
                     "/apis/discovery.k8s.io/v1/namespaces/gate/endpointslices?"
                     "labelSelector=kubernetes.io%2Fservice-name%3Drest&\n"
    );
    ingress::options chosen;
    chosen.namespace_selector = *cluster::label_selector::parse("team=shop");
    EXPECT_NE(targets(chosen).find("/api/v1/namespaces?\n"), std::string::npos);
}

TEST(label_selectors, choose_as_kubectl_does) {
    const cluster::notes labels{{"env", "live"}, {"team", "shop"}};
    const std::pair<const char*, bool> rows[] = {
        {"", true},
        {"team=shop", true},
        {"team==shop", true},
        {"team = shop , env", true},
        {"team!=shop", false},
        {"tier!=front", true},
        {"team in (shop, labs)", true},
        {"team in (labs),env", false},
        {"team notin (labs)", true},
        {"tier notin (front)", true},
        {"!tier", true},
        {"!team", false},
        {"tier", false},
        {"team=", false},
    };
    for (const auto& [text, wanted] : rows) {
        const auto got = cluster::label_selector::parse(text);
        ASSERT_TRUE(got) << text;
        EXPECT_EQ(got->matches(labels), wanted) << text;
    }
    for (const char* text :
         {",", "=x", "a=b=c", "a in b", "a of (b)", "in (b)", "a in (b", "a b", "!", "a=(x)"}) {
        model::fault why;
        EXPECT_FALSE(cluster::label_selector::parse(text, &why)) << text;
        EXPECT_FALSE(why.hint.empty()) << text;
    }
}

class kubeconfig : public ::testing::Test {
protected:
    kubeconfig() {
        std::string name = (fs::temp_directory_path() / "adit-kubeconfig-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~kubeconfig() override {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    std::optional<access> read(
        const std::string& cluster, const std::string& user, const std::string& more = "current-context: c"
    ) {
        std::ofstream(path_ / "config")
            << "contexts: [{name: c, context: {cluster: k, user: u}}]\nclusters: [{name: k, cluster: {"
            << cluster << "}}]\nusers:\n- name: u\n  user: {" << user << "}\n"
            << more << '\n';
        found_.clear();
        return read_kubeconfig(path_ / "config", found_);
    }

    fs::path path_;
    complaints found_;
};

TEST_F(kubeconfig, says_whom_to_ask_and_as_whom) {
    const auto got = read(
        "server: 'https://k.test:6443/k8s/', certificate-authority: ca.pem, tls-server-name: kubernetes",
        "client-certificate-data: Y2VydA==, client-key: /keys/key.pem, tokenFile: token, token: unused"
    );
    ASSERT_TRUE(got) << to_text(found_.at(0));
    EXPECT_EQ(got->place(), "k.test:6443/k8s");
    EXPECT_TRUE(got->server.endpoint.tls);
    EXPECT_EQ(got->authority.file, path_ / "ca.pem");
    EXPECT_TRUE(got->verify);
    EXPECT_EQ(got->server_name, "kubernetes");
    EXPECT_EQ(got->certificate.text, "cert");
    EXPECT_EQ(got->key.file, "/keys/key.pem");
    EXPECT_EQ(got->token.file, path_ / "token");
    const auto plain = read("server: 'http://127.0.0.1:8001', insecure-skip-tls-verify: true", "token: abc");
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->server.endpoint.tls);
    EXPECT_FALSE(plain->verify);
    EXPECT_EQ(plain->place(), "127.0.0.1:8001");
    EXPECT_EQ(plain->token.text, "abc");
}

TEST_F(kubeconfig, is_refused_with_the_place) {
    const std::string server = "server: 'https://k.test'";
    const std::tuple<std::string, std::string, std::string, std::string> rows[] = {
        {"", "", "current-context: c", "clusters"},
        {"server: 'ftp://k.test'", "", "current-context: c", "server"},
        {server + ", certificate-authority-data: '!'", "", "current-context: c",
         "certificate-authority-data"},
        {server + ", proxy-url: 'http://p'", "", "current-context: c", "proxy-url"},
        {server, "exec: {command: aws}", "current-context: c", "exec"},
        {server, "username: admin", "current-context: c", "username"},
        {server, "client-certificate: c.pem", "current-context: c", "client-certificate"},
        {server, "", "current-context: other", "contexts"},
        {server, "", "kind: Config", "current-context"},
        {server, "", "- nonsense", ""},
    };
    for (const auto& [cluster, user, more, wanted] : rows) {
        EXPECT_FALSE(read(cluster, user, more)) << wanted;
        ASSERT_EQ(found_.size(), 1U);
        const auto text = to_text(found_[0]);
        EXPECT_NE(text.find(wanted), std::string::npos) << text;
        EXPECT_EQ(found_[0].at.file, (path_ / "config").string());
    }
    found_.clear();
    EXPECT_FALSE(read_kubeconfig(path_ / "nowhere", found_));
    EXPECT_EQ(found_.size(), 1U);
}

TEST_F(kubeconfig, is_not_needed_inside_of_a_cluster) {
    ::unsetenv("KUBERNETES_SERVICE_HOST");
    EXPECT_FALSE(read_in_cluster(path_, found_));
    ::setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
    ::setenv("KUBERNETES_SERVICE_PORT", "6443", 1);
    EXPECT_FALSE(read_in_cluster(path_, found_)); // no files
    std::ofstream(path_ / "token") << "abc\n";
    std::ofstream(path_ / "ca.crt") << "pem";
    const auto got = read_in_cluster(path_, found_);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->place(), "[fd00::1]:6443");
    EXPECT_EQ(got->server.endpoint.host, "fd00::1");
    EXPECT_EQ(got->token.file, path_ / "token");
    ::unsetenv("KUBERNETES_SERVICE_HOST");
    ::unsetenv("KUBERNETES_SERVICE_PORT");
}

} // namespace
} // namespace adit::source::kubernetes
