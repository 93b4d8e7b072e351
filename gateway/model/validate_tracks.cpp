#include "core/bytes.hpp"
#include "core/ip.hpp"
#include "model/grammar.hpp"
#include "model/validate_route.hpp"
#include "model/validate_tls.hpp"

#include <algorithm>
#include <array>

namespace adit::model {

namespace {

constexpr std::size_t longest_salt = 256; // bytes
constexpr std::size_t longest_zone = 256; // bytes

void check_endpoints(const std::vector<endpoint>& wish, const findings& found) {
    for (std::size_t i = 0; i < wish.size(); ++i) {
        const auto& one = wish[i];
        if (!parse_ip(one.host) && !is_dns_name(one.host))
            found.item(i).error(ticked(one.host) + " is neither an IP address nor a DNS name");
        if (one.port == 0) found.item(i).error("port 0 cannot be connected to", "a number from 1 to 65535");
        const auto here = wish.begin() + static_cast<std::ptrdiff_t>(i);
        if (one.weight < 1 || one.weight > max_endpoint_weight)
            found.item(i).under("weight").error(
                std::to_string(one.weight) + " is no weight of an endpoint",
                "from 1 to " + std::to_string(max_endpoint_weight)
            );
        if (one.zone.size() > longest_zone)
            found.item(i).under("zone").error("the name of a zone is at most 256 bytes long");
        if (one.ready && one.terminating)
            found.item(i).under("ready").error(
                "an endpoint that terminates takes no new requests", "remove ready: true"
            );
        if (std::any_of(wish.begin(), here, [&](const auto& other) { return other.same_place(one); }))
            found.item(i).warn("this endpoint is written twice and counts once", "remove one of the two");
    }
}

// Names that frame a message or belong to one connection; telling the track there would break responses.
bool is_reserved(std::string_view name) {
    static constexpr std::array<std::string_view, 14> reserved{
        "connection", "content-length",    "content-encoding", "content-type", "date",
        "keep-alive", "location",          "proxy-connection", "set-cookie",   "te",
        "trailer",    "transfer-encoding", "upgrade",          "server-timing"};
    return std::any_of(reserved.begin(), reserved.end(), [&](auto one) { return iequals(one, name); });
}

} // namespace

void check_tracks(const route& wish, const findings& found) {
    const auto tracks = found.under("tracks");
    if (!wish.find_track("stable"))
        tracks.error(
            "the track `stable` is missing", "every route has one: it takes what no other track gets"
        );
    else if (wish.tracks.front().name != "stable")
        tracks.error("`stable` is not the first track");
    if (wish.tracks.size() > max_tracks)
        tracks.error(
            std::to_string(wish.tracks.size()) + " tracks are too many",
            "at most " + std::to_string(max_tracks) + ", stable included"
        );
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < wish.tracks.size(); ++i) {
        const auto& one = wish.tracks[i];
        const auto here = tracks.under(one.name).at(one.at);
        if (!is_track_name(one.name))
            here.error(
                one.name.empty() ? "a track needs a name" : ticked(one.name) + " is not a track name",
                "a-z, 0-9 and '-', beginning with a letter or a digit, at most 63 bytes"
            );
        for (std::size_t j = 0; j < i; ++j)
            if (wish.tracks[j].name == one.name) {
                here.error("the track " + ticked(one.name) + " is there twice", "names of tracks are unique");
                break;
            }
        check_endpoints(one.endpoints, here.under("endpoints"));
        if (one.tls) check_upstream_tls(*one.tls, here.under("tls"));
        const auto weight = here.under("weight");
        if (one.name == "stable") {
            if (one.weight.hundredths != 0)
                weight.error("stable has no weight: it takes what the other tracks leave", "remove it");
            continue;
        }
        if (one.weight.hundredths > weight::whole)
            weight.error(std::string(to_text(weight_error::too_large)));
        sum += one.weight.hundredths;
    }
    if (sum > weight::whole) {
        std::string parts;
        for (const auto& one : wish.tracks)
            if (one.name != "stable") parts += (parts.empty() ? "" : " + ") + to_text(one.weight);
        const auto& last = wish.tracks.back();
        tracks.under(last.name).under("weight").at(last.at).error(
            "weights are more than 100 together: " + parts, "at most 100; stable takes the rest"
        );
    }
}

void check_cohort(const cohort& wish, const findings& found) {
    const bool cookie = wish.by == cohort::key::cookie;
    if (wish.by == cohort::key::address) {
        if (!wish.name.empty()) found.error("a cohort by address has no name");
    } else {
        const std::string noun = cookie ? "cookie" : "header";
        if (!is_token(wish.name))
            found.under(noun).error(
                wish.name.empty() ? "the name of a " + noun + " is missing"
                                  : ticked(wish.name) + " is not the name of a " + noun,
                "letters, digits and !#$%&'*+-.^_`|~; no spaces, no colon"
            );
    }
    if (wish.issue && !cookie)
        found.under("issue").error("only a cookie can be issued", "write cookie: NAME, or remove it");
    if (wish.signed_only && !cookie)
        found.under("signed").error("only a cookie can be signed", "write cookie: NAME, or remove it");
    if (wish.salt.size() > longest_salt) found.under("salt").error("a salt is at most 256 bytes long");
}

void check_colour(const colour& wish, const findings& found) {
    const bool accepts = wish.accept_canary_flag || wish.accept_version_route;
    if (accepts && wish.from.empty())
        found.under("from").warn(
            "nobody is believed, so colour headers are always removed",
            "name the peers, e.g. from: [10.0.0.0/8]"
        );
    if (!accepts && !wish.from.empty())
        found.under("accept").warn(
            "no header is accepted, so `from` means nothing", "e.g. accept: [X-Version-Route]"
        );
}

void check_answers(const route& wish, const findings& found) {
    const auto header = found.under("respond").under("header");
    if (!wish.tell_header.empty()) {
        if (!is_token(wish.tell_header))
            header.error(ticked(wish.tell_header) + " is not the name of a header", "e.g. X-Track");
        else if (iequals(wish.tell_header, "server-timing"))
            header.error("Server-Timing has a form of its own", "write server_timing: true");
        else if (is_reserved(wish.tell_header))
            header.error(ticked(wish.tell_header) + " has a meaning of its own in responses", "e.g. X-Track");
    }
    for (std::size_t i = 0; i < wish.upgrades.size(); ++i) {
        const auto here = found.under("upgrades").item(i);
        const auto& one = wish.upgrades[i];
        // h2c would carry requests past every rule of this gateway.
        if (iequals(one, "h2c"))
            here.error("h2c is never tunnelled", "remove it");
        else if (!is_token(one) && !(one.find('/') != std::string::npos && is_token(one.substr(0, one.find('/'))) && is_token(one.substr(one.find('/') + 1))))
            here.error(ticked(one) + " is not the name of a protocol", "e.g. websocket");
        else if (to_lower(one) != one)
            here.error("protocols are written in lower case", "write " + to_lower(one));
    }
}

} // namespace adit::model
