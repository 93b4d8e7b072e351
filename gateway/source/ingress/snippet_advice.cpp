// What the common directives of snippets come to as annotations and keys of the ConfigMap.
#include "core/bytes.hpp"
#include "source/ingress/annotations.hpp"
#include "source/ingress/known_keys.hpp"
#include "source/ingress/snippet.hpp"

#include <algorithm>
#include <array>

namespace adit::source::ingress {

namespace {

constexpr std::string_view nobody = "`denylist-source-range: 0.0.0.0/0,::/0`";
constexpr std::string_view own_headers =
    "`custom-headers`, a ConfigMap; `global-allowed-response-headers` of the controller's names its fields";

struct row {
    std::string_view name, instead;
};
// Those that are called otherwise; others are the annotation or key of the same name with dashes.
constexpr std::array rows{
    row{"allow", "`allowlist-source-range`"},
    row{"auth_basic", "`auth-type: basic`, `auth-secret` and `auth-realm`"},
    row{"auth_basic_user_file", "`auth-type: basic`, `auth-secret` and `auth-realm`"},
    row{"auth_request", "`auth-url`"},
    row{"auth_request_set", "`auth-response-headers`"},
    row{"client_body_timeout", "`client-body-timeout` of the ConfigMap"},
    row{"client_header_timeout", "`client-header-timeout` of the ConfigMap"},
    row{"client_max_body_size", "`proxy-body-size`"},
    row{"deny", "`denylist-source-range`"},
    row{"error_page", "`custom-http-errors` and `default-backend`"},
    row{"keepalive_timeout", "`keep-alive` of the ConfigMap"},
    row{"limit_conn", "`limit-connections`"},
    row{"limit_req", "`limit-rps` or `limit-rpm`, with `limit-burst-multiplier`"},
    row{"more_clear_headers", "`hide-headers` of the ConfigMap"},
    row{"proxy_hide_header", "`hide-headers` of the ConfigMap"},
    row{"proxy_intercept_errors", "`custom-http-errors`"},
    row{"proxy_pass", "an Ingress of its own for that path, with the Service that is meant"},
    row{"real_ip_header", "`use-forwarded-headers` of the ConfigMap"},
    row{"set_real_ip_from", "`proxy-real-ip-cidr` of the ConfigMap, with `use-forwarded-headers`"},
    row{"ssl_verify_client", "`auth-tls-verify-client` and `auth-tls-secret`"},
    row{"underscores_in_headers", "`enable-underscores-in-headers` of the ConfigMap"},
};

// They tune nginx, or say what Adit does anyway.
constexpr std::array<std::string_view, 22> needless{
    "break",
    "chunked_transfer_encoding",
    "client_body_in_file_only",
    "keepalive_requests",
    "log_not_found",
    "log_subrequest",
    "merge_slashes",
    "open_file_cache",
    "proxy_buffers",
    "proxy_force_ranges",
    "proxy_ignore_client_abort",
    "proxy_pass_header",
    "proxy_pass_request_body",
    "proxy_pass_request_headers",
    "proxy_socket_keepalive",
    "resolver",
    "resolver_timeout",
    "send_timeout",
    "sendfile",
    "set",
    "tcp_nodelay",
    "tcp_nopush"};

std::string joined(const std::vector<std::string>& words, std::size_t from, std::size_t count) {
    std::string out;
    for (std::size_t i = from; i < words.size() && i < from + count; ++i)
        out.append(i == from ? "" : " ").append(words[i]);
    return out;
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::string word_at(const directive& one, std::size_t at) {
    return at < one.words.size() ? one.words[at] : std::string{};
}

// "X-Frame-Options: DENY" and "X-Frame-Options:" name a field too.
std::string field_of(std::string_view text) {
    return std::string(trim_ows(text.substr(0, text.find(':'))));
}

bool is_redirect(std::string_view code) {
    return code == "301" || code == "302" || code == "303" || code == "307" || code == "308";
}

std::string redirect_for(std::string_view code) {
    return code == "301" || code == "308" ? "`permanent-redirect`" : "`temporal-redirect`";
}

class adviser {
public:
    std::vector<snippet_advice> take() { return std::move(out_); }

    void add_all(const std::vector<directive>& all) {
        const bool list = std::any_of(all.begin(), all.end(), [](const auto& one) {
            return one.words.front() == "allow" && word_at(one, 1) != "all";
        });
        for (const auto& one : all) {
            // The "deny all" behind a list of those who may come is a part of it.
            if (list && one.words.front() == "deny" && word_at(one, 1) == "all") continue;
            if (one.words.front() == "allow" && word_at(one, 1) == "all") continue;
            add(one);
        }
    }

private:
    void say(std::string what, std::string instead) { out_.push_back({std::move(what), std::move(instead)}); }
    void say_needless(std::string what, std::string why) {
        out_.push_back({std::move(what), std::move(why), true});
    }

    void add(const directive& one) {
        const auto& name = one.words.front();
        if (name == "location") return add_location(one);
        if (name == "if") return add_if(one);
        if (name == "add_header" || name == "more_set_headers") return add_fields(one);
        if (name == "proxy_set_header" || name == "more_set_input_headers") return add_request_field(one);
        if (name == "rewrite") return add_rewrite(one);
        if (name == "return") return add_return(one);
        if (name == "deny" && word_at(one, 1) == "all") return say("deny all", std::string(nobody));
        add_named(one);
    }

    // Both take several fields, each with its flags.
    void add_fields(const directive& one) {
        const bool more = one.words.front() == "more_set_headers";
        for (std::size_t i = 1; i < (more ? one.words.size() : std::min<std::size_t>(one.words.size(), 2));
             ++i) {
            if (more && one.words[i].starts_with('-')) {
                ++i; // -s 404, -t text/html
                continue;
            }
            const auto field = field_of(one.words[i]);
            const auto what = one.words.front() + ' ' + field;
            if (to_lower(field).starts_with("access-control-"))
                say(what, "`enable-cors` and the annotations `cors-allow-origin`, `cors-allow-methods` …");
            else if (iequals(field, "strict-transport-security"))
                say(what,
                    "`hsts`, `hsts-max-age`, `hsts-include-subdomains` and `hsts-preload` of the ConfigMap");
            else if (iequals(field, "server") || field.empty())
                say_needless(what, "Adit sends no such field of its own");
            else
                say(what, std::string(own_headers));
        }
    }

    void add_request_field(const directive& one) {
        const auto field = field_of(word_at(one, 1));
        const auto what = one.words.front() + ' ' + field;
        const auto lower = to_lower(field);
        if (lower == "host") return say(what, "`upstream-vhost`");
        if (lower == "x-forwarded-prefix") return say(what, "`x-forwarded-prefix`, with `rewrite-target`");
        for (const auto* known :
             {"upgrade", "connection", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port",
              "x-forwarded-proto", "x-forwarded-scheme", "x-scheme", "x-request-id"})
            if (lower == known) return say_needless(what, "Adit sends it by itself");
        say(what, "`proxy-set-headers` of the ConfigMap, for all Ingresses");
    }

    void add_rewrite(const directive& one) {
        const auto flag = word_at(one, 3);
        const auto what = "rewrite " + joined(one.words, 1, 3);
        const auto to = word_at(one, 2);
        if (flag == "permanent" || flag == "redirect" || to.starts_with("http"))
            return say(
                what, redirect_for(flag == "permanent" ? "301" : "302") + ", on an Ingress for that path"
            );
        say(what, "`rewrite-target`, with `use-regex` and the pattern as the path");
    }

    void add_return(const directive& one) {
        auto code = word_at(one, 1);
        if (one.words.size() == 2 && has(code, "://")) code = "302";
        const auto what = "return " + joined(one.words, 1, 2);
        if (is_redirect(code)) return say(what, redirect_for(code));
        if (code == "403" || code == "404" || code == "444") return say(what, std::string(nobody));
        say(what, "a Service that answers so");
    }

    void add_location(const directive& one) {
        const auto path = joined(one.words, 1, 3);
        const auto denies = [](const directive& each) {
            const auto code = word_at(each, 1);
            return (each.words.front() == "deny" && code == "all") ||
                   (each.words.front() == "return" && (code == "403" || code == "404" || code == "444"));
        };
        const bool closed = std::any_of(one.block.begin(), one.block.end(), denies) &&
                            std::none_of(one.block.begin(), one.block.end(), [](const auto& each) {
                                return each.words.front() == "allow";
                            });
        const bool pattern = path.starts_with('~');
        std::string instead = "an Ingress of its own for that path";
        if (pattern) instead += ", with `use-regex`";
        if (closed) instead += std::string(pattern ? " and " : ", with ").append(nobody);
        say("location " + path, std::move(instead));
        if (!closed) add_all(one.block);
    }

    void add_if(const directive& one) {
        const auto condition = joined(one.words, 1, 8);
        const auto what = "if " + condition;
        const directive* back = nullptr;
        bool fields = false;
        for (const auto& each : one.block) {
            if (each.words.front() == "return" || each.words.front() == "rewrite") back = &each;
            fields = fields || has(joined(each.words, 1, 2), "Access-Control-");
        }
        if (fields || has(condition, "$http_origin") ||
            (has(condition, "$request_method") && has(condition, "OPTIONS")))
            return say(what, "`enable-cors` and the annotations `cors-allow-origin`, `cors-allow-methods` …");
        const bool redirects = back && (back->words.front() == "rewrite" || is_redirect(word_at(*back, 1)));
        if (redirects && (has(condition, "$http_x_forwarded_proto") || has(condition, "$scheme") ||
                          has(condition, "$https")))
            return say(what, "`force-ssl-redirect`");
        if (redirects && has(condition, "$host")) {
            if (has(condition, "www")) return say(what, "`from-to-www-redirect`");
            return say(what, "an Ingress of its own for that host, with `permanent-redirect`");
        }
        if (redirects && (has(condition, "$request_uri") || has(condition, "$uri")))
            return say(what, "an Ingress of its own for that path, with `permanent-redirect`");
        if (back && has(condition, "$remote_addr")) return say(what, "`denylist-source-range`");
        say(what, {});
    }

    void add_named(const directive& one) {
        const auto& name = one.words.front();
        const auto what = joined(one.words, 0, 2);
        for (const auto& each : rows)
            if (each.name == name) return say(what, std::string(each.instead));
        if (std::find(needless.begin(), needless.end(), name) != needless.end())
            return say_needless(what, "nobody misses it");
        std::string dashed = name;
        std::replace(dashed.begin(), dashed.end(), '_', '-');
        if (const auto* known = find_annotation(dashed); known && known->how != support::no)
            return say(what, '`' + dashed + '`');
        for (const auto& each : known_keys()) {
            if (each.name != dashed || each.what == known_key::effect::missing) continue;
            if (each.what == known_key::effect::needless) return say_needless(what, "nobody misses it");
            return say(what, '`' + dashed + "` of the ConfigMap");
        }
        say(what, {});
    }

    std::vector<snippet_advice> out_;
};

} // namespace

std::vector<snippet_advice> advise(const snippet& of) {
    adviser all;
    all.add_all(of.directives);
    return all.take();
}

} // namespace adit::source::ingress
