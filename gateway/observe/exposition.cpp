#include "observe/exposition.hpp"

#include "observe/access_log_families.hpp"
#include "observe/tls_families.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace adit::observe {

exposition::exposition(
    std::vector<worker_counters*> workers, labels& slots, const control_gauges& gauges,
    std::vector<std::string> refusal_names
)
    : workers_(std::move(workers)),
      slots_(slots),
      gauges_(gauges),
      refusal_names_(std::move(refusal_names)) {}

void exposition::add_slot(totals& to, std::uint32_t slot) const {
    const auto* names = slots_.find(slot);
    if (names == nullptr) return;
    for (std::size_t i = 0; i < names->tracks.size(); ++i) {
        auto& sum = to.at(names->route, names->tracks[i].name);
        if (!sum.weight) sum.weight = names->tracks[i].weight;
        if (!sum.health) sum.health = names->tracks[i].health;
        for (const auto* worker : workers_) {
            const auto* route = worker->find(slot);
            const auto* track = route == nullptr ? nullptr : route->find(i);
            if (track != nullptr) sum.add(*track);
        }
    }
}

bool exposition::go_on(scrape& with, std::uint32_t slots) const {
    // What was taken back meanwhile would be counted twice, or not at all. Where that goes on and on, all is
    // read at once.
    constexpr unsigned most_beginnings = 3;
    if (with.era != era_) {
        with.all = {};
        with.next = 0;
        with.era = era_;
        if (++with.begun > most_beginnings) slots = slots_.slots();
    }
    const auto end = std::min<std::uint64_t>(slots_.slots(), std::uint64_t{with.next} + slots);
    while (with.next < end) add_slot(with.all, with.next++);
    if (with.next < slots_.slots()) return false;
    for (const auto& [route, tracks] : retired_.routes)
        for (const auto& one : tracks) with.all.at(route, one.name).add(one);
    return true;
}

totals exposition::merge() const {
    scrape whole;
    go_on(whole, slots_.slots());
    return std::move(whole.all);
}

void exposition::retire(std::uint32_t slot) {
    const auto* names = slots_.find(slot);
    if (names == nullptr) return;
    ++era_;
    const bool lives_on = slots_.count(names->route) > 1;
    if (!lives_on) {
        const auto found = retired_.routes.find(names->route);
        if (found != retired_.routes.end()) retired_.routes.erase(found);
    }
    for (auto* worker : workers_) {
        const auto route = worker->retire(slot);
        if (!route || !lives_on) continue;
        for (std::size_t i = 0; i < names->tracks.size(); ++i) {
            const auto* track = route->find(i);
            if (track == nullptr) continue;
            auto& sum = retired_.at(names->route, names->tracks[i].name);
            sum.add(*track);
            sum.in_flight = 0;
            sum.pending = 0;
        }
    }
    slots_.release(slot);
}

void exposition::for_each_family(const visitor& visit) const {
    show_tracks(merge(), visit);
    show_rest(visit);
}

void exposition::show_rest(const visitor& visit) const {
    show_workers(workers_, refusal_names_, visit);
    show_tls(workers_, gauges_, visit);
    show_access_log(workers_, gauges_, visit);
    show_control(gauges_, visit);
    show_process(gauges_, visit);
}

std::vector<prometheus::MetricFamily> exposition::Collect() const {
    std::vector<prometheus::MetricFamily> out;
    for_each_family([&](prometheus::MetricFamily family) { out.push_back(std::move(family)); });
    return out;
}

std::string exposition::text() const {
    const prometheus::TextSerializer serializer;
    std::ostringstream out;
    std::vector<prometheus::MetricFamily> one(1);
    for_each_family([&](prometheus::MetricFamily family) {
        one[0] = std::move(family);
        serializer.Serialize(out, one);
    });
    return std::move(out).str();
}

std::vector<prometheus::MetricFamily> exposition::rest() const {
    std::vector<prometheus::MetricFamily> out;
    show_rest([&](prometheus::MetricFamily family) { out.push_back(std::move(family)); });
    return out;
}

std::string to_text(const totals& all, const std::vector<prometheus::MetricFamily>& rest) {
    const prometheus::TextSerializer serializer;
    std::ostringstream out;
    std::vector<prometheus::MetricFamily> one(1);
    show_tracks(all, [&](prometheus::MetricFamily family) {
        one[0] = std::move(family); // freed before the next is made
        serializer.Serialize(out, one);
    });
    serializer.Serialize(out, rest);
    return std::move(out).str();
}

} // namespace adit::observe
