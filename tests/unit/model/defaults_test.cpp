#include "model/defaults.hpp"

#include "model/gateway.hpp"

#include <gtest/gtest.h>

#include <set>

namespace adit::model {
namespace {

using namespace std::chrono_literals;

std::string value_of(std::string_view key) {
    const auto* found = find_default(key);
    return found ? found->value : "absent";
}

// The values that operators rely on: changing one is a decision, not an accident.
TEST(defaults, are_these) {
    const std::pair<std::string_view, std::string_view> wanted[]{
        {"underscore_fields", "false"},
        {"limits.request_line", "8KiB"},
        {"limits.head", "32KiB"},
        {"limits.fields", "128"},
        {"limits.body", "0"},
        {"limits.connections", "0"},
        {"access_log.format", "json"},
        {"access_log.fields", "[query, referer, user_agent]"},
        {"access_log.sample", "100"},
        {"access_log.always_errors", "true"},
        {"access_log.buffer", "4MiB"},
        {"listeners[].tls", "false"},
        {"tls.min_version", "1.2"},
        {"tls.max_version", "1.3"},
        {"tls.clients[].verify", "required"},
        {"tls.clients[].depth", "1"},
        {"tls.clients[].pass.verify", "ssl-client-verify"},
        {"tls.clients[].pass.subject", "ssl-client-subject-dn"},
        {"tls.clients[].pass.issuer", "ssl-client-issuer-dn"},
        {"tls.clients[].pass.fingerprint", "ssl-client-fingerprint"},
        {"timeouts.tls_handshake", "10s"},
        {"limits.in_flight", "0"},
        {"limits.memory", "0"},
        {"timeouts.head", "30s"},
        {"timeouts.body", "1m"},
        {"timeouts.idle", "1m15s"},
        {"timeouts.connect", "5s"},
        {"timeouts.first_byte", "1m"},
        {"timeouts.response", "1m"},
        {"timeouts.send", "1m"},
        {"timeouts.exchange", "0s"},
        {"timeouts.tunnel_idle", "1h"},
        {"timeouts.upstream_idle", "1m"},
        {"timeouts.min_rate", "240B"},
        {"timeouts.rate_grace", "1m"},
        {"drain.min", "10s"},
        {"drain.max", "1m"},
        {"routes[].match.path.prefix", "/"},
        {"routes[].tracks.NAME.endpoints[].weight", "1"},
        {"routes[].tracks.NAME.endpoints[].serving", "true"},
        {"routes[].tracks.NAME.endpoints[].terminating", "false"},
        {"routes[].tracks.NAME.weight", "0"},
        {"routes[].cohort.signed", "false"},
        {"routes[].send_colour", "true"},
        {"routes[].fallback", "none"},
        {"routes[].respond.server_timing", "false"},
        {"routes[].tracks.NAME.tls.verify", "true"},
        {"routes[].tracks.NAME.tls.sni", "true"},
        {"routes[].https.redirect", "false"},
        {"routes[].https.port", "443"},
        {"routes[].https.hsts.max_age", "31536000"},
        {"routes[].https.hsts.include_subdomains", "false"},
        {"routes[].https.hsts.preload", "false"},
        {"routes[].upgrades", "[websocket]"},
        {"routes[].compress.min_length", "256B"},
        {"routes[].compress.level", "4"},
        {"routes[].compress.encodings", "[br, gzip]"},
        {"routes[].redirect.code", "302"},
        {"routes[].cors.methods", "[GET, PUT, POST, DELETE, PATCH, OPTIONS]"},
        {"routes[].cors.headers", "[Accept, Authorization, Cache-Control, Content-Type, Range, "
                                  "If-Modified-Since, DNT, Keep-Alive, User-Agent, X-Requested-With]"},
        {"routes[].cors.credentials", "false"},
        {"routes[].cors.max_age", "2h"},
        {"routes[].rate[].burst", "0"},
        {"routes[].basic_auth.realm", "Restricted"},
        {"routes[].basic_auth.forward", "true"},
        {"routes[].retry.attempts", "2"},
        {"routes[].retry.on", "[connect, reset]"},
        {"routes[].retry.per_try_timeout", "0s"},
        {"routes[].retry.within", "0s"},
        {"routes[].retry.non_idempotent", "false"},
        {"routes[].retry.budget.percent", "20"},
        {"routes[].retry.budget.min", "3"},
        {"routes[].trailers.request", "drop"},
        {"routes[].trailers.response", "te"},
        {"routes[].body.buffer", "false"},
        {"routes[].body.buffer_limit", "1MiB"},
        {"routes[].external_auth.path", "/"},
        {"routes[].external_auth.method", "GET"},
        {"routes[].external_auth.signin_param", "rd"},
        {"routes[].external_auth.timeout", "5s"},
        {"routes[].external_auth.on_error", "deny"},
        {"routes[].external_auth.status_on_error", "503"},
        {"routes[].external_auth.always_set_cookie", "false"},
        {"routes[].balance.by", "round_robin"},
        {"routes[].balance.hash.bound", "0"},
        {"routes[].balance.sticky.cookie", "adit-endpoint"},
        {"routes[].balance.sticky.mode", "balanced"},
        {"routes[].balance.sticky.path", "/"},
        {"routes[].balance.sticky.ttl", "0s"},
        {"routes[].balance.sticky.expires", "0s"},
        {"routes[].balance.sticky.same_site", "lax"},
        {"routes[].balance.sticky.secure", "false"},
        {"routes[].balance.sticky.change_on_failure", "false"},
        {"routes[].balance.sticky.pin", "none"},
        {"routes[].balance.slow_start", "0s"},
        {"routes[].balance.zone", "any"},
        {"routes[].balance.max_connections", "0"},
        {"routes[].balance.max_in_flight", "0"},
        {"routes[].balance.max_pending", "1024"},
        {"routes[].balance.pending_timeout", "10s"},
        {"routes[].health.passive.consecutive_5xx", "5"},
        {"routes[].health.passive.consecutive_connect_failures", "5"},
        {"routes[].health.passive.base_ejection", "30s"},
        {"routes[].health.passive.max_ejection", "5m"},
        {"routes[].health.passive.max_share", "50"},
        {"routes[].health.active.http.path", "/"},
        {"routes[].health.active.http.status", "200-399"},
        {"routes[].health.active.interval", "10s"},
        {"routes[].health.active.timeout", "3s"},
        {"routes[].health.active.rise", "2"},
        {"routes[].health.active.fall", "3"},
        {"routes[].health.active.jitter", "20"},
        {"tracing.propagate", "true"},
        {"tracing.continue", "all"},
        {"tracing.sample", "1"},
        {"tracing.tls.verify", "true"},
        {"tracing.tls.sni", "true"},
        {"tracing.service_name", "adit"},
        {"tracing.batch", "512"},
        {"tracing.queue", "8192"},
        {"tracing.interval", "5s"},
        {"tracing.timeout", "10s"},
    };
    for (const auto& [key, value] : wanted) EXPECT_EQ(value_of(key), value) << key;
    EXPECT_EQ(defaults().size(), std::size(wanted)) << "a default is not pinned here";
}

TEST(defaults, come_from_the_structs) {
    EXPECT_EQ(limits{}.request_line, 8U * 1024);
    EXPECT_EQ(limits{}.head, 32U * 1024);
    EXPECT_EQ(timeouts{}.idle, 75s);
    EXPECT_EQ(timeouts{}.tunnel_idle, 1h);
    EXPECT_EQ(drain{}.max, 60s);
    EXPECT_FALSE(drain{}.min);
    EXPECT_EQ(endpoint{}.port, 80);
    EXPECT_TRUE(route{}.send_colour);
    EXPECT_FALSE(route{}.fallback_any);
}

TEST(defaults, have_one_line_each) {
    std::set<std::string_view> keys;
    for (const auto& one : defaults()) {
        EXPECT_TRUE(keys.insert(one.key).second) << one.key << " is there twice";
        EXPECT_FALSE(one.value.empty()) << one.key;
        EXPECT_FALSE(one.meaning.empty()) << one.key;
        EXPECT_EQ(one.meaning.find('\n'), std::string_view::npos) << one.key;
        EXPECT_NE(one.meaning.back(), '.') << one.key;
    }
    EXPECT_EQ(find_default("nothing"), nullptr);
}

} // namespace
} // namespace adit::model
