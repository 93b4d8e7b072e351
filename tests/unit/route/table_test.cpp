#include "route/explain.hpp"
#include "route/normalise.hpp"
#include "route/table.hpp"
#include "route/table_body.hpp"
#include "unit/support/request.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace adit::route {
namespace {

using kind = model::path_match::kind;
using tests::request;

model::route make_route(std::string name, std::vector<std::string> hosts, kind how, std::string path) {
    model::route out;
    out.name = std::move(name);
    out.match.hosts = std::move(hosts);
    out.match.path = {how, std::move(path)};
    return out;
}

table compile(const std::vector<model::route>& routes) {
    std::vector<table_entry> entries;
    for (const auto& one : routes)
        entries.push_back(
            {static_cast<std::uint32_t>(entries.size() + 100), std::make_shared<const model::route>(one)}
        );
    complaints found;
    auto out = table::compile(entries, found);
    EXPECT_TRUE(found.empty()) << to_text(found.front());
    return std::move(out.value());
}

std::size_t count(const table& routes) {
    std::size_t out = 0;
    for (const auto& one : table_walk::parts(routes)) out += one->entries.size();
    return out;
}

// Name of the route, "-" for none. Explain has to agree, always.
std::string find(
    const table& routes, std::string_view authority, const std::string& target,
    request::field_list fields = {}, std::string_view verb = "GET"
) {
    const request r(target, std::move(fields), verb);
    std::string path_scratch(target.size(), '\0');
    std::string host_scratch(max_host, '\0');
    const auto host = normalise_host(authority, host_scratch);
    const auto path = normalise_path(r.head().path(), path_scratch).value();
    const auto* entry = routes.find(r.head(), host, path);
    const auto story = explain(routes, r.head(), host, path);
    EXPECT_EQ(story.matched, entry) << authority << target;
    EXPECT_EQ(story.lines.size() + story.left_out, count(routes));
    return entry ? entry->route->name : "-";
}

TEST(route_table, host_exact_before_wildcard_before_any) {
    const auto routes = compile({
        make_route("any", {}, kind::prefix, "/"),
        make_route("wild", {"*.shop.test"}, kind::prefix, "/"),
        make_route("exact", {"WWW.shop.test."}, kind::prefix, "/"),
        make_route("address", {"[::1]", "10.0.0.1"}, kind::prefix, "/"),
    });
    EXPECT_EQ(find(routes, "www.shop.test", "/"), "exact");
    EXPECT_EQ(find(routes, "WWW.Shop.Test:8080", "/"), "exact");
    EXPECT_EQ(find(routes, "www.shop.test.", "/"), "exact");
    EXPECT_EQ(find(routes, "api.shop.test", "/"), "wild");
    EXPECT_EQ(find(routes, "a.b.shop.test", "/"), "any"); // exactly one label
    EXPECT_EQ(find(routes, "shop.test", "/"), "any");     // not the apex
    EXPECT_EQ(find(routes, ".shop.test", "/"), "any");
    EXPECT_EQ(find(routes, "", "/"), "any");
    EXPECT_EQ(find(routes, "[::1]:80", "/"), "address");
    EXPECT_EQ(find(routes, "10.0.0.1:80", "/"), "address");
}

TEST(route_table, a_host_owns_its_requests) {
    const auto routes = compile({
        make_route("any", {}, kind::prefix, "/"),
        make_route("wild", {"*.shop.test"}, kind::prefix, "/w"),
        make_route("api", {"www.shop.test"}, kind::prefix, "/api"),
    });
    EXPECT_EQ(find(routes, "www.shop.test", "/api/x"), "api");
    EXPECT_EQ(find(routes, "www.shop.test", "/other"), "-");
    EXPECT_EQ(find(routes, "www.shop.test", "/w"), "-");
    EXPECT_EQ(find(routes, "x.shop.test", "/other"), "-");
    EXPECT_EQ(find(routes, "elsewhere.test", "/other"), "any");
}

TEST(route_table, no_route_without_a_catch_all) {
    const auto routes = compile({make_route("a", {"a.test"}, kind::prefix, "/")});
    EXPECT_EQ(find(routes, "b.test", "/"), "-");
    EXPECT_EQ(find(compile({}), "b.test", "/"), "-");
}

TEST(route_table, prefixes_are_whole_segments_and_the_longest_wins) {
    const auto routes = compile({
        make_route("root", {"t"}, kind::prefix, "/"),
        make_route("a", {"t"}, kind::prefix, "/a"),
        make_route("abc", {"t"}, kind::prefix, "/a/b/c/"),
        make_route("foo", {"t"}, kind::prefix, "/foo"),
    });
    EXPECT_EQ(find(routes, "t", "/"), "root");
    EXPECT_EQ(find(routes, "t", "/x"), "root");
    EXPECT_EQ(find(routes, "t", "/a"), "a");
    EXPECT_EQ(find(routes, "t", "/a/"), "a");
    EXPECT_EQ(find(routes, "t", "/ab"), "root");
    EXPECT_EQ(find(routes, "t", "/a/b"), "a");
    EXPECT_EQ(find(routes, "t", "/a/b/c"), "abc");
    EXPECT_EQ(find(routes, "t", "/a/b/c/"), "abc");
    EXPECT_EQ(find(routes, "t", "/a/b/c/d/e/f"), "abc");
    EXPECT_EQ(find(routes, "t", "/a/b/cd"), "a");
    EXPECT_EQ(find(routes, "t", "/A"), "root"); // paths have case
    EXPECT_EQ(find(routes, "t", "/foobar"), "root");
    EXPECT_EQ(find(routes, "t", "//foo/../a%2Fb/c"), "abc");
    EXPECT_EQ(find(routes, "t", "*", {}, "OPTIONS"), "root");
}

TEST(route_table, a_prefix_with_and_without_slash_is_one_prefix) {
    const auto routes = compile({
        make_route("first", {"t"}, kind::prefix, "/foo/"),
        make_route("second", {"t"}, kind::prefix, "/foo"),
    });
    EXPECT_EQ(find(routes, "t", "/foo"), "first");
    EXPECT_EQ(find(routes, "t", "/foo/"), "first");
}

TEST(route_table, exact_before_regex_before_prefix) {
    const auto routes = compile({
        make_route("prefix", {"t"}, kind::prefix, "/shop/item/detail/long"),
        make_route("short", {"t"}, kind::regex, "/shop/i.*"),
        make_route("long", {"t"}, kind::regex, "/shop/item/[0-9]+$"),
        make_route("exact", {"t"}, kind::exact, "/shop/item/7"),
        make_route("root", {"t"}, kind::prefix, "/"),
    });
    EXPECT_EQ(find(routes, "t", "/shop/item/7"), "exact");
    EXPECT_EQ(find(routes, "t", "/shop/item/7/"), "short"); // exact means exact
    EXPECT_EQ(find(routes, "t", "/shop/item/8"), "long");
    EXPECT_EQ(find(routes, "t", "/SHOP/ITEM/8"), "long"); // case-blind
    EXPECT_EQ(find(routes, "t", "/shop/item/detail/long"), "short");
    EXPECT_EQ(find(routes, "t", "/x/shop/item/8"), "root"); // bound to the start
}

TEST(route_table, a_pattern_may_ask_for_case) {
    const auto routes = compile({make_route("r", {"t"}, kind::regex, "(?-i)/Shop")});
    EXPECT_EQ(find(routes, "t", "/Shop"), "r");
    EXPECT_EQ(find(routes, "t", "/shop"), "-");
}

TEST(route_table, patterns_of_one_length_go_by_text_descending) {
    const auto routes = compile({
        make_route("a", {"t"}, kind::regex, "/[ab]"),
        make_route("b", {"t"}, kind::regex, "/[bc]"),
    });
    EXPECT_EQ(find(routes, "t", "/b"), "b");
    EXPECT_EQ(find(routes, "t", "/a"), "a");
}

TEST(route_table, a_pattern_that_runs_away_does_not_match) {
    const auto routes = compile({
        make_route("bomb", {"t"}, kind::regex, "/(a+)+$"),
        make_route("root", {"t"}, kind::prefix, "/"),
    });
    EXPECT_EQ(find(routes, "t", "/" + std::string(60, 'a') + "!"), "root");
}

TEST(route_table, more_conditions_first_then_as_written) {
    auto plain = make_route("plain", {"t"}, kind::prefix, "/");
    auto later = make_route("later", {"t"}, kind::prefix, "/");
    auto post = make_route("post", {"t"}, kind::prefix, "/");
    post.match.methods = {"POST", "PURGE"};
    auto beta = make_route("beta", {"t"}, kind::prefix, "/");
    beta.match.methods = {"POST"};
    beta.match.headers = {{"x-beta", model::value_match::kind::exact, "1"}};
    auto tried = make_route("tried", {"t"}, kind::prefix, "/");
    tried.match.query = {{"try", model::value_match::kind::regex, "^(yes|1)$"}};
    const auto routes = compile({plain, later, post, beta, tried});
    EXPECT_EQ(find(routes, "t", "/"), "plain");
    EXPECT_EQ(find(routes, "t", "/", {}, "POST"), "post");
    EXPECT_EQ(find(routes, "t", "/", {}, "PURGE"), "post");
    EXPECT_EQ(find(routes, "t", "/", {}, "purge"), "plain");
    EXPECT_EQ(find(routes, "t", "/", {{"X-Beta", "1"}}, "POST"), "beta");
    EXPECT_EQ(find(routes, "t", "/", {{"X-Beta", "1"}}), "plain");
    EXPECT_EQ(find(routes, "t", "/", {{"X-Beta", "1"}, {"X-Beta", "1"}}, "POST"), "post"); // "1, 1"
    EXPECT_EQ(find(routes, "t", "/?a=b&try=yes"), "tried");
    EXPECT_EQ(find(routes, "t", "/?%74ry=%31"), "tried");
    EXPECT_EQ(find(routes, "t", "/?try=no&try=yes"), "plain"); // the first counts
}

TEST(route_table, an_unmet_condition_leads_to_the_next_path) {
    auto deep = make_route("deep", {"t"}, kind::prefix, "/a/b");
    deep.match.headers = {{"X-New", model::value_match::kind::present, ""}};
    auto exact = make_route("exact", {"t"}, kind::exact, "/a/b/c");
    exact.match.methods = {"DELETE"};
    const auto routes = compile({deep, exact, make_route("a", {"t"}, kind::prefix, "/a")});
    EXPECT_EQ(find(routes, "t", "/a/b/c"), "a");
    EXPECT_EQ(find(routes, "t", "/a/b/c", {{"x-new", ""}}), "deep");
    EXPECT_EQ(find(routes, "t", "/a/b/c", {{"x-new", ""}}, "DELETE"), "exact");
    EXPECT_EQ(find(routes, "t", "/b"), "-");
}

TEST(route_table, keeps_the_slots_it_was_given_and_the_routes_alive) {
    std::vector<table_entry> entries;
    entries.push_back({7, std::make_shared<const model::route>(make_route("r", {}, kind::prefix, "/"))});
    complaints found;
    auto routes = table::compile(entries, found);
    entries.clear();
    const request r("/x");
    const auto* entry = routes->find(r.head(), "h", "/x");
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->slot, 7U);
    EXPECT_EQ(entry->route->name, "r");
}

