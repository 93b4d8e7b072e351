// What `adit weight` reads from a command line and shows of an answer.
#pragma once

#include "model/fault.hpp"

#include <boost/json/object.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::cli {

struct weight_wish {
    std::string route; // empty: not named
    std::map<std::string, double> percents;
};

// "shop canary=12.5 next=1", where the route's name may be missing; a '%' behind a number is let pass. What
// the route has and what adds up, the gateway knows.
std::optional<weight_wish>
parse_weight_words(const std::vector<std::string>& words, model::fault* why = nullptr);

// "ingress/shop/next" is the canary Ingress next of the namespace shop.
struct ingress_name {
    std::string name_space, name;
    bool operator==(const ingress_name&) const = default;
};
// nullopt for the name of a route.
std::optional<ingress_name> parse_ingress_word(std::string_view word);
// "12.5" or "12.5%".
std::optional<double> parse_percent_word(std::string_view word, model::fault* why = nullptr);

// A line for every track of a canary Ingress, and its changes as below.
std::string ingress_weights_table(const boost::json::object& ingress);
std::string ingress_change_text(const boost::json::object& change);

// A line for every track of the routes, as the API shows routes; its "from" tells whose weights are in force.
std::string weights_table(const std::vector<const boost::json::object*>& routes);
// "shop: canary 5 → 25, stable 95 → 75 (generation 7)" and what else there is to know of the change, a line
// each.
std::string weights_change_text(const boost::json::object& change);

} // namespace adit::cli
