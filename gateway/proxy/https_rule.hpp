// What a route makes of plain requests and of those over TLS.
#pragma once

#include "model/tls.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace adit::proxy {

struct https_rule {
    std::uint16_t redirect = 0; // status of the answer to plain requests; 0 = they are served
    std::string port;           // of the redirect's target: ":8443", or nothing
    std::string hsts;           // the whole field line; empty = the upstream's stands

    // nullptr where there is nothing to do.
    static std::unique_ptr<const https_rule> compile(const model::https& wish);
};

} // namespace adit::proxy