TEST(route_table, patterns_that_do_not_compile_are_complained_of) {
    auto path = make_route("p", {}, kind::regex, "/(");
    path.at = {"x.yaml", 3, 5};
    auto header = make_route("h", {}, kind::prefix, "/");
    header.match.headers = {{"X", model::value_match::kind::regex, "[a"}};
    complaints found;
    const std::vector<table_entry> entries{
        {0, std::make_shared<const model::route>(path)}, {1, std::make_shared<const model::route>(header)}};
    EXPECT_FALSE(table::compile(entries, found));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].key, "routes.h.match.headers[0]");
    EXPECT_EQ(found[1].key, "routes.p.match.path.regex");
    EXPECT_EQ(found[1].at.line, 3);
}

TEST(route_table, agrees_with_a_plain_search_over_many_routes) {
    std::vector<model::route> all;
    for (int host = 0; host < 40; ++host)
        for (const char* path : {"/", "/a", "/a/b", "/a/b/c", "/b/c"})
            if ((host * 7 + path[std::string_view(path).size() - 1]) % 3)
                all.push_back(make_route(
                    std::to_string(host) + path, {"h" + std::to_string(host) + ".test"}, kind::prefix, path
                ));
    const auto routes = compile(all);
    for (int host = 0; host < 41; ++host)
        for (const std::string target :
             {"/", "/a", "/a/", "/a/b", "/a/b/c/d", "/b", "/b/c", "/ab/c", "/a/bc"}) {
            const auto name = "h" + std::to_string(host) + ".test";
            const model::route* best = nullptr;
            for (const auto& one : all) {
                const auto& prefix = one.match.path.text;
                const bool fits = prefix == "/" || target == prefix || target.starts_with(prefix + "/");
                if (one.match.hosts[0] != name || !fits) continue;
                if (!best || best->match.path.text.size() < prefix.size()) best = &one;
            }
            EXPECT_EQ(find(routes, name, target), best ? best->name : "-") << name << target;
        }
}

