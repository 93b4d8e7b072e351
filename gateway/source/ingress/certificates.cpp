#include "source/ingress/certificates.hpp"

#include "model/grammar.hpp"
#include "net/tls_certificate.hpp"
#include "net/tls_client_rule.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>

namespace adit::source::ingress {

namespace {

// What is wrong with them, as one sentence; empty = nothing.
std::string fault_of(const std::string& name, const std::string& chain, const std::string& key) {
    if (chain.empty() || key.empty()) return "it has no tls.crt and tls.key";
    net::tls_material material;
    material.name = name;
    material.chain = chain;
    material.key = key;
    complaints found;
    if (net::tls_certificate::read(material, std::chrono::system_clock::now(), found)) return {};
    const auto first = std::find_if(found.begin(), found.end(), [](const auto& one) {
        return one.level == complaint::severity::error;
    });
    return first == found.end() ? "it cannot be read" : first->message;
}

std::string text_of(const cluster::secret& from, std::string_view name) {
    const auto at = from.data.find(name);
    return at == from.data.end() ? std::string{} : at->second;
}

} // namespace

std::string fault_of_authorities(std::string_view pem) {
    complaints found;
    if (net::tls_client_rule::read(pem, net::tls_client_rule::demand::required, 1, {}, "ca.crt", {}, found))
        return {};
    return found.empty() ? "it cannot be read" : found.front().message;
}

std::string fault_of_ciphers(const std::string& list) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()), &SSL_CTX_free);
    if (!context || SSL_CTX_set_cipher_list(context.get(), list.c_str()) == 1) return {};
    ERR_clear_error();
    return "none of the ciphers is known";
}

void certificate_reader::add(
    const cluster::view& from, const std::string& key, const std::string& wanted_by, const place& at,
    model::tls& into, complaints& out
) {
    const auto* secret = from.find<cluster::secret>(key);
    pair now;
    std::string wrong = "there is no Secret " + key;
    if (secret) {
        now = {text_of(*secret, "tls.crt"), text_of(*secret, "tls.key")};
        const auto known = last_good_.find(key);
        wrong = known != last_good_.end() && known->second == now ? std::string{}
                                                                  : fault_of(key, now.chain, now.key);
        if (wrong.empty())
            last_good_[key] = now;
        else
            wrong = "the Secret " + key + " is no certificate: " + wrong;
    }
    if (!wrong.empty()) {
        const auto good = secret ? last_good_.find(key) : last_good_.end();
        out.push_back(
            {complaint::severity::warning, secret ? secret->meta.at : at, wanted_by, std::move(wrong),
             good != last_good_.end() ? "its last good version stays in force"
                                      : "the default certificate is served"}
        );
        if (good == last_good_.end()) return;
        now = good->second;
    }
    auto& made = into.certificates.emplace_back();
    made.name = key;
    made.chain.text = std::move(now.chain);
    made.key.text = std::move(now.key);
    if (secret) made.at = secret->meta.at;
}

model::tls certificate_reader::read(
    const cluster::view& from, const std::vector<tls_wish>& all, const options& by, complaints& out
) {
    model::tls made;
    std::set<std::string> met;
    if (!by.default_certificate.empty() &&
        (!by.secrets_unseen || from.find<cluster::secret>(by.default_certificate))) {
        met.insert(by.default_certificate);
        add(from, by.default_certificate, "--default-ssl-certificate", {}, made, out);
    }
    made.made_up_first = made.certificates.empty();
    for (const auto& one : all) {
        const auto& meta = one.object->meta;
        for (std::size_t i = 0; i < one.object->tls.size(); ++i) {
            const auto& tls = one.object->tls[i];
            if (tls.secret.empty()) continue;
            const auto key = meta.name_space + '/' + tls.secret;
            if (!met.insert(key).second) continue;
            if (by.secrets_unseen && !from.find<cluster::secret>(key)) continue;
            auto at = meta.at;
            at.line = tls.line;
            at.column = 0;
            add(from, key, "Ingress " + meta.key() + ": spec.tls[" + std::to_string(i) + ']', at, made, out);
        }
    }
    std::set<std::string> asked;
    for (const auto& one : all) {
        if (!one.clients) continue;
        auto rule = *one.clients;
        for (const auto& each : one.object->rules)
            if (!each.host.empty() && !model::check_host_pattern(each.host) && asked.insert(each.host).second)
                rule.hosts.push_back(each.host);
        if (!rule.hosts.empty()) made.clients.push_back(std::move(rule));
    }
    std::erase_if(last_good_, [&](const auto& one) { return !met.contains(one.first); });
    return made;
}

} // namespace adit::source::ingress
