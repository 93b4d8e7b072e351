// Which fields belong to one connection only and end here (RFC 9110 §7.6.1).
#pragma once

#include "http/head.hpp"

namespace adit::http {

struct connection_options {
    bool close = false;
    bool keep_alive = false;
    bool upgrade = false;     // Connection names Upgrade
    bool te_trailers = false; // TE: trailers was asked for
};

// Marks as dropped every hop-by-hop field and every field that Connection names, except those that a
// Connection field must not be able to remove: Host, framing, cookies, credentials, and what Adit sets
// itself. Content-Length and Transfer-Encoding are marked too: the serialiser writes the framing anew.
connection_options mark_hop_by_hop(head& head) noexcept;

// Whether `protocol` is in the comma separated list of an Upgrade field, without case.
bool offers_protocol(std::string_view upgrade_list, std::string_view protocol) noexcept;

} // namespace adit::http
