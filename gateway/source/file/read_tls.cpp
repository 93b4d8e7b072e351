#include "source/file/read_tls.hpp"

#include "core/bytes.hpp"

#include <algorithm>
#include <filesystem>

namespace adit::source {

namespace {

std::optional<model::tls_version> read_version(const value& from) {
    const auto text = from.text();
    if (!text) return std::nullopt;
    for (const auto one : {model::tls_version::tls12, model::tls_version::tls13})
        if (*text == to_text(one)) return one;
    from.complain("`" + *text + "` is not a version of TLS that is spoken", "1.2 or 1.3");
    return std::nullopt;
}

model::certificate read_certificate(const value& from) {
    model::certificate out;
    out.at = from.at();
    const section map(from);
    if (const auto found = map.require("cert", "e.g. cert: tls.crt")) out.chain = read_document(*found);
    if (const auto found = map.require("key", "e.g. key: tls.key")) out.key = read_document(*found);
    if (const auto found = map.find("ocsp")) out.ocsp = read_document(*found);
    return out;
}

std::optional<model::client_certificates::demand> read_demand(const value& from) {
    using demand = model::client_certificates::demand;
    const auto text = from.text();
    if (!text) return std::nullopt;
    if (*text == "required") return demand::required;
    if (*text == "optional") return demand::optional;
    if (*text == "unverified") return demand::unverified;
    from.complain("`" + *text + "` is no way to verify clients", "required, optional or unverified");
    return std::nullopt;
}

model::client_certificates read_clients(const value& from) {
    model::client_certificates out;
    out.at = from.at();
    const section map(from);
    if (const auto found = map.require("hosts", "e.g. hosts: [admin.shop.test]"))
        for (const auto& one : found->texts()) out.hosts.push_back(to_lower(one));
    if (const auto found = map.find("ca")) out.ca = read_document(*found);
    if (const auto found = map.find("verify"))
        if (const auto got = read_demand(*found)) out.verify = *got;
    map.read("depth", out.depth, &value::number);
    if (const auto found = map.find("pass")) {
        const section pass(*found);
        pass.read("verify", out.verify_field, &value::text);
        pass.read("subject", out.subject_field, &value::text);
        pass.read("issuer", out.issuer_field, &value::text);
        pass.read("fingerprint", out.fingerprint_field, &value::text);
        pass.read("certificate", out.certificate_field, &value::text);
    }
    return out;
}

} // namespace

model::document read_document(const value& from) {
    model::document out;
    const auto text = from.text();
    if (!text) return out;
    if (text->empty()) from.complain("the name of a file is empty");
    const std::filesystem::path written(*text);
    const auto folder = std::filesystem::path(from.at().file).parent_path();
    out.file = written.is_absolute() || text->empty() ? *text : (folder / written).string();
    return out;
}

model::upstream_tls read_upstream_tls(const value& from) {
    model::upstream_tls out;
    const section map(from);
    map.read("verify", out.verify, &value::flag);
    map.read("sni", out.sni, &value::flag);
    map.read("server_name", out.server_name, &value::text);
    if (const auto found = map.find("ca")) out.ca = read_document(*found);
    if (const auto found = map.find("cert")) out.chain = read_document(*found);
    if (const auto found = map.find("key")) out.key = read_document(*found);
    return out;
}

model::https read_https(const value& from) {
    model::https out;
    const section map(from);
    if (const auto found = map.find("redirect")) {
        const auto text = found->text();
        if (text == "true")
            out.redirect = 308;
        else if (text && text != "false")
            if (const auto got = found->number())
                out.redirect = static_cast<std::uint16_t>(std::min<std::uint32_t>(*got, UINT16_MAX));
    }
    if (const auto found = map.find("port"))
        if (const auto got = found->number()) {
            out.port = static_cast<std::uint16_t>(*got);
            if (*got > UINT16_MAX) found->complain("not a port", "a number from 1 to 65535");
        }
    if (const auto found = map.find("hsts")) {
        auto& hsts = out.hsts.emplace();
        const section inner(*found);
        if (const auto age = inner.find("max_age"))
            if (const auto got = age->number()) hsts.max_age = std::chrono::seconds(*got);
        inner.read("include_subdomains", hsts.include_subdomains, &value::flag);
        inner.read("preload", hsts.preload, &value::flag);
    }
    return out;
}

model::tls read_tls(const value& from) {
    model::tls out;
    const section map(from);
    if (const auto found = map.find("certificates"))
        for (const auto& one : found->items()) out.certificates.push_back(read_certificate(one));
    if (const auto found = map.find("min_version"))
        if (const auto got = read_version(*found)) out.min_version = *got;
    if (const auto found = map.find("max_version"))
        if (const auto got = read_version(*found)) out.max_version = *got;
    map.read("ciphers", out.ciphers, &value::text);
    if (const auto found = map.find("clients"))
        for (const auto& one : found->items()) out.clients.push_back(read_clients(one));
    return out;
}

} // namespace adit::source
