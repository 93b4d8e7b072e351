// Translating again what has changed comes to the same as translating everything.
#include "unit/source/ingress_world.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace adit::source::ingress {
namespace {

// What stands after all steps so far.
class standing {
public:
    explicit standing(const options& by) : translator_(by, {}) {}

    translator::step follow(cluster::state& objects) {
        auto step = translator_.update(objects, objects.take_touched());
        for (const auto& one : step.groups.removed) EXPECT_EQ(groups_.erase(one), 1U);
        for (const auto& one : step.groups.added) EXPECT_TRUE(groups_.insert(one).second);
        if (step.frame) frame_ = step.frame;
        for (const auto& one : step.come) ++complaints_[to_text(one)];
        for (const auto& one : step.gone) {
            const auto at = complaints_.find(to_text(one));
            if (at == complaints_.end())
                ADD_FAILURE() << to_text(one);
            else if (--at->second == 0)
                complaints_.erase(at);
        }
        return step;
    }

    std::string text() const {
        std::vector<const model::route*> all;
        for (const auto& group : groups_)
            for (const auto& one : *group) all.push_back(&one);
        return describe(all, *frame_, complaints_);
    }
    static std::string text(const translation& whole) {
        std::vector<const model::route*> all;
        std::map<std::string, int> complaints;
        for (const auto& one : whole.wish.routes) all.push_back(&one);
        for (const auto& one : whole.found) ++complaints[to_text(one)];
        return describe(all, whole.wish, complaints);
    }
    std::size_t groups() const { return groups_.size(); }

private:
    static std::string describe(
        std::vector<const model::route*> all, const model::gateway& frame,
        const std::map<std::string, int>& complaints
    ) {
        std::sort(all.begin(), all.end(), [](auto a, auto b) { return a->name < b->name; });
        std::string out;
        for (const auto* one : all) {
            out += one->name;
            for (const auto& host : one->match.hosts) out += ' ' + host;
            out += ' ' + one->match.path.text + ' ' + tracks_of(one) + ' ' + rules_of(one) +
                   (one->https.redirect != 0 ? " https" : "") + '\n';
            for (const auto& track : one->tracks)
                for (const auto& each : track.endpoints) out += ' ' + each.host;
            out += '\n';
        }
        for (const auto& one : frame.tls.certificates) out += "certificate " + one.name + '\n';
        for (const auto& [text, times] : complaints) out += std::to_string(times) + ' ' + text + '\n';
        return out;
    }

    translator translator_;
    std::set<model::group_ref> groups_;
    std::shared_ptr<const model::gateway> frame_;
    std::map<std::string, int> complaints_;
};

// A cluster in which everything hangs together now and then.
class changing_world : public world {
public:
    changing_world(compat mode, unsigned seed) : world(mode), random_(seed) {
        by.default_backend = "shop/spare";
        by.config_map = "ingress-nginx/controller";
    }

    void change() {
        switch (below(12)) {
        case 0: objects.remove("Ingress", "shop/" + name("i", 12)); break;
        case 1: objects.remove("Service", "shop/" + name("s", 6)); break;
        case 2: service(name("s", 6), 1 + below(3)); break;
        case 3: service("spare", below(2)); break;
        case 4:
            put("{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: "
                "{controller: " +
                std::string(below(3) == 0 ? "else/where" : "k8s.io/ingress-nginx") + "}}");
            break;
        case 5:
            put("{apiVersion: v1, kind: ConfigMap, metadata: {name: controller, namespace: ingress-nginx}, "
                "data: {ssl-redirect: '" +
                std::string(below(2) == 0 ? "true" : "false") + "'}}");
            break;
        default: change_ingress();
        }
    }

private:
    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
    std::string name(const char* kind, int count) { return kind + std::to_string(below(count)); }

