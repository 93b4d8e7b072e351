// The way of a request through this room takes nothing from the heap.
#include "unit/support/allocations.hpp"

#include "route/normalise.hpp"
#include "route/table.hpp"
#include "unit/support/request.hpp"

#include <gtest/gtest.h>

#include <array>

namespace adit::route {
namespace {

TEST(no_allocation, in_normalising_and_finding) {
    std::vector<table_entry> entries;
    const auto add = [&](model::path_match path, bool conditions) {
        model::route r;
        r.name = "r" + std::to_string(entries.size());
        r.match.hosts = {"shop.test", "*.shop.test"};
        r.match.path = std::move(path);
        if (conditions) {
            r.match.methods = {"GET"};
            r.match.headers = {
                {"X-Wanted-By-Nobody-But-This-Route", model::value_match::kind::regex, "a+, b"}};
            r.match.query = {{"q", model::value_match::kind::exact, "a b"}};
        }
        entries.push_back(
            {static_cast<std::uint32_t>(entries.size()), std::make_shared<const model::route>(r)}
        );
    };
    add({model::path_match::kind::prefix, "/"}, false);
    add({model::path_match::kind::prefix, "/deep/down"}, true);
    add({model::path_match::kind::regex, "/never/[0-9]{3,}$"}, false);
    add({model::path_match::kind::exact, "/exact"}, true);
    complaints found;
    const auto routes = table::compile(entries, found);
    ASSERT_TRUE(routes);
    const std::string wanted = "X-Wanted-By-Nobody-But-This-Route";
    const tests::request r(
        "//deep/./down/%41?q=a%20b", {{"Host", "WWW.Shop.Test:80"}, {wanted, "aa"}, {wanted, "b"}}
    );
    std::array<char, 1024> path_scratch;
    std::array<char, max_host> host_scratch;
    const auto once = [&] {
        const auto path = normalise_path(r.head().path(), path_scratch);
        const auto host = normalise_host(r.head().get(http::field_id::host), host_scratch);
        return routes->find(r.head(), host, *path);
    };
    ASSERT_NE(once(), nullptr); // the first search of a thread makes its match space
    const auto before = tests::allocations;
    std::uint32_t sum = 0;
    for (int i = 0; i < 100; ++i) sum += once()->slot;
    EXPECT_EQ(tests::allocations, before);
    EXPECT_EQ(sum, 100U);
}

} // namespace
} // namespace adit::route
