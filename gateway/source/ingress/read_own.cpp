// Adit's own annotations, for what ingress-nginx never had: parts of a route, a track and its force rules in
// the words of the configuration file. They rule over what annotations of ingress-nginx say of the same.
#include "model/suggest.hpp"
#include "source/file/read_route.hpp"
#include "source/ingress/reading.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

namespace adit::source::ingress {

namespace {

constexpr std::string_view route = "route", track = "track", force = "force";
// The last is written by Adit itself, and read where weights are decided.
constexpr std::array<std::string_view, 4> known{route, track, force, "weight-override"};

void warn_of_unknown(const annotation_reader& from) {
    const auto prefix = std::string(own_prefix) + '/';
    for (const auto& one : from.object().meta.annotations) {
        if (!one.name.starts_with(prefix)) continue;
        const auto name = std::string_view(one.name).substr(prefix.size());
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const auto near = model::nearest(name, std::vector<std::string_view>(known.begin(), known.end()));
        from.warn(
            name, "Adit knows no such annotation", near ? "did you mean " + std::string(*near) + '?' : ""
        );
    }
}

// Reads the annotation as that part of a file. What is wrong with it refuses the object.
void read_as(
    annotation_reader& from, std::string_view name, const char* path,
    const std::function<void(const value&)>& read
) {
    const auto text = from.raw(name);
    if (!text) return;
    complaint unparsed;
    const auto parsed = tree::parse(*text, {}, unparsed);
    if (!parsed) return from.refuse(name, unparsed.message, unparsed.hint);
    desk shared;
    try {
        read(value(shared, parsed->root(), path));
    } catch (const reading_stopped&) { // complained of
    }
    for (const auto& one : shared.problems) {
        const auto message = one.key.empty() ? one.message : one.key + ": " + one.message;
        if (one.level == complaint::severity::error)
            from.refuse(name, message, one.hint);
        else
            from.warn(name, message, one.hint);
    }
}

} // namespace

void read_own(annotation_reader& from, wishes& into) {
    warn_of_unknown(from);
    auto& canary = into.canary;
    for (const auto name : {track, force})
        if (from.has(name) && !canary.enabled)
            from.warn(name, "this Ingress is no canary, so it means nothing", "write it at the canary");
    if (from.has(route) && canary.enabled)
        from.warn(route, "routes are those of the ordinary Ingress, so it means nothing", "write it there");
    if (!canary.enabled)
        return read_as(from, route, "routes[]", [&](const value& what) {
            read_route_part(what, into.common);
        });
    constexpr auto unsaid = model::weight::whole + 1;
    canary.track.weight.hundredths = unsaid;
    read_as(from, track, "routes[].tracks.NAME", [&](const value& what) {
        read_track_part(what, canary.track);
    });
    if (canary.track.weight.hundredths != unsaid)
        canary.weight = {canary.track.weight.hundredths, model::weight::whole};
    read_as(from, force, "routes[].force", [&](const value& what) {
        for (const auto& one : what.items())
            if (auto rule = read_force(one, "canary")) canary.rules.push_back(std::move(*rule));
    });
}

} // namespace adit::source::ingress