    void change_ingress() {
        static const std::vector<std::vector<word>> notes{
            {},
            {},
            {{"canary", "true"}, {"canary-weight", "20"}},
            {{"canary", "true"}, {"canary-by-header", "X-Next"}},
            {{"canary", "false"}, {"canary-weight", "20"}},
            {{"affinity", "cookie"}},
            {{"server-alias", "alias.test,h1.test"}},
            {{"from-to-www-redirect", "true"}},
            {{"rewrite-target", "/x"}},
            {{"adit.dev/nothing", "x"}},
        };
        std::string paths;
        for (int i = below(3); i >= 0; --i)
            paths += (paths.empty() ? "/" : ", /") + std::string(below(2) == 0 ? "" : name("p", 2)) +
                     (below(3) == 0 ? " Exact " : " Prefix ") + name("s", 6);
        if (below(10) == 0) paths.clear();
        const auto host = below(8) == 0 ? std::string{} : name(below(9) == 0 ? "www.h" : "h", 5) + ".test";
        std::string more;
        if (paths.empty()) more = "  defaultBackend: {service: {name: s0, port: {number: 80}}}\n";
        if (below(6) == 0) more += "  tls: [{hosts: [h1.test], secretName: none}]\n";
        ingress(
            name("i", 12), below(4), host, paths,
            notes[static_cast<std::size_t>(below(static_cast<int>(notes.size())))], more, "shop"
        );
    }

    std::mt19937 random_;
};

void expect_same(compat mode, unsigned seed) {
    changing_world w(mode, seed);
    standing now(w.by);
    for (int i = 0; i < 150; ++i) {
        for (unsigned n = 0; n <= seed % 3; ++n) w.change();
        now.follow(w.objects);
        const auto whole = standing::text(w.translate());
        ASSERT_EQ(now.text(), whole) << "seed " << seed << ", change " << i;
    }
}

TEST(a_change_of_objects, comes_to_what_a_translation_of_everything_comes_to) {
    for (unsigned seed = 1; seed <= 12; ++seed) expect_same(compat::fixed, seed);
}

TEST(a_change_of_objects, comes_to_the_same_in_strict_mode) {
    for (unsigned seed = 101; seed <= 112; ++seed) expect_same(compat::strict, seed);
}

world many_hosts(int count) {
    world w;
    for (int i = 0; i < count; ++i) {
        const auto n = std::to_string(i);
        w.service("s" + n).ingress("i" + n, 1, "h" + n + ".test", "/ Prefix s" + n + ", /b Prefix s" + n);
    }
    return w;
}

TEST(a_change_of_objects, leaves_everything_else_alone) {
    auto w = many_hosts(50);
    standing now(w.by);
    EXPECT_EQ(now.follow(w.objects).groups.added.size(), 50U);
    EXPECT_TRUE(now.follow(w.objects).groups.empty());

    w.service("s7", 3); // other endpoints
    auto step = now.follow(w.objects);
    EXPECT_FALSE(step.frame);
    ASSERT_EQ(step.groups.removed.size(), 1U);
    ASSERT_EQ(step.groups.added.size(), 1U);
    EXPECT_EQ(step.groups.added.front()->front().tracks.front().endpoints.size(), 3U);

    w.ingress("canary", 2, "h7.test", "/ Prefix s8", {{"canary", "true"}, {"canary-weight", "10"}});
    step = now.follow(w.objects); // its Service is that of another host's path, of which it is told
    EXPECT_EQ(step.groups.added.size(), 1U);
    EXPECT_EQ(step.groups.removed.size(), 2U);
    EXPECT_EQ(step.come.size(), 2U);

    w.ingress("canary", 2, "h7.test", "/ Prefix s8", {{"canary", "true"}, {"canary-weight", "20"}});
    step = now.follow(w.objects);
    EXPECT_EQ(step.groups.added.size(), 1U);
    EXPECT_EQ(step.groups.removed.size(), 1U);

    w.objects.remove("Ingress", "shop/canary");
    step = now.follow(w.objects);
    EXPECT_EQ(step.groups.added.size(), 2U); // they have nothing to do with each other any more
    EXPECT_EQ(step.gone.size(), 2U);
    EXPECT_EQ(now.groups(), 50U);
}

TEST(a_change_of_objects, is_none_where_nobody_looks) {
    auto w = many_hosts(3);
    standing now(w.by);
    now.follow(w.objects);
    w.service("nobody", 2);
    w.put("{apiVersion: v1, kind: Secret, metadata: {name: x, namespace: shop}}");
    w.put("{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: other, namespace: shop, "
          "annotations: {kubernetes.io/ingress.class: other}}, spec: {rules: [{host: h1.test}]}}");
    const auto step = now.follow(w.objects);
    EXPECT_TRUE(step.groups.empty());
    EXPECT_FALSE(step.frame);
}

} // namespace
} // namespace adit::source::ingress
