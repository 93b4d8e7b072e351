#include "model/validate.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace adit::model {
namespace {

gateway plain() {
    gateway out;
    route shop;
    shop.name = "shop";
    shop.tracks = {{.name = "stable", .endpoints = {{.host = "10.0.0.1"}}, .weight = {}, .at = {}}};
    out.routes.push_back(shop);
    certificate one;
    one.chain.file = "a.crt";
    one.key.file = "a.key";
    out.tls.certificates.push_back(one);
    listener secure;
    secure.address = ":8443";
    secure.tls = true;
    out.listeners.push_back(secure);
    return out;
}

client_certificates asked(std::string host) {
    client_certificates out;
    out.hosts = {std::move(host)};
    out.ca.file = "ca.crt";
    return out;
}

std::string judged(const gateway& wish) {
    std::string out;
    for (const auto& one : validate(wish)) out += to_text(one) + '\n';
    return out;
}

TEST(tls_wishes, are_fine_as_they_usually_are) {
    auto wish = plain();
    wish.tls.clients = {asked("a.test"), asked("*.b.test")};
    wish.routes[0].https.redirect = 308;
    wish.routes[0].https.hsts.emplace();
    EXPECT_EQ(judged(wish), "");
}

struct fault_case {
    const char* says;
    std::function<void(gateway&)> spoil;
};

TEST(tls_wishes, that_make_no_sense_are_complained_of) {
    const fault_case cases[]{
        {"error: tls.certificates[0].cert: a certificate needs its chain",
         [](gateway& g) { g.tls.certificates[0].chain = {}; }},
        {"error: tls.certificates[0].key: a certificate needs its key",
         [](gateway& g) { g.tls.certificates[0].key = {}; }},
        {"error: tls.min_version: the oldest version is newer than the newest",
         [](gateway& g) {
             g.tls.min_version = tls_version::tls13;
             g.tls.max_version = tls_version::tls12;
         }},
        {"warning: tls.certificates: there is no certificate",
         [](gateway& g) { g.tls.certificates.clear(); }},
        {"error: tls.clients[0].hosts: there are no hosts",
         [](gateway& g) { g.tls.clients = {asked("a.test")}, g.tls.clients[0].hosts.clear(); }},
        {"error: tls.clients[0].hosts[0]: ", [](gateway& g) { g.tls.clients = {asked("a b")}; }},
        {"error: tls.clients[1].hosts[0]: the host `a.test` is asked for certificates by clients[0] already",
         [](gateway& g) {
             g.tls.clients = {asked("a.test"), asked("a.test")};
         }},
        {"error: tls.clients[0].ca: nobody vouches",
         [](gateway& g) { g.tls.clients = {asked("a.test")}, g.tls.clients[0].ca = {}; }},
        {"error: tls.clients[0].depth: 33 is out of range",
         [](gateway& g) { g.tls.clients = {asked("a.test")}, g.tls.clients[0].depth = 33; }},
        {"error: tls.clients[0].pass.subject: `x y` is not a header",
         [](gateway& g) { g.tls.clients = {asked("a.test")}, g.tls.clients[0].subject_field = "x y"; }},
        {"error: tls.clients[0].pass.certificate: `Content-Length` is not a header",
         [](gateway& g) {
             g.tls.clients = {asked("a.test")}, g.tls.clients[0].certificate_field = "Content-Length";
         }},
        {"error: timeouts.tls_handshake: ", [](gateway& g) { g.timeouts.tls_handshake = {}; }},
        {"error: routes[0].https.redirect: 200 is not the status of a redirect",
         [](gateway& g) { g.routes[0].https.redirect = 200; }},
        {"error: routes[0].https.port: port 0", [](gateway& g) { g.routes[0].https.port = 0; }},
        {"warning: routes[0].https.hsts.preload: browsers preload only",
         [](gateway& g) { g.routes[0].https.hsts.emplace().preload = true; }},
    };
    for (const auto& one : cases) {
        auto wish = plain();
        one.spoil(wish);
        const auto got = judged(wish);
        EXPECT_NE(got.find(one.says), std::string::npos) << "wanted " << one.says << "\ngot    " << got;
    }
}

TEST(tls_wishes, unverified_clients_need_no_authority) {
    auto wish = plain();
    wish.tls.clients = {asked("a.test")};
    wish.tls.clients[0].ca = {};
    wish.tls.clients[0].verify = client_certificates::demand::unverified;
    EXPECT_EQ(judged(wish), "");
}

} // namespace
} // namespace adit::model
