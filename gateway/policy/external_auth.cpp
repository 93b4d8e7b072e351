#include "policy/external_auth.hpp"

#include <sodium.h>

#include <algorithm>

namespace adit::policy {

namespace {

constexpr std::string_view www_authenticate = "WWW-Authenticate";

// One for all routes and workers: keys are compared within one cache only.
const auth_key& process_key() noexcept {
    static const auth_key made = [] {
        auth_key out{};
        if (sodium_init() >= 0) randombytes_buf(out.data(), out.size());
        return out;
    }();
    return made;
}

// Lengths stand before the values, and what no length can be before the values of each part, so that no two
// lists run into the same bytes.
class hasher {
public:
    hasher() noexcept {
        const auto& key = process_key();
        crypto_generichash_init(&state_, key.data(), key.size(), sizeof(auth_key));
    }
    void begin(model::auth_key_part::kind part) noexcept {
        const std::uint64_t mark = UINT64_MAX - 1 - static_cast<std::uint64_t>(part);
        update(&mark, sizeof mark);
    }
    // A null view: there is no such value.
    void add(std::string_view value) noexcept {
        const std::uint64_t size = value.data() ? value.size() : UINT64_MAX;
        update(&size, sizeof size);
        update(value.data(), value.size());
    }
    auth_key finish() noexcept {
        auth_key out;
        crypto_generichash_final(&state_, out.data(), out.size());
        return out;
    }

private:
    void update(const void* data, std::size_t size) noexcept {
        if (size > 0) crypto_generichash_update(&state_, static_cast<const unsigned char*>(data), size);
    }

    crypto_generichash_state state_;
};

bool same_name(const http::head& message, const http::field& f, const http::field_key& key) noexcept {
    return key.id != http::field_id::unknown ? f.id == key.id : iequals(message.name(f), key.name);
}

// What the question says of the request by itself: a client that says so of its own would be believed.
bool is_ours(std::string_view name) noexcept {
    for (const std::string_view one : {"X-Original-URL", "X-Original-Method", "X-Auth-Request-Redirect"})
        if (iequals(name, one)) return true;
    return false;
}

// Everything but RFC 3986's unreserved: the value becomes part of another URL.
void write_escaped(http::writer& out, std::string_view text) noexcept {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::size_t plain = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '.' || c == '_' || c == '~';
        if (kept) continue;
        const auto octet = static_cast<unsigned char>(c);
        const char escape[]{'%', digits[octet >> 4], digits[octet & 15]};
        out << text.substr(plain, i - plain) << std::string_view{escape, sizeof escape};
        plain = i + 1;
    }
    out << text.substr(plain);
}

// Every line of that name counts: several are one list.
void add_header(hasher& to, const http::request_head& request, std::string_view name) noexcept {
    bool any = false;
    for (const auto& f : request.fields())
        if (http::is_visible(f) && iequals(request.name(f), name)) to.add(request.value(f)), any = true;
    if (!any) to.add({});
}

} // namespace

external_auth::external_auth(const model::external_auth& wish) : wish_(wish) {
    if (wish.request_headers)
        for (const auto& name : *wish.request_headers) sent_.emplace_back(name);
    for (const auto& name : wish.response_headers) taken_.emplace_back(name);
    signin_ = wish.signin;
    const auto question = signin_.find('?');
    const auto query = question == std::string::npos ? std::string{} : '&' + signin_.substr(question + 1);
    // Who has written the parameter has said where to go afterwards.
    adds_parameter_ = query.find('&' + wish.signin_param + '=') == std::string::npos;
    if (!adds_parameter_) return;
    if (question == std::string::npos)
        signin_ += '?';
    else if (query.size() > 1 && !query.ends_with('&'))
        signin_ += '&';
    signin_ += wish.signin_param + '=';
}

auth_verdict external_auth::judge(unsigned status) noexcept {
    if (status >= 200 && status < 300) return auth_verdict::allowed;
    if (status == 401) return auth_verdict::unauthorised;
    if (status == 403) return auth_verdict::forbidden;
    return auth_verdict::failed;
}

void external_auth::drop_spoofed(http::request_head& request) const noexcept {
    for (auto& f : request.fields())
        f.dropped |= std::any_of(taken_.begin(), taken_.end(), [&](const auto& key) {
            return same_name(request, f, key);
        });
}

void external_auth::write_asked_fields(http::writer& out, const http::request_head& request) const noexcept {
    using http::field_id;
    for (const auto& f : request.fields()) {
        // Adit writes its own of these; Content-Type and the like stay, though the body does, too.
        if (f.dropped || f.id == field_id::host || f.id == field_id::expect || f.id == field_id::max_forwards)
            continue;
        if (wish_.request_headers && std::none_of(sent_.begin(), sent_.end(), [&](const auto& key) {
                return same_name(request, f, key);
            }))
            continue;
        if (f.id == field_id::unknown && is_ours(request.name(f))) continue;
        out.line(request.name(f), request.value(f));
    }
}

void external_auth::write_upstream_lines(http::writer& out, const http::response_head& answer)
    const noexcept {
    for (const auto& key : taken_)
        for (const auto& f : answer.fields())
            if (!f.dropped && same_name(answer, f, key)) out.line(key.name, answer.value(f));
}

void external_auth::write_client_lines(http::writer& out, const http::response_head& answer) noexcept {
    const bool unauthorised = judge(answer.status) == auth_verdict::unauthorised;
    for (const auto& f : answer.fields()) {
        if (f.dropped) continue;
        if (f.id == http::field_id::set_cookie) out.line("Set-Cookie", answer.value(f));
        if (unauthorised && iequals(answer.name(f), www_authenticate))
            out.line(www_authenticate, answer.value(f));
    }
}

bool external_auth::may_be_kept(const http::response_head& answer) noexcept {
    return judge(answer.status) != auth_verdict::failed && !answer.has(http::field_id::set_cookie);
}

void external_auth::write_signin(
    http::writer& out, std::string_view scheme, const http::request_head& request
) const noexcept {
    out << signin_;
    if (!adds_parameter_) return;
    write_escaped(out, scheme);
    write_escaped(out, "://");
    write_escaped(out, request.authority());
    write_escaped(out, http::path_or_root(request));
    if (!request.has_query) return;
    write_escaped(out, "?");
    write_escaped(out, request.query());
}

auth_key external_auth::key_of(
    const http::request_head& request, std::string_view host, std::string_view path, const ip_address& client
) const noexcept {
    using kind = model::auth_key_part::kind;
    hasher out;
    char address[64];
    for (const auto& part : wish_.cache_key) {
        out.begin(part.what);
        switch (part.what) {
        case kind::header: add_header(out, request, part.name); break;
        case kind::cookie: out.add(http::find_cookie(request, part.name)); break;
        case kind::method: out.add(request.method_text()); break;
        case kind::host: out.add(host); break;
        case kind::path: out.add(path); break;
        case kind::address: out.add({address, format_ip(client, address)}); break;
        }
    }
    return out.finish();
}

} // namespace adit::policy
