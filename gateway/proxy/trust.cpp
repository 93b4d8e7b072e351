#include "proxy/trust.hpp"

#include "core/bytes.hpp"

#include <algorithm>

namespace adit::proxy {

namespace {

constexpr bool speaks_for_others(http::field_id id) noexcept {
    using http::field_id;
    switch (id) {
    case field_id::forwarded:
    case field_id::x_forwarded_for:
    case field_id::x_forwarded_host:
    case field_id::x_forwarded_port:
    case field_id::x_forwarded_proto:
    case field_id::x_forwarded_scheme:
    case field_id::x_original_forwarded_for:
    case field_id::x_real_ip:
    case field_id::x_scheme: return true;
    default: return false;
    }
}

} // namespace

bool contains(const std::vector<ip_prefix>& list, const ip_address& address) noexcept {
    return std::any_of(list.begin(), list.end(), [&](const auto& one) { return one.contains(address); });
}

std::uint32_t drop_unbelieved(http::request_head& head, bool trusted, bool keep_underscores) noexcept {
    std::uint32_t underscores = 0;
    for (auto& f : head.fields()) {
        if (!trusted && speaks_for_others(f.id)) {
            f.dropped = true;
        } else if (f.id == http::field_id::unknown && !keep_underscores && head.name(f).find('_') != std::string_view::npos) {
            f.dropped = true;
            ++underscores;
        }
    }
    return underscores;
}

ip_address client_address(
    const http::request_head& head, const ip_address& peer, const std::vector<ip_prefix>& trusted
) noexcept {
    auto address = peer;
    if (!contains(trusted, address)) return address;
    const auto fields = head.fields();
    for (auto f = fields.rbegin(); f != fields.rend(); ++f) {
        if (f->id != http::field_id::x_forwarded_for) continue;
        auto list = head.value(*f);
        while (!list.empty()) {
            const auto comma = list.rfind(',');
            const auto element = trim_ows(comma == list.npos ? list : list.substr(comma + 1));
            const auto parsed = parse_ip(element);
            if (!parsed) return address;
            address = *parsed;
            if (!contains(trusted, address)) return address;
            list = comma == list.npos ? std::string_view{} : list.substr(0, comma);
        }
    }
    return address;
}

} // namespace adit::proxy
