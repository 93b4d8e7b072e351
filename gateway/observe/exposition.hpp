// All workers' counters as Prometheus families. Used on the control thread, which also keeps labels and
// gauges.
#pragma once

#include "observe/families.hpp"
#include "observe/labels.hpp"
#include "observe/totals.hpp"
#include "observe/worker_counters.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace adit::observe {

// Reads every shard once a scrape. What the constructor is given outlives it.
class exposition final : public prometheus::Collectable {
public:
    exposition(
        std::vector<worker_counters*> workers, labels& slots, const control_gauges& gauges,
        std::vector<std::string> refusal_names // by index; reasons without a name are not shown
    );

    std::vector<prometheus::MetricFamily> Collect() const override;

    // The families one after the other, each freed before the next is made, so that a scrape of many routes
    // does not hold them all.
    void for_each_family(const visitor& visit) const;

    // A scrape in pieces, for a thread that has others to answer in between: go_on() until it is true, then
    // rest(), and to_text() of both on whatever thread.
    struct scrape {
        totals all;

        std::uint32_t at() const noexcept { return next; } // the slot that comes next

    private:
        friend class exposition;
        std::uint32_t next = 0; // slot
        std::uint64_t era = 0;
        unsigned begun = 0;
    };
    // Adds up to `slots` more routes; true when all are in.
    bool go_on(scrape& with, std::uint32_t slots) const;
    // All families but those of routes.
    std::vector<prometheus::MetricFamily> rest() const;

    // Prometheus text format 0.0.4. Some 40 ms a thousand tracks.
    std::string text() const;

    // Takes a slot back, once no snapshot and no exchange of any worker knows it: frees what the workers
    // counted under it and releases its labels. While the route lives on under another slot its sums are
    // kept, so that its series do not jump back.
    void retire(std::uint32_t slot);

private:
    totals merge() const;
    void show_rest(const visitor& visit) const;
    void add_slot(totals& to, std::uint32_t slot) const;

    std::vector<worker_counters*> workers_;
    labels& slots_;
    const control_gauges& gauges_;
    std::vector<std::string> refusal_names_;
    totals retired_;        // of routes that live on
    std::uint64_t era_ = 1; // changes when a slot is taken back
};

// Any thread: the sums of a whole scrape, and what rest() gave.
std::string to_text(const totals& all, const std::vector<prometheus::MetricFamily>& rest);

inline constexpr const char* exposition_content_type = "text/plain; version=0.0.4; charset=utf-8";

} // namespace adit::observe
