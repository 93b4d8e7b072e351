#include "cli/demo/shares.hpp"

#include <cstdio>

namespace adit::cli {

namespace {

constexpr instant a_second = from(std::chrono::seconds(1));

double percent(std::uint64_t part, std::uint64_t whole) {
    return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

} // namespace

void demo_shares::add(instant now, std::string_view version, unsigned status) noexcept {
    const auto number = now / a_second;
    auto& into = seconds_[static_cast<std::size_t>(number) % window];
    if (into.number != number) into = {.number = number, .seen = {}};
    for (auto* one : {&into.seen, &ever_}) {
        if (status >= 500 || (version != "v1" && version != "v2"))
            ++one->failed;
        else if (version == "v1")
            ++one->v1;
        else
            ++one->v2;
    }
}

demo_shares::counts demo_shares::recent(instant now) const noexcept {
    const auto number = now / a_second;
    counts out;
    for (const auto& one : seconds_) {
        if (one.number < 0 || one.number > number || one.number + std::int64_t{window} <= number) continue;
        out.v1 += one.seen.v1;
        out.v2 += one.seen.v2;
        out.failed += one.seen.failed;
    }
    return out;
}

std::string demo_shares::line(instant now) const {
    const auto seen = recent(now);
    const auto versions = seen.v1 + seen.v2;
    const auto all = static_cast<unsigned long long>(seen.all());
    char text[128];
    if (versions == 0) {
        std::snprintf(text, sizeof text, "no answers  (last %zu s, %llu requests", window, all);
    } else {
        std::snprintf(
            text, sizeof text, "v1 %.1f %%  v2 %.1f %%  (last %zu s, %llu requests",
            percent(seen.v1, versions), percent(seen.v2, versions), window, all
        );
    }
    std::string out = text;
    if (seen.failed > 0) out += ", " + std::to_string(seen.failed) + " failed";
    return out += ')';
}

} // namespace adit::cli
