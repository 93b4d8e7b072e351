// What `adit tap` says of an exchange.
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace adit::cli {

// One line with its end; from the JSON that the gateway tells. What is missing
// is left out.
std::string exchange_text(const boost::json::object& one);
// How many were not shown, and why; without an end of line.
std::string lost_text(const boost::json::object& lost);

} // namespace adit::cli
