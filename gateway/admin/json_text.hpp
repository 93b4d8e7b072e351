// JSON as text for people as much as for programs: numbers are written 12.5 and 5, where Boost.JSON
// writes 1.25E1 and 5E0.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace adit::admin {

// The shortest decimal text that reads back as the same number; "null" for what JSON cannot say.
std::string number_text(double value);

enum class layout { compact, indented };
std::string json_text(const boost::json::value& value, layout as = layout::compact);

// Where in `text` the byte at `offset` stands: line and column, both from 1.
std::pair<int, int> line_and_column(std::string_view text, std::size_t offset);

} // namespace adit::admin
