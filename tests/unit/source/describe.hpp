// A gateway as text, every field of it, so that tests can compare two.
#pragma once

#include "model/address.hpp"
#include "model/gateway.hpp"
#include "model/units.hpp"

#include "describe_tls.hpp"

#include <sstream>
#include <string>

namespace adit::model {

inline std::string describe(const std::vector<ip_prefix>& all) {
    std::string out = "[";
    for (const auto& one : all) out += format_ip(one.address) + '/' + std::to_string(one.bits) + ' ';
    return out + ']';
}

inline std::string describe(const value_match& one) {
    return one.name +
           (one.how == value_match::kind::exact   ? "="
            : one.how == value_match::kind::regex ? "~"
                                                  : "?") +
           one.text;
}

inline std::string describe(const colour& one) {
    std::ostringstream out;
    out << "canary " << one.accept_canary_flag << " version " << one.accept_version_route << " from "
        << describe(one.from);
    return out.str();
}

inline std::string describe(const match& one) {
    std::ostringstream out;
    out << "hosts";
    for (const auto& host : one.hosts) out << ' ' << host;
    out << "\n  path "
        << (one.path.how == path_match::kind::prefix  ? "prefix "
            : one.path.how == path_match::kind::exact ? "exact "
                                                      : "regex ")
        << one.path.text << "\n  methods";
    for (const auto& method : one.methods) out << ' ' << method;
    out << "\n  headers";
    for (const auto& header : one.headers) out << ' ' << describe(header);
    out << "\n  query";
    for (const auto& query : one.query) out << ' ' << describe(query);
    return out.str();
}

inline std::string describe(const compression& one) {
    std::ostringstream out;
    out << "  compress " << one.min_length << " level " << one.level << " encodings";
    for (const auto& encoding : one.encodings) out << ' ' << encoding;
    out << " types " << one.types.size();
    for (const auto& type : one.types) out << ' ' << type;
    out << '\n';
    return out.str();
}

inline std::string describe(const header_edits& one) {
    std::string out;
    for (const auto& name : one.remove) out += " -" + name;
    for (const auto& set : one.set) out += ' ' + set.name + '=' + set.value;
    for (const auto& add : one.add) out += " +" + add.name + '=' + add.value;
    return out;
}

inline std::string describe(const policies& one) {
    std::ostringstream out;
    if (const auto& r = one.rewrite)
        out << "  rewrite " << static_cast<int>(r->how) << ' ' << r->pattern << " to " << r->to << " told "
            << r->forwarded_prefix << '\n';
    if (const auto& r = one.redirect)
        out << "  redirect " << r->to << ' ' << r->code << " of " << r->path << '\n';
    out << "  request" << describe(one.request_headers) << "\n  response" << describe(one.response_headers);
    if (one.access)
        out << "\n  allow " << describe(one.access->allow) << " deny " << describe(one.access->deny);
    const auto names = [&](std::string_view what, const std::vector<std::string>& all) {
        out << "\n  " << what;
        for (const auto& each : all) out << ' ' << each;
    };
    if (const auto& c = one.cors) {
        names("origins", c->origins);
        names("methods", c->methods);
        names("headers", c->headers);
        names("expose", c->expose);
        out << "\n  credentials " << c->credentials << " max age " << to_text(c->max_age);
    }
    for (const auto& r : one.rate)
        out << "\n  rate by " << static_cast<int>(r.by) << ' ' << r.header << ' '
            << to_text(frequency{r.requests, r.per}) << " burst " << r.burst << " connections "
            << r.connections << " except " << describe(r.except);
    if (const auto& b = one.basic_auth)
        out << "\n  basic " << b->file << ' ' << b->users << ' ' << b->realm << ' ' << b->forward;
    if (one.body_max) out << "\n  body " << *one.body_max;
    return out.str() + '\n';
}

inline std::string describe(const route_timeouts& one) {
    std::string out;
    for (const auto& each :
         {one.body, one.connect, one.first_byte, one.response, one.send, one.exchange, one.tunnel_idle,
          one.rate_grace})
        out += each ? ' ' + to_text(*each) : " -";
    return out + " rate " + (one.min_rate ? std::to_string(*one.min_rate) : "-");
}

inline std::string describe(const retry& one) {
    std::ostringstream out;
    out << ' ' << one.attempts << " on " << one.on_connect << one.on_reset << one.on_timeout
        << one.on_bad_response << ' ' << one.statuses.count() << " each " << to_text(one.per_try_timeout)
        << " within " << to_text(one.within) << " any " << one.non_idempotent << " budget "
        << one.budget_percent << ' ' << one.budget_min;
    return out.str();
}

inline std::string describe(const external_auth& one) {
    std::ostringstream out;
    out << "  auth";
    for (const auto& endpoint : one.endpoints) out << ' ' << to_text(endpoint);
    out << ' ' << one.host << ' ' << one.target << ' ' << one.method << " sends";
    for (const auto& name : one.request_headers.value_or(std::vector<std::string>{"*"})) out << ' ' << name;
    out << " takes";
    for (const auto& name : one.response_headers) out << ' ' << name;
    out << " signin " << one.signin << ' ' << one.signin_param << ' ' << one.request_redirect << " cache "
        << to_text(one.cache_ttl);
    for (const auto& part : one.cache_key) out << ' ' << static_cast<int>(part.what) << part.name;
    out << " timeout " << to_text(one.timeout) << ' ' << one.allow_on_error << ' ' << one.status_on_error
        << ' ' << one.always_set_cookie << '\n';
    return out.str();
}

inline std::string describe(const error_pages& one) {
    std::ostringstream out;
    for (const auto& page : one.pages)
        out << "  page " << page.statuses.first << '-' << page.statuses.last << ' ' << page.type << ' '
            << page.content << '\n';
    for (const auto& range : one.intercept) out << "  intercept " << range.first << '-' << range.last << '\n';
    for (const auto& endpoint : one.backend) out << "  pages by " << to_text(endpoint) << '\n';
    for (const auto& [name, value] : one.backend_headers) out << "  told " << name << ' ' << value << '\n';
    return out.str();
}

inline std::string describe(const balance& one) {
    if (one == balance{}) return {};
    std::ostringstream out;
    out << "  balance " << static_cast<int>(one.by) << ' ' << static_cast<int>(one.key) << ' ' << one.key_name
        << ' ' << one.hash_bound << ' ' << one.slow_start.count() << ' ' << one.prefer_zone << ' '
        << one.max_connections << ' ' << one.max_in_flight << ' ' << one.max_pending << ' '
        << one.pending_timeout.count() << '\n';
    if (one.sticky)
        out << "  sticky " << one.sticky->cookie << ' ' << static_cast<int>(one.sticky->how) << ' '
            << one.sticky->path << ' ' << one.sticky->domain << ' ' << one.sticky->ttl.count() << ' '
            << static_cast<int>(one.sticky->site) << ' ' << one.sticky->secure
            << one.sticky->change_on_failure << ' ' << one.sticky->expires.count() << ' '
            << static_cast<int>(one.sticky->pins) << '\n';
    return out.str();
}

inline std::string describe(const health& one) {
    std::ostringstream out;
    if (one.passive)
        out << "  passive " << one.passive->consecutive_5xx << ' '
            << one.passive->consecutive_connect_failures << ' ' << one.passive->base_ejection.count() << ' '
            << one.passive->max_ejection.count() << ' ' << one.passive->max_share << '\n';
    if (one.active) {
        out << "  active " << one.active->interval.count() << ' ' << one.active->timeout.count() << ' '
            << one.active->rise << ' ' << one.active->fall << ' ' << one.active->jitter;
        if (one.active->http)
            out << " http " << one.active->http->path << ' ' << one.active->http->host << ' '
                << one.active->http->status_low << ' ' << one.active->http->status_high;
        out << '\n';
    }
    return out.str();
}

inline std::string describe(const route& one) {
    std::ostringstream out;
    out << "route " << one.name << "\n  " << describe(one.match) << '\n';
    for (const auto& track : one.tracks) {
        out << "  track " << track.name << ' ' << to_text(track.weight);
        for (const auto& endpoint : track.endpoints)
            out << ' ' << to_text(endpoint) << " weight " << endpoint.weight << " zone " << endpoint.zone
                << ' ' << endpoint.ready << endpoint.serving << endpoint.terminating;
        if (track.tls) out << ' ' << describe(*track.tls);
        if (!track.request_headers.empty() || !track.response_headers.empty())
            out << " request" << describe(track.request_headers) << " response"
                << describe(track.response_headers);
        out << '\n';
    }
    out << describe(one.balance) << describe(one.health);
    for (const auto& rule : one.force) {
        constexpr const char* words[]{"header", "cookie", "query", "source"};
        out << "  force " << words[static_cast<int>(rule.what)] << ' ';
        out << (rule.what == force_rule::subject::source ? describe(rule.source) : describe(rule.value));
        out << " -> " << rule.track << '\n';
    }
    if (one.cohort) {
        constexpr const char* words[]{"header", "cookie", "address"};
        out << "  cohort " << words[static_cast<int>(one.cohort->by)] << ' ' << one.cohort->name << " salt "
            << one.cohort->salt << " issue " << one.cohort->issue << " signed " << one.cohort->signed_only
            << '\n';
    }
    if (one.incoming_colour) out << "  colour " << describe(*one.incoming_colour) << '\n';
    if (one.https != model::https{}) out << "  " << describe(one.https) << '\n';
    out << "  send " << one.send_colour << " fallback " << one.fallback_any << " timing "
        << one.tell_server_timing << " header " << one.tell_header << " upgrades";
    for (const auto& upgrade : one.upgrades) out << ' ' << upgrade;
    out << '\n';
    if (one.compress) out << describe(*one.compress);
    if (!one.policies.empty()) out << describe(one.policies);
    if (one.retry) out << "  retry" << describe(*one.retry) << '\n';
    if (one.trailers != trailers{})
        out << "  trailers " << static_cast<int>(one.trailers.request) << ' '
            << static_cast<int>(one.trailers.response) << '\n';
    if (one.timeouts != route_timeouts{}) out << "  timeouts" << describe(one.timeouts) << '\n';
    if (one.external_auth) out << describe(*one.external_auth);
    if (one.error_pages) out << describe(*one.error_pages);
    if (one.buffering != buffering{})
        out << "  buffer " << one.buffering.request << ' ' << one.buffering.request_limit << '\n';
    for (const auto& endpoint : one.default_backend) out << "  default " << to_text(endpoint) << '\n';
    return out.str();
}

inline std::string describe(const tracing& one) {
    std::ostringstream out;
    out << "tracing " << one.propagate << ' ' << to_text(one.continues) << ' ' << to_text(one.sample) << ' '
        << one.endpoint << ' ' << describe(one.tls) << ' ' << one.service_name;
    for (const auto* list : {&one.headers, &one.resource})
        for (const auto& [name, value] : *list) out << ' ' << name << '=' << value;
    out << ' ' << one.batch << ' ' << one.queue << ' ' << to_text(one.interval) << ' ' << to_text(one.timeout)
        << '\n';
    return out.str();
}

inline std::string describe(const gateway& one) {
    std::ostringstream out;
    for (const auto& listener : one.listeners)
        out << "listen " << listener.address << (listener.tls ? " tls" : "")
            << (listener.balancers.empty() ? "" : " behind " + describe(listener.balancers)) << '\n';
    if (one.tls != model::tls{}) out << describe(one.tls);
    for (const auto& route : one.routes) out << describe(route);
    out << "colour " << describe(one.incoming_colour) << "\ntrusted " << describe(one.trusted) << '\n';
    if (!one.zone.empty()) out << "zone " << one.zone << '\n';
    out << "underscore " << one.underscore_fields << '\n';
    if (one.error_pages) out << describe(*one.error_pages);
    const auto& l = one.limits;
    out << "limits " << l.request_line << ' ' << l.head << ' ' << l.fields << ' ' << l.body << ' '
        << l.connections << ' ' << l.in_flight << ' ' << l.memory << '\n';
    const auto& t = one.timeouts;
    out << "timeouts";
    for (const auto each :
         {t.tls_handshake, t.head, t.body, t.idle, t.connect, t.first_byte, t.response, t.send, t.exchange,
          t.tunnel_idle, t.upstream_idle, t.rate_grace})
        out << ' ' << to_text(each);
    out << " rate " << t.min_rate;
    out << "\ndrain " << (one.drain.min ? to_text(*one.drain.min) : "-") << ' ' << to_text(one.drain.max)
        << '\n';
    if (one.tracing) out << describe(*one.tracing);
    if (const auto& log = one.access_log) {
        const auto& f = log->fields;
        out << "access log " << log->path << ' ' << to_text(log->format) << ' ' << f.query << f.referer
            << f.user_agent << f.user << f.peer << ' ' << to_text(log->sample) << ' ' << log->always_errors
            << ' ' << log->buffer << '\n';
    }
    return out.str();
}

} // namespace adit::model
