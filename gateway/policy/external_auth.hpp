// What is asked of an authorising service, and what its answer means.
#pragma once

#include "core/ip.hpp"
#include "http/values.hpp"
#include "http/writer.hpp"
#include "model/external_auth.hpp"
#include "policy/auth_cache.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::policy {

// Compiled once, then only read.
class external_auth {
public:
    explicit external_auth(const model::external_auth& wish);

    const model::external_auth& wish() const noexcept { return wish_; }

    // 2xx, 401, 403; everything else has failed.
    static auth_verdict judge(unsigned status) noexcept;

    // Marks as dropped what a client sent under the names of fields that the service sets.
    void drop_spoofed(http::request_head& request) const noexcept;

    // Fields of the client's request that the question carries, as lines.
    void write_asked_fields(http::writer& out, const http::request_head& request) const noexcept;

    // From the answer: fields for the upstream, and for the client (Set-Cookie; WWW-Authenticate of a 401).
    void write_upstream_lines(http::writer& out, const http::response_head& answer) const noexcept;
    static void write_client_lines(http::writer& out, const http::response_head& answer) noexcept;
    // An answer that sets cookies is for one client alone.
    static bool may_be_kept(const http::response_head& answer) noexcept;

    // Where a 401 leads: the sign-in page, which learns what was asked for ("http://shop.test/cart?a=1").
    void write_signin(http::writer& out, std::string_view scheme, const http::request_head& request)
        const noexcept;

    bool keeps_answers() const noexcept { return !wish_.cache_key.empty(); }
    // `host` and `path` as they were matched.
    auth_key key_of(
        const http::request_head& request, std::string_view host, std::string_view path,
        const ip_address& client
    ) const noexcept;

private:
    model::external_auth wish_;
    std::vector<http::field_key> sent_, taken_;
    std::string signin_; // up to the value of its parameter, where one is added
    bool adds_parameter_ = false;
};

} // namespace adit::policy
