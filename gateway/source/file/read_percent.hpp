// A number of percent, to 0.01.
#pragma once

#include "model/weight.hpp"
#include "source/file/value.hpp"

#include <string_view>

namespace adit::source {

// `noun` is what complaints call it: "a weight". What cannot be read is complained of, and nothing.
model::weight read_percent(const value& from, std::string_view noun);

} // namespace adit::source
