#include "model/validate.hpp"

#include "core/bytes.hpp"
#include "model/address.hpp"
#include "model/findings.hpp"
#include "model/grammar.hpp"
#include "model/units.hpp"
#include "model/validate_access_log.hpp"
#include "model/validate_balance.hpp"
#include "model/validate_bodies.hpp"
#include "model/validate_retry.hpp"
#include "model/validate_route.hpp"
#include "model/validate_timeouts.hpp"
#include "model/validate_tls.hpp"
#include "model/validate_tracing.hpp"

#include <unordered_map>

namespace adit::model {

namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t head_ceiling = 48 * 1024;        // bytes: offsets into a head are 16 bits wide
constexpr std::uint64_t head_floor = 1024;               // bytes: less would refuse ordinary browsers
constexpr std::uint64_t line_floor = 64;                 // bytes
constexpr std::uint64_t field_ceiling = 128;             // the table of a head has so many rows
constexpr std::uint64_t memory_floor = 32 * 1024 * 1024; // bytes; an idle gateway has half of it
constexpr std::size_t longest_zone = 256;                // bytes

void check_listeners(const std::vector<listener>& wish, const findings& found) {
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < wish.size(); ++i) {
        const auto here = found.item(i).at(wish[i].at).under("address");
        fault why;
        const auto address = parse_address(wish[i].address, &why);
        if (!address) {
            here.error(std::move(why));
            continue;
        }
        if (address->port == 0) continue; // each gets a port of its own
        const auto [first, fresh] = seen.emplace(to_text(*address), i);
        if (!fresh)
            here.error(
                ticked(wish[i].address) + " is listened on already, by listeners[" +
                    std::to_string(first->second) + ']',
                "remove one of the two"
            );
    }
}

void check_size(std::uint64_t value, std::uint64_t low, std::uint64_t high, const findings& found) {
    if (value < low)
        found.error(
            size_to_text(value) + " is too small", "from " + size_to_text(low) + " to " + size_to_text(high)
        );
    if (value > high)
        found.error(
            size_to_text(value) + " is too large", "from " + size_to_text(low) + " to " + size_to_text(high)
        );
}

void check_limits(const limits& wish, const findings& found) {
    check_size(wish.head, head_floor, head_ceiling, found.under("head"));
    check_size(wish.request_line, line_floor, head_ceiling, found.under("request_line"));
    if (wish.request_line > wish.head && wish.request_line <= head_ceiling)
        found.under("request_line")
            .error(
                "a request line of " + size_to_text(wish.request_line) + " does not fit into a head of " +
                    size_to_text(wish.head),
                "at most limits.head"
            );
    if (wish.fields < 1 || wish.fields > field_ceiling)
        found.under("fields").error(
            std::to_string(wish.fields) + " fields are out of range", "from 1 to 128"
        );
    if (wish.memory != 0 && wish.memory < memory_floor)
        found.under("memory").error(
            size_to_text(wish.memory) + " would be reached without any request",
            "at least " + size_to_text(memory_floor) + ", or 0 for no bound"
        );
}

void check_drain(const drain& wish, const findings& found) {
    for (const auto& [name, value] :
         {std::pair{"min", wish.min.value_or(milliseconds::zero())}, std::pair{"max", wish.max}})
        if (value < milliseconds::zero() || value > longest_time)
            found.under(name).error(
                to_text(value) + " is out of range", "from 0s to " + to_text(longest_time)
            );
}

