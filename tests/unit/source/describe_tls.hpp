// What is wished of TLS as text; see describe.hpp.
#pragma once

#include "model/tls.hpp"

#include <sstream>
#include <string>

namespace adit::model {

inline std::string describe(const document& one) {
    return one.file + '(' + one.text + ')';
}

inline std::string describe(const tls& one) {
    std::ostringstream out;
    for (const auto& certificate : one.certificates)
        out << "certificate " << certificate.name << ' ' << describe(certificate.chain) << ' '
            << describe(certificate.key) << ' ' << describe(certificate.ocsp) << '\n';
    for (const auto& clients : one.clients) {
        out << "clients of";
        for (const auto& host : clients.hosts) out << ' ' << host;
        out << ' ' << describe(clients.ca) << ' ' << static_cast<int>(clients.verify) << ' ' << clients.depth
            << ' ' << clients.verify_field << ' ' << clients.subject_field << ' ' << clients.issuer_field
            << ' ' << clients.fingerprint_field << ' ' << clients.certificate_field << '\n';
    }
    out << "tls " << to_text(one.min_version) << ' ' << to_text(one.max_version) << ' ' << one.ciphers
        << '\n';
    return out.str();
}

inline std::string describe(const upstream_tls& one) {
    std::ostringstream out;
    out << "tls " << one.verify << ' ' << one.sni << ' ' << one.server_name << ' ' << describe(one.ca) << ' '
        << describe(one.chain) << ' ' << describe(one.key);
    return out.str();
}

inline std::string describe(const https& one) {
    std::ostringstream out;
    out << "https " << one.redirect << ' ' << one.port;
    if (one.hsts)
        out << " hsts " << one.hsts->max_age.count() << ' ' << one.hsts->include_subdomains << ' '
            << one.hsts->preload;
    return out.str();
}

} // namespace adit::model