TEST(route_explain, tells_every_route_and_why_not) {
    auto beta = make_route("beta", {"t"}, kind::prefix, "/");
    beta.match.headers = {{"X-Beta", model::value_match::kind::exact, "1"}};
    auto post = make_route("post", {"t"}, kind::prefix, "/a");
    post.match.methods = {"POST", "PUT"};
    const auto routes = compile({
        make_route("elsewhere", {"u", "v"}, kind::prefix, "/"),
        make_route("any", {}, kind::prefix, "/"),
        make_route("b", {"t"}, kind::exact, "/b"),
        beta,
        post,
        make_route("root", {"t"}, kind::prefix, "/"),
        make_route("again", {"t"}, kind::prefix, "/"),
    });
    const request r("/a/x", {{"X-Beta", "2"}});
    const auto story = explain(routes, r.head(), "t", "/a/x");
    EXPECT_EQ(story.scope, "host t");
    ASSERT_NE(story.matched, nullptr);
    std::string told;
    for (const auto& line : story.lines)
        told.append(line.route)
            .append(": ")
            .append(to_text(line.what))
            .append(": ")
            .append(line.why)
            .append("\n");
    EXPECT_EQ(
        told, "post: condition: method is GET, wanted POST, PUT\n"
              "beta: condition: header X-Beta is \"2\", wanted \"1\"\n"
              "root: matched: host t, the prefix \"/\"\n"
              "again: shadowed: fits too, but comes after root\n"
              "b: path: wants the path \"/b\"\n"
              "elsewhere: host: wants host u or v\n"
              "any: host: has no host, and the request's host has routes of its own\n"
    );
}

