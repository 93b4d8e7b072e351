// Choosing a track takes nothing from the heap, whatever decides.
#include "unit/support/allocations.hpp"

#include "unit/canary/routes.hpp"

#include <array>

namespace adit::canary {
namespace {

using match = model::value_match::kind;
using subject = model::force_rule::subject;
using tests::request;

TEST(no_allocation, in_choosing_by_any_means) {
    auto route = make_route({{"canary", 5000}, {"beta", 1000}});
    const std::string name = "X-A-Name-That-Is-Too-Long-For-The-Small-String";
    route.force = {
        rule(subject::header, name, match::regex, "^(a|b)+, c$", "canary"),
        rule(subject::query, "track", match::regex, "^new version$", "beta"),
        rule(
            subject::cookie, "track", match::exact, "a value that is too long for the small string", "beta"
        )};
    const auto with_dice = compile(route, {true, true, {*parse_prefix("192.0.2.0/24")}});
    route.cohort = model::cohort{model::cohort::key::cookie, "adit", "", true, false};
    const auto with_cookie = compile(route);
    const auto now = make_cuts(route);
    random_source random(5);
    const auto issued = with_cookie.choose(request("/").head(), peer, now, random);
    const std::string value(issued.cookie.data(), issued.cookie.size());
    const request plain("/?a=%20b"), forced("/", {{name, "ab"}, {name, "c"}}),
        coloured("/", {{"X-Canary", "true"}}), by_query("/?track=new%20version"),
        user("/", {{"Cookie", "a=b; adit=" + value}});
    std::array<char, chooser::set_cookie_capacity> out;
    const auto once = [&] {
        std::size_t seen = 0;
        for (const auto* by : {&with_dice, &with_cookie})
            for (const auto* r : {&plain, &forced, &coloured, &by_query, &user}) {
                const auto made = by->choose(r->head(), peer, now, random);
                seen |= 1U << static_cast<unsigned>(made.why);
                if (made.issue_cookie)
                    seen |= by->write_set_cookie(made, out, true).empty() ? 1U << 31 : 1U << 30;
            }
        return seen;
    };
    once(); // the first search of a thread makes its match space
    const auto before = tests::allocations;
    std::size_t seen = 0;
    for (int i = 0; i < 100; ++i) seen |= once();
    EXPECT_EQ(tests::allocations, before);
    const auto bit = [](reason why) { return 1U << static_cast<unsigned>(why); };
    EXPECT_EQ(
        seen, bit(reason::force_header) | bit(reason::force_query) | bit(reason::colour) |
                  bit(reason::cohort) | bit(reason::dice) | 1U << 30
    );
}

} // namespace
} // namespace adit::canary
