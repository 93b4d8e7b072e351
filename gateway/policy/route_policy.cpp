#include "policy/route_policy.hpp"

#include <algorithm>

namespace adit::policy {

namespace {

std::vector<header_edits> compile_headers(
    const model::header_edits& of_route, model::header_edits model::track::*of_track, std::string_view key,
    route_findings& found
) {
    std::vector<header_edits> out;
    for (const auto& track : found.route().tracks)
        out.push_back(header_edits::compile(of_route, track.*of_track, key, found));
    if (std::all_of(out.begin(), out.end(), [](const auto& one) { return one.empty(); })) out.clear();
    return out;
}

} // namespace

bool needs_meters(const std::vector<model::route>& routes) noexcept {
    return std::any_of(routes.begin(), routes.end(), [](const auto& one) {
        return !one.policies.rate.empty();
    });
}

std::unique_ptr<const route_policy>
compile(const model::route& wish, const resources& shared, complaints& all_found) {
    const auto& policies = wish.policies;
    const bool tracks_ask = std::any_of(wish.tracks.begin(), wish.tracks.end(), [](const auto& one) {
        return !one.request_headers.empty() || !one.response_headers.empty();
    });
    if (policies.empty() && !tracks_ask) return nullptr;
    route_findings found(wish, all_found);
    auto out = std::make_unique<route_policy>();
    if (policies.redirect) out->redirect = redirect::compile(found);
    if (policies.rewrite) out->rewrite = rewrite::compile(found);
    if (policies.cors) out->cors.emplace(*policies.cors);
    if (!policies.rate.empty()) out->rate.emplace(policies.rate, wish.name, shared.meters);
    if (policies.basic_auth) out->basic_auth = basic_auth::compile(shared.read_file, found);
    if (const auto& access = policies.access)
        out->access = access_list{address_set(access->allow), address_set(access->deny)};
    out->request_headers =
        compile_headers(policies.request_headers, &model::track::request_headers, "request_headers", found);
    out->response_headers = compile_headers(
        policies.response_headers, &model::track::response_headers, "response_headers", found
    );
    out->body_max = policies.body_max;
    if (found.failed()) return nullptr;
    return out;
}

} // namespace adit::policy
