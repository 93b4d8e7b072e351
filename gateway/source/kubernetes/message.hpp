// What an API server says: pages of lists, events of watches, refusals.
#pragma once

#include "source/cluster/decode.hpp"
#include "source/kubernetes/election.hpp"
#include "source/kubernetes/reflector.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source::kubernetes {

// An object as it came: decoded, or what is wrong with it.
struct received {
    std::string name; // metadata::key(), also of what is broken; empty where not even that could be read
    std::optional<cluster::object> object;
    complaints problems;
};

struct page {
    std::string version; // of the whole list
    std::string more;    // where it goes on; empty = this was the last page
    std::vector<received> objects;
};
// nullopt, with `why`, for what is no list, or has no version to watch from. Objects of other kinds are left
// out.
std::optional<page> read_page(std::string_view body, std::string_view kind, std::string& why);

// A refusal, in the words of the API server.
struct refusal {
    unsigned code = 0; // 0: it does not say
    std::string message;
    std::optional<std::chrono::seconds> retry_after{};
};
refusal read_refusal(std::string_view body);

struct event {
    std::optional<reflector::change> what; // none: it is a refusal
    std::string version;
    received object; // not of a bookmark
    refusal refused;
};
// nullopt, with `why`, for what is no event.
std::optional<event> read_event(std::string_view line, std::string_view kind, std::string& why);

std::optional<lease> read_lease(std::string_view body, std::string& why);

// Takes a stream apart into lines, in whatever pieces it comes. A line that is longer than `most` bytes is
// passed over.
class line_cutter {
public:
    explicit line_cutter(std::size_t most) : most_(most) {}

    // `hear` may not call feed(); what it is given is gone when it returns. False stops: no more lines are
    // told.
    void feed(std::string_view bytes, const std::function<bool(std::string_view)>& hear);
    std::size_t passed_over() const noexcept { return passed_over_; }

private:
    std::size_t most_;
    std::string rest_; // of a line that has not ended
    bool skipping_ = false;
    std::size_t passed_over_ = 0;
};

} // namespace adit::source::kubernetes
