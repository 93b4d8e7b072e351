// The parts of validate() that look at one route alone.
#pragma once

#include "model/findings.hpp"
#include "model/route.hpp"
#include "model/validate.hpp"

namespace adit::model {

void check_match(const match& wish, const findings& found, const pattern_checker& check_pattern);
void check_tracks(const route& wish, const findings& found);
void check_force(
    const route& wish, const colour& in_force, const findings& found, const pattern_checker& check_pattern
);
void check_cohort(const cohort& wish, const findings& found);
void check_colour(const colour& wish, const findings& found);
void check_answers(const route& wish, const findings& found); // respond and upgrades
// The parts of policies that refuse requests.
void check_cors(const cors& wish, const findings& found);
void check_access(const access& wish, const findings& found);
void check_basic_auth(const basic_auth& wish, const findings& found);
void check_rate(const std::vector<rate_limit>& wish, const findings& found);
void check_policies(const route& wish, const findings& found, const pattern_checker& check_pattern);

// What two matches must not share: host, path, methods, headers and query, written so that equal ones are
// equal text.
std::string match_identity(const match& wish, std::string_view host);

} // namespace adit::model
