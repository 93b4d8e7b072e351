// A label selector as kubectl takes it: "team=shop,tier in (front, edge),!legacy".
#pragma once

#include "model/fault.hpp"
#include "source/cluster/objects.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source::cluster {

class label_selector {
public:
    static std::optional<label_selector> parse(std::string_view text, model::fault* why = nullptr);

    bool empty() const noexcept { return all_.empty(); } // matches everything
    bool matches(const notes& labels) const;

private:
    // A label has one of the values, or has none of them; without values: is there, or is not.
    struct requirement {
        std::string name;
        std::vector<std::string> values{};
        bool any = false; // whatever its value
        bool negated = false;
    };
    static std::optional<requirement> parse_one(std::string_view text, model::fault* why);

    std::vector<requirement> all_;
};

} // namespace adit::source::cluster
