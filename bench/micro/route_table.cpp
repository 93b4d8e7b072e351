// Which route: one lookup in tables of 10 and 10,000 routes, the request changing every time. Target: < 300
// ns.
#include "core/random.hpp"
#include "route/normalise.hpp"
#include "route/table.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace {

using namespace adit;

struct request {
    std::string host;
    std::string path;
};

// Ten paths to a host, as a company's ingress has them.
struct world {
    explicit world(std::uint32_t count) {
        constexpr std::array<const char*, 10> paths{"/",       "/api",      "/api/v1",     "/api/v1/orders",
                                                    "/api/v2", "/static",   "/static/img", "/login",
                                                    "/admin",  "/shop/cart"};
        std::vector<route::table_entry> entries;
        std::vector<request> shuffled;
        for (std::uint32_t i = 0; i < count; ++i) {
            model::route one;
            one.name = "route-" + std::to_string(i);
            one.match.hosts = {"team-" + std::to_string(i / 10) + ".apps.example.com"};
            one.match.path.text = paths[i % 10];
            shuffled.push_back({"Team-" + std::to_string(i / 10) + ".apps.example.com", one.match.path.text});
            shuffled.back().path += i % 10 ? "/12345/details" : "index.html";
            entries.push_back({i, std::make_shared<const model::route>(one)});
        }
        complaints found;
        table = route::table::compile(entries, found);
        random_source random(1);
        for (std::size_t i = shuffled.size(); i > 1; --i)
            std::swap(shuffled[i - 1], shuffled[random.below(static_cast<std::uint32_t>(i))]);
        // Copied, so that their bytes lie in the order of use: the table's cache misses count, not the
        // requests'.
        requests = shuffled;
    }

    std::optional<route::table> table;
    std::vector<request> requests;
};

void find_route(benchmark::State& state) {
    const world all(static_cast<std::uint32_t>(state.range(0)));
    http::request_head head;
    head.verb = http::method::get;
    std::vector<request> normal;
    for (const auto& one : all.requests) {
        std::array<char, route::max_host> scratch;
        normal.push_back({std::string(route::normalise_host(one.host, scratch)), one.path});
    }
    std::size_t at = 0;
    for (auto _ : state) {
        const auto& one = normal[at];
        if (++at == normal.size()) at = 0;
        const auto* found = all.table->find(head, one.host, one.path);
        if (!found) state.SkipWithError("no route");
        benchmark::DoNotOptimize(found);
    }
}
BENCHMARK(find_route)->Arg(10)->Arg(10'000);

// With the normalising of host and path before it, as an exchange does.
void normalise_and_find_route(benchmark::State& state) {
    const world all(static_cast<std::uint32_t>(state.range(0)));
    http::request_head head;
    head.verb = http::method::get;
    std::array<char, route::max_host> host_scratch;
    std::array<char, 1024> path_scratch;
    std::size_t at = 0;
    for (auto _ : state) {
        const auto& one = all.requests[at];
        if (++at == all.requests.size()) at = 0;
        const auto host = route::normalise_host(one.host, host_scratch);
        const auto path = route::normalise_path(one.path, path_scratch);
        benchmark::DoNotOptimize(all.table->find(head, host, *path));
    }
}
BENCHMARK(normalise_and_find_route)->Arg(10)->Arg(10'000);

void find_route_by_regex(benchmark::State& state) {
    std::vector<route::table_entry> entries;
    for (std::uint32_t i = 0; i < 10; ++i) {
        model::route one;
        one.name = "route-" + std::to_string(i);
        one.match.path = {model::path_match::kind::regex, "/shop-" + std::to_string(i) + "/[a-z]+/([0-9]+)$"};
        entries.push_back({i, std::make_shared<const model::route>(one)});
    }
    complaints found;
    const auto table = route::table::compile(entries, found);
    http::request_head head;
    for (auto _ : state) benchmark::DoNotOptimize(table->find(head, "shop.test", "/shop-5/items/12345"));
}
BENCHMARK(find_route_by_regex);

} // namespace