void check_route(
    const route& wish, const colour& in_force, const findings& found, const pattern_checker& check_pattern
) {
    if (!is_route_name(wish.name))
        found.under("name").error(
            wish.name.empty() ? "a route needs a name" : ticked(wish.name) + " is not a route name",
            "a-z, 0-9, '.' and '-', beginning with a letter or a digit, parts with '/' between them, at "
            "most " +
                std::to_string(max_route_name) + " bytes"
        );
    check_match(wish.match, found.under("match"), check_pattern);
    check_tracks(wish, found);
    check_force(wish, in_force, found.under("force"), check_pattern);
    if (wish.cohort) check_cohort(*wish.cohort, found.under("cohort"));
    if (wish.incoming_colour) check_colour(*wish.incoming_colour, found.under("colour"));
    check_answers(wish, found);
    if (wish.compress) check_compression(*wish.compress, found.under("compress"));
    check_https(wish.https, found.under("https"));
    check_policies(wish, found, check_pattern);
    check_timeouts(wish.timeouts, found.under("timeouts"));
    if (wish.retry) check_retry(*wish.retry, found.under("retry"));
    if (wish.external_auth) check_external_auth(*wish.external_auth, found.under("external_auth"));
    if (wish.error_pages) check_error_pages(*wish.error_pages, found.under("error_pages"));
    check_service(wish.default_backend, found.under("default_backend"));
    check_buffering(wish.buffering, found.under("body"));
    check_balance(wish.balance, found.under("balance"));
    check_health(wish.health, found.under("health"));
}

// Names count once, and so does what is matched: with two equal matches the second route would never see a
// request.
class doubles {
public:
    void check(const route& wish, std::size_t index, const findings& found) {
        if (!wish.name.empty()) {
            const auto [first, fresh] = names_.emplace(wish.name, index);
            if (!fresh)
                found.under("name").error(
                    "the name " + ticked(wish.name) + " is taken by routes[" + std::to_string(first->second) +
                        ']',
                    "names of routes are unique"
                );
        }
        if (wish.match.hosts.empty()) check_host(wish, index, "", found.under("match"));
        for (std::size_t i = 0; i < wish.match.hosts.size(); ++i)
            check_host(wish, index, wish.match.hosts[i], found.under("match").under("hosts").item(i));
    }

private:
    struct owner {
        std::size_t index;
        std::string name;
    };

    void check_host(const route& wish, std::size_t index, std::string_view host, const findings& found) {
        const auto [first, fresh] =
            matches_.emplace(match_identity(wish.match, host), owner{index, wish.name});
        if (fresh) return;
        if (first->second.index == index) {
            found.error("the host " + ticked(host) + " is written twice", "remove one of the two");
            return;
        }
        found.error(
            "routes " + ticked(first->second.name) + " and " + ticked(wish.name) +
                " match the same requests" + (host.empty() ? std::string{} : " of the host " + ticked(host)),
            "tell them apart by hosts, path, methods, headers or query, or make them one route"
        );
    }

    std::unordered_map<std::string, std::size_t> names_;
    std::unordered_map<std::string, owner> matches_;
};

} // namespace

complaints validate(const gateway& wish, const pattern_checker& check_pattern) {
    complaints out;
    const findings found(out);
    check_listeners(wish.listeners, found.under("listeners"));
    check_tls(wish, found.under("tls"));
    check_colour(wish.incoming_colour, found.under("colour"));
    check_limits(wish.limits, found.under("limits"));
    check_timeouts(wish.timeouts, found.under("timeouts"));
    check_drain(wish.drain, found.under("drain"));
    if (wish.tracing) check_tracing(*wish.tracing, found.under("tracing").at(wish.tracing->at));
    if (wish.access_log)
        check_access_log(*wish.access_log, found.under("access_log").at(wish.access_log->at));
    if (wish.error_pages) check_error_pages(*wish.error_pages, found.under("error_pages"));
    if (wish.zone.size() > longest_zone)
        found.under("zone").error("the name of a zone is at most 256 bytes long");
    if (wish.routes.empty()) found.under("routes").warn("there is no route: every request is answered 404");
    doubles known;
    for (std::size_t i = 0; i < wish.routes.size(); ++i) {
        const auto& one = wish.routes[i];
        const auto here = found.under("routes").item(i).at(one.at);
        check_route(
            one, one.incoming_colour ? *one.incoming_colour : wish.incoming_colour, here, check_pattern
        );
        known.check(one, i, here);
    }
    return out;
}

} // namespace adit::model
