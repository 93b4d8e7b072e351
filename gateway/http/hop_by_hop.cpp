#include "http/hop_by_hop.hpp"

namespace adit::http {

namespace {

// A sender that could have these removed could change whom we ask, how the message is framed, or who is
// believed.
constexpr bool is_protected(field_id id) noexcept {
    switch (id) {
    case field_id::host:
    case field_id::content_length:
    case field_id::transfer_encoding:
    case field_id::cookie:
    case field_id::set_cookie:
    case field_id::authorization:
    case field_id::date:
    case field_id::content_type:
    case field_id::content_encoding:
    case field_id::expect:
    case field_id::via:
    case field_id::x_request_id:
    case field_id::x_forwarded_for:
    case field_id::x_forwarded_host:
    case field_id::x_forwarded_port:
    case field_id::x_forwarded_proto:
    case field_id::x_forwarded_scheme:
    case field_id::x_real_ip:
    case field_id::x_scheme:
    case field_id::x_version_route:
    case field_id::x_canary:
    case field_id::forwarded:
    case field_id::cache_control: return true;
    default: return false;
    }
}

void drop_unprotected(head& head) noexcept {
    for (auto& f : head.fields())
        if (!is_protected(f.id)) f.dropped = true;
}

void drop_nominated(head& head, std::string_view name) noexcept {
    const auto id = parse_field_id(name);
    if (is_protected(id)) return;
    for (auto& f : head.fields()) {
        if (id != field_id::unknown ? f.id == id : f.id == field_id::unknown && iequals(head.name(f), name))
            f.dropped = true;
    }
}

// `nominations` counts over all lines. More names than a head has fields are not meant honestly, and to look
// every one of them up would take milliseconds: such a list is taken to name everything.
void read_connection(
    head& head, std::string_view list, connection_options& out, std::size_t& nominations
) noexcept {
    while (auto option = next_element(list)) {
        if (option->empty()) continue;
        if (iequals(*option, "close"))
            out.close = true;
        else if (iequals(*option, "keep-alive"))
            out.keep_alive = true;
        else if (iequals(*option, "upgrade"))
            out.upgrade = true;
        else if (++nominations <= max_fields)
            drop_nominated(head, *option);
        else if (nominations == max_fields + 1)
            drop_unprotected(head);
    }
}

} // namespace

connection_options mark_hop_by_hop(head& head) noexcept {
    connection_options out;
    std::size_t nominations = 0;
    for (auto& f : head.fields()) {
        switch (f.id) {
        case field_id::connection:
            f.dropped = true;
            read_connection(head, head.value(f), out, nominations);
            break;
        case field_id::te: {
            f.dropped = true;
            auto list = head.value(f);
            while (auto coding = next_element(list)) out.te_trailers |= iequals(*coding, "trailers");
            break;
        }
        case field_id::keep_alive:
        case field_id::proxy_connection:
        case field_id::transfer_encoding:
        case field_id::content_length:
        case field_id::upgrade:
        case field_id::http2_settings:
        case field_id::proxy:
        case field_id::proxy_authenticate:
        case field_id::proxy_authorization:
        case field_id::trailer: f.dropped = true; break;
        default: break;
        }
    }
    return out;
}

bool offers_protocol(std::string_view upgrade_list, std::string_view protocol) noexcept {
    while (auto element = next_element(upgrade_list))
        if (iequals(*element, protocol)) return true;
    return false;
}

} // namespace adit::http
