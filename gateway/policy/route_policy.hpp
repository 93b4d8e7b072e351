// All policies of one route, compiled.
#pragma once

#include "policy/address_set.hpp"
#include "policy/basic_auth.hpp"
#include "policy/cors.hpp"
#include "policy/header_edits.hpp"
#include "policy/rate_limits.hpp"
#include "policy/redirect.hpp"
#include "policy/rewrite.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace adit::policy {

// Immutable after compile(); shared by all workers.
struct route_policy {
    std::optional<policy::redirect> redirect;
    std::optional<policy::cors> cors;
    std::optional<rate_limits> rate;
    std::optional<access_list> access;
    std::optional<policy::basic_auth> basic_auth;
    std::optional<policy::rewrite> rewrite;
    std::vector<header_edits> request_headers, response_headers; // by track; empty where no track has any
    std::optional<std::uint64_t> body_max;                       // bytes, 0 = unbounded

    const header_edits* request_edits(std::size_t track) const noexcept {
        return track < request_headers.size() ? &request_headers[track] : nullptr;
    }
    const header_edits* response_edits(std::size_t track) const noexcept {
        return track < response_headers.size() ? &response_headers[track] : nullptr;
    }
};

// What policies of all routes share.
struct resources {
    std::shared_ptr<policy::meters> meters; // null where nothing is served (`adit check`)
    file_reader read_file;
};

// Whether any route needs resources::meters.
bool needs_meters(const std::vector<model::route>& routes) noexcept;

// Null where the route asks for none, and where something does not compile, which is added to `found`.
std::unique_ptr<const route_policy>
compile(const model::route& wish, const resources& shared, complaints& found);

} // namespace adit::policy
