#include "compile.hpp"

#include "unit/support/request.hpp"

namespace adit::policy {
namespace {

using model::variable;

std::string_view told(variable what) {
    switch (what) {
    case variable::track: return "canary";
    case variable::remote_addr: return "192.0.2.7";
    case variable::host: return "shop.test";
    default: return "?";
    }
}

model::route two_tracks(model::header_edits of_route, model::header_edits of_canary) {
    auto out = make_route();
    out.tracks.resize(2);
    out.tracks[1].name = "canary";
    out.policies.request_headers = std::move(of_route);
    out.tracks[1].request_headers = std::move(of_canary);
    return out;
}

// The fields that are left of a request, and what is written behind them.
std::string edited(const route_policy& of, std::size_t track, tests::request& request) {
    const auto* edits = of.request_edits(track);
    if (!edits) return "none";
    edits->drop(request.head());
    return written([&](http::writer& out) {
        out.kept_fields(request.head());
        if (edits->sets_host()) edits->write_host(out, told);
        edits->write(out, told);
    });
}

TEST(header_edits, remove_set_and_add) {
    const auto made = must_compile(two_tracks(
        {{"x-secret", "Cookie"},
         {{"X-Client", "$remote_addr!"}, {"Host", "api.$host:80"}},
         {{"X-More", "$$1"}}},
        {}
    ));
    tests::request one{
        "/",
        {{"Host", "a"},
         {"X-Secret", "s"},
         {"cookie", "c"},
         {"x-client", "forged"},
         {"X-More", "m"},
         {"X-Keep", "k"}}};
    EXPECT_EQ(
        edited(*made, 0, one),
        "X-More: m\r\nX-Keep: k\r\nHost: api.shop.test:80\r\nX-Client: 192.0.2.7!\r\nX-More: $1\r\n"
    );
}

TEST(header_edits, of_a_track_come_after_those_of_the_route) {
    const auto made = must_compile(two_tracks(
        {{}, {{"X-A", "route"}, {"X-B", "route"}}, {{"X-C", "route"}}},
        {{"X-B"}, {{"x-a", "$track"}}, {{"X-C", "track"}}}
    ));
    tests::request one, other{"/", {{"X-B", "client"}}};
    EXPECT_EQ(edited(*made, 0, one), "X-A: route\r\nX-B: route\r\nX-C: route\r\n");
    EXPECT_EQ(edited(*made, 1, other), "X-C: route\r\nx-a: canary\r\nX-C: track\r\n");
}

TEST(header_edits, cost_nothing_where_nobody_asks) {
    EXPECT_EQ(must_compile(two_tracks({}, {})), nullptr);
    const auto made = must_compile(two_tracks({}, {{"X-A"}, {}, {}}));
    EXPECT_TRUE(made->request_edits(0)->empty());
    EXPECT_EQ(made->response_edits(0), nullptr);
    EXPECT_EQ(made->response_edits(7), nullptr);
}

TEST(header_edits, know_which_of_adits_own_fields_they_replace) {
    const auto made =
        must_compile(two_tracks({{"X-Real-IP"}, {{"x-forwarded-proto", "https"}}, {{"Via", ""}}}, {}));
    const auto* edits = made->request_edits(0);
    EXPECT_TRUE(edits->replaces(http::field_id::x_real_ip));
    EXPECT_TRUE(edits->replaces(http::field_id::x_forwarded_proto));
    EXPECT_FALSE(edits->replaces(http::field_id::x_forwarded_host));
}

// Two lines with one name would contradict each other.
TEST(header_edits, leave_out_what_an_answer_of_adits_own_says_itself) {
    const auto made = must_compile(two_tracks(
        {{},
         {{"Server", "x"}, {"content-type", "x"}, {"Cache-Control", "x"}, {"Retry-After", "x"}, {"X-A", "a"}},
         {}},
        {}
    ));
    const auto* edits = made->request_edits(0);
    EXPECT_EQ(written([&](http::writer& out) { edits->write_own(out, told); }), "X-A: a\r\n");
}

} // namespace
} // namespace adit::policy