TEST(route_explain, says_how_much_was_left_out) {
    std::vector<model::route> all;
    for (int i = 0; i < 10; ++i) all.push_back(make_route("r" + std::to_string(i), {}, kind::prefix, "/"));
    const auto routes = compile(all);
    const request r("/");
    const auto story = explain(routes, r.head(), "t", "/", 3);
    EXPECT_EQ(story.lines.size(), 3U);
    EXPECT_EQ(story.left_out, 7U);
    EXPECT_EQ(story.scope, "routes without a host");
}

table_part part_of(const std::vector<model::route>& routes) {
    std::vector<std::shared_ptr<const model::route>> wishes;
    std::vector<std::uint32_t> slots;
    for (const auto& one : routes) {
        wishes.push_back(std::make_shared<const model::route>(one));
        slots.push_back(static_cast<std::uint32_t>(slots.size()));
    }
    complaints found;
    return table_draft::compile(wishes, found).value().finish(slots);
}

TEST(route_table, parts_come_and_go_and_the_rest_stays) {
    std::vector<table_part> hosts;
    for (int i = 0; i < 500; ++i) {
        const auto name = "h" + std::to_string(i);
        hosts.push_back(part_of({
            make_route(name, {name + ".test"}, kind::prefix, "/"),
            make_route(name + "-wild", {"*." + name + ".test"}, kind::exact, "/x"),
        }));
    }
    const auto rest = part_of({make_route("rest", {}, kind::prefix, "/")});
    auto routes = table().with({}, hosts).with({}, {&rest, 1});
    EXPECT_EQ(find(routes, "h0.test", "/a"), "h0");
    EXPECT_EQ(find(routes, "a.h499.test", "/x"), "h499-wild");
    EXPECT_EQ(find(routes, "a.h499.test", "/y"), "-");
    EXPECT_EQ(find(routes, "other.test", "/"), "rest");

    const auto anew = part_of({make_route("anew", {"h7.test"}, kind::prefix, "/b")});
    const std::vector<table_part> gone{hosts[7], rest};
    const auto next = routes.with(gone, {&anew, 1});
    EXPECT_EQ(find(next, "h7.test", "/b"), "anew");
    EXPECT_EQ(find(next, "h7.test", "/a"), "-");
    EXPECT_EQ(find(next, "a.h7.test", "/x"), "-");
    EXPECT_EQ(find(next, "other.test", "/"), "-");
    for (int i = 0; i < 500; ++i) {
        if (i == 7) continue;
        const auto name = "h" + std::to_string(i);
        EXPECT_EQ(find(next, name + ".test", "/a"), name);
    }
    EXPECT_EQ(find(routes, "h7.test", "/a"), "h7"); // as it was
    EXPECT_EQ(find(next.with(hosts, {}).with({&anew, 1}, {}), "h7.test", "/b"), "-");
}

} // namespace
} // namespace adit::route
