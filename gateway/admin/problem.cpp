#include "admin/problem.hpp"

#include "admin/json_text.hpp"

#include <algorithm>
#include <utility>

namespace adit::admin {
namespace {

constexpr std::size_t names_told = 12; // in a hint; a cluster may have thousands of routes

std::string known_names(std::string_view what, const std::vector<std::string>& known) {
    if (known.empty()) return "there are no " + std::string(what);
    std::string out = std::string(what) + " are: ";
    for (std::size_t i = 0; i < std::min(known.size(), names_told); ++i) out += (i ? ", " : "") + known[i];
    if (known.size() > names_told) out += ", and " + std::to_string(known.size() - names_told) + " more";
    return out;
}

std::string quoted(std::string_view text) {
    return '"' + std::string(text) + '"';
}

} // namespace

problem unknown_route(std::string_view route, const std::vector<std::string>& known) {
    return {
        .status = 404,
        .name = "unknown-route",
        .title = "No such route",
        .detail = "there is no route named " + quoted(route),
        .hint = known_names("routes", known)};
}

problem unknown_ingress(std::string_view ingress, const std::vector<std::string>& known) {
    return {
        .status = 404,
        .name = "unknown-ingress",
        .title = "No such canary Ingress",
        .detail = "no route has a track of an Ingress named " + quoted(ingress),
        .hint = known_names("canary Ingresses", known)};
}

problem not_a_canary(std::string_view ingress, const std::vector<std::string>& its_own) {
    return {
        .status = 404,
        .name = "not-a-canary",
        .title = "The Ingress is stable",
        .detail = "Ingress " + quoted(ingress) + " is no canary: stable takes what canaries leave",
        .hint = known_names("its canaries", its_own)};
}

problem unknown_track(std::string_view route, std::string_view track, const std::vector<std::string>& known) {
    return {
        .status = 422,
        .name = "unknown-track",
        .title = "No such track",
        .detail = "route " + quoted(route) + " has no track named " + quoted(track),
        .hint = known_names("tracks", known),
        .key = std::string(track)};
}

problem stable_has_no_weight(std::string_view route) {
    return {
        .status = 422,
        .name = "stable-has-no-weight",
        .title = "Stable takes what the other tracks leave",
        .detail = "a weight cannot be given to the stable track of route " + quoted(route),
        .hint = "give the other tracks their weights",
        .key = "stable"};
}

problem negative_weight(std::string_view track, double percent) {
    return {
        .status = 422,
        .name = "negative-weight",
        .title = "A weight is below zero",
        .detail = "the weight of " + quoted(track) + " is " + number_text(percent),
        .hint = "weights are percentages from 0 to 100",
        .key = std::string(track)};
}

problem weight_too_fine(std::string_view track, double percent) {
    return {
        .status = 422,
        .name = "weight-too-fine",
        .title = "A weight is finer than 0.01 percent",
        .detail = "the weight of " + quoted(track) + " is " + number_text(percent),
        .hint = "write it with at most two decimals",
        .key = std::string(track)};
}

problem weights_over_100(std::string_view route, double sum) {
    return {
        .status = 422,
        .name = "weights-over-100",
        .title = "The weights are more than the whole",
        .detail =
            "the weights of route " + quoted(route) + " would add up to " + number_text(sum) + " percent",
        .hint = "tracks that are not named keep their weights; name them too to lower them"};
}

problem stale_generation(std::string_view route, std::uint64_t current) {
    return {
        .status = 412,
        .name = "stale-generation",
        .title = "The route has changed since it was read",
        .detail = "route " + quoted(route) + " is at generation " + std::to_string(current),
        .hint = "read the route again and send its ETag in If-Match",
        .key = "If-Match"};
}

problem stale_ingress(std::string_view ingress, std::uint64_t current) {
    return {
        .status = 412,
        .name = "stale-generation",
        .title = "A route of the Ingress has changed since it was read",
        .detail = "the newest generation of a route of Ingress " + quoted(ingress) + " is " +
                  std::to_string(current),
        .hint = "read the weights again and send their ETag in If-Match",
        .key = "If-Match"};
}

problem release_active(std::string_view route, std::string_view release) {
    return {
        .status = 409,
        .name = "release-active",
        .title = "A release moves these weights",
        .detail = "release " + quoted(release) + " is active on route " + quoted(route),
        .hint = "add ?pause=true to pause the release and apply the change"};
}

problem killed_everywhere(std::string_view route) {
    return {
        .status = 409,
        .name = "killed-everywhere",
        .title = "The kill switch is on for every route",
        .detail = "route " + quoted(route) + " cannot be let go alone",
        .hint = "undo the switch for all routes, then kill those that are to stay"};
}

problem bad_configuration(complaints list) {
    const auto errors = std::count_if(list.begin(), list.end(), [](const complaint& one) {
        return one.level == complaint::severity::error;
    });
    return {
        .status = 422,
        .name = "bad-configuration",
        .title = "The configuration was refused",
        .detail = std::to_string(errors) + (errors == 1 ? " error" : " errors") +
                  "; the configuration in force stays as it was",
        .hint = "the errors are listed in \"complaints\"",
        .findings = std::move(list)};
}

problem not_stored(std::string_view what, std::string_view why) {
    return {
        .status = 507,
        .name = "not-stored",
        .title = "The change could not be written down",
        .detail = std::string(what) + " could not be stored: " + std::string(why),
        .hint = "nothing was changed; look at the state directory"};
}

problem shutting_down() {
    return {
        .status = 503,
        .name = "shutting-down",
        .title = "The gateway is stopping",
        .detail = "no change is taken any more"};
}

} // namespace adit::admin
