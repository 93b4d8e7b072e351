// What went wrong with a call of the admin API, by name (RFC 9457). The name is stable and may be tested by
// callers: it stands in "type" as urn:adit:problem:NAME. All texts are for people.
#pragma once

#include "core/complaint.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace adit::admin {

struct problem {
    unsigned status = 500;
    std::string name{};    // "unknown-route"
    std::string title{};   // the same for every problem of that name
    std::string detail{};  // about this very call
    std::string hint{};    // what to do instead, may be empty
    std::string key{};     // member of the body, header or parameter at fault, may be empty
    complaints findings{}; // of a configuration that was refused, may be empty
    int line = 0;          // of a body that is no JSON, from 1; 0 = does not apply
    int column = 0;
};

// The ones that a control answers with. `known` is listed in the hint, nearest first or in any order.
problem unknown_route(std::string_view route, const std::vector<std::string>& known); // 404
// 404: the name of nothing, and of an Ingress that is stable; `known` and `its_own` are canaries.
problem unknown_ingress(std::string_view ingress, const std::vector<std::string>& known);
problem not_a_canary(std::string_view ingress, const std::vector<std::string>& its_own);
problem
unknown_track(std::string_view route, std::string_view track, const std::vector<std::string>& known); // 422
problem stable_has_no_weight(std::string_view route);                                                 // 422
problem negative_weight(std::string_view track, double percent);                                      // 422
problem weight_too_fine(std::string_view track, double percent);                                      // 422
problem weights_over_100(std::string_view route, double sum);                                         // 422
problem stale_generation(std::string_view route, std::uint64_t current);                              // 412
problem stale_ingress(std::string_view ingress, std::uint64_t current);                               // 412
problem release_active(std::string_view route, std::string_view release);                             // 409
problem killed_everywhere(std::string_view route); // 409: one route cannot be let go while all are held
problem bad_configuration(complaints list);        // 422
problem not_stored(std::string_view what, std::string_view why); // 507
problem shutting_down();                                         // 503

} // namespace adit::admin
