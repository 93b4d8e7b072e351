// Which track: a browser's request against what a route may decide by.
#include "canary/choose.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace adit;

// A browser's head, built without the scanner.
struct browser_request {
    using field_list = std::vector<std::pair<std::string, std::string>>;

    explicit browser_request(const field_list& more = {}) {
        field_list fields{
            {"Host", "shop.test"},
            {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
            {"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
            {"Accept-Language", "en-US,en;q=0.5"},
            {"Accept-Encoding", "gzip, deflate, br"},
            {"Referer", "http://shop.test/items"},
            {"Connection", "keep-alive"},
            {"Upgrade-Insecure-Requests", "1"},
            {"Sec-Fetch-Dest", "document"},
            {"Sec-Fetch-Mode", "navigate"},
            {"Sec-Fetch-Site", "same-origin"}};
        fields.insert(fields.end(), more.begin(), more.end());
        for (const auto& [name, value] : fields) {
            http::field f;
            f.name_at = static_cast<std::uint16_t>(bytes.size());
            f.name_size = static_cast<std::uint16_t>(name.size());
            bytes += name;
            f.value_at = static_cast<std::uint16_t>(bytes.size());
            f.value_size = static_cast<std::uint16_t>(value.size());
            bytes += value;
            f.id = http::parse_field_id(name);
            head.add(f);
        }
        head.rebase(bytes.data());
    }

    std::string bytes;
    http::request_head head;
};

model::route two_tracks() {
    model::route out;
    out.name = "shop";
    out.tracks.resize(2);
    out.tracks[0].name = "stable";
    out.tracks[1].name = "canary";
    out.tracks[1].weight = {1250};
    return out;
}

std::shared_ptr<const canary::cookie_keys> one_key() {
    canary::cookie_keys out;
    out.keys.push_back({1, 2, 3});
    return std::make_shared<const canary::cookie_keys>(out);
}

void run(benchmark::State& state, const model::route& route, const browser_request& request) {
    complaints found;
    const auto by = canary::chooser::compile(route, {}, one_key(), found);
    if (!by) return state.SkipWithError("does not compile");
    const auto now = canary::make_cuts(route);
    const auto peer = ip_address::v4({192, 0, 2, 1});
    random_source random(1);
    for (auto _ : state) benchmark::DoNotOptimize(by->choose(request.head, peer, now, random));
}

void choose_by_dice(benchmark::State& state) {
    run(state, two_tracks(), browser_request());
}
BENCHMARK(choose_by_dice);

void choose_by_force_header(benchmark::State& state) {
    auto route = two_tracks();
    model::force_rule rule;
    rule.value = {"X-Next", model::value_match::kind::exact, "gold"};
    rule.track = "canary";
    route.force = {rule};
    run(state, route, browser_request(browser_request::field_list{{"X-Next", "gold"}}));
}
BENCHMARK(choose_by_force_header);

void choose_by_force_pattern(benchmark::State& state) {
    auto route = two_tracks();
    model::force_rule rule;
    rule.value = {"User-Agent", model::value_match::kind::regex, "Firefox/12[0-9]"};
    rule.track = "canary";
    route.force = {rule};
    run(state, route, browser_request());
}
BENCHMARK(choose_by_force_pattern);

void choose_by_cohort_header(benchmark::State& state) {
    auto route = two_tracks();
    route.cohort = model::cohort{model::cohort::key::header, "X-User", "", false, false};
    run(state, route, browser_request(browser_request::field_list{{"X-User", "5f0c1c9e-user"}}));
}
BENCHMARK(choose_by_cohort_header);

void choose_by_cohort_address(benchmark::State& state) {
    auto route = two_tracks();
    route.cohort = model::cohort{model::cohort::key::address, "", "", false, false};
    run(state, route, browser_request());
}
BENCHMARK(choose_by_cohort_address);

void choose_by_signed_cookie(benchmark::State& state) {
    auto route = two_tracks();
    route.cohort = model::cohort{model::cohort::key::cookie, "adit", "", true, false};
    const auto value = canary::issue_cookie(*one_key(), 1, 2);
    run(state, route,
        browser_request(browser_request::field_list{
            {"Cookie", "theme=dark; adit=" + std::string(value.data(), value.size())}}));
}
BENCHMARK(choose_by_signed_cookie);

void choose_and_issue_cookie(benchmark::State& state) {
    auto route = two_tracks();
    route.cohort = model::cohort{model::cohort::key::cookie, "adit", "", true, false};
    run(state, route, browser_request());
}
BENCHMARK(choose_and_issue_cookie);

} // namespace
