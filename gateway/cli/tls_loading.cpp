#include "cli/tls_loading.hpp"

#include "cli/upstream_targets.hpp"
#include "source/file/load.hpp"

#include <algorithm>
#include <chrono>

namespace adit::cli {

namespace {

constexpr std::size_t max_document = 1024 * 1024; // bytes

std::string name_of(const model::document& one, std::string_view otherwise) {
    return one.text.empty() && !one.file.empty() ? one.file : std::string(otherwise);
}

std::shared_ptr<const net::tls_certificate>
load_certificate(const model::certificate& wish, const std::string& key, complaints& out) {
    net::tls_material from;
    from.name = wish.name.empty() ? wish.chain.file : wish.name;
    from.chain_place = name_of(wish.chain, from.name);
    from.key_place = name_of(wish.key, from.name);
    from.ocsp_place = name_of(wish.ocsp, from.name);
    from.at = wish.at;
    from.complaint = key;
    bool good = load_document(wish.chain, wish.at, key + ".cert", from.chain, out);
    good = load_document(wish.key, wish.at, key + ".key", from.key, out) && good;
    good = load_document(wish.ocsp, wish.at, key + ".ocsp", from.ocsp, out) && good;
    return good ? net::tls_certificate::read(from, std::chrono::system_clock::now(), out) : nullptr;
}

std::shared_ptr<const net::tls_client_rule>
load_rule(const model::client_certificates& wish, const std::string& key, complaints& out) {
    using demand = net::tls_client_rule::demand;
    std::string authorities;
    if (!load_document(wish.ca, wish.at, key + ".ca", authorities, out)) return nullptr;
    demand verify = demand::required;
    if (wish.verify == model::client_certificates::demand::optional) verify = demand::optional;
    if (wish.verify == model::client_certificates::demand::unverified) verify = demand::unverified;
    complaint about;
    about.at = wish.at;
    about.key = key + ".ca";
    return net::tls_client_rule::read(
        authorities, verify, static_cast<int>(wish.depth),
        {wish.verify_field, wish.subject_field, wish.issuer_field, wish.fingerprint_field,
         wish.certificate_field},
        name_of(wish.ca, "ca"), about, out
    );
}

int number_of(model::tls_version one) {
    return one == model::tls_version::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

} // namespace

bool load_document(
    const model::document& from, const place& at, const std::string& key, std::string& into, complaints& out
) {
    if (!from.text.empty()) {
        into = from.text;
        return true;
    }
    if (from.file.empty()) return true;
    model::fault why;
    auto text = source::load(from.file, max_document, &why);
    if (!text) {
        out.push_back({complaint::severity::error, at, key, from.file + ": " + why.message, why.hint});
        return false;
    }
    into = std::move(*text);
    return true;
}

bool wants_tls(const model::gateway& wish) {
    return !wish.tls.certificates.empty() ||
           std::any_of(wish.listeners.begin(), wish.listeners.end(), [](const auto& one) { return one.tls; });
}

std::shared_ptr<const net::tls_store> load_tls(
    const model::tls& wish, std::shared_ptr<const net::tls_tickets> tickets,
    std::shared_ptr<const net::tls_certificate> spare, complaints& out
) {
    net::tls_store_settings settings;
    bool good = true;
    for (std::size_t i = 0; i < wish.certificates.size(); ++i) {
        const auto key = "tls.certificates[" + std::to_string(i) + ']';
        auto one = load_certificate(wish.certificates[i], key, out);
        good = good && one;
        settings.certificates.push_back(std::move(one));
    }
    for (std::size_t i = 0; i < wish.clients.size(); ++i) {
        auto rule = load_rule(wish.clients[i], "tls.clients[" + std::to_string(i) + ']', out);
        good = good && rule;
        settings.rules.push_back({wish.clients[i].hosts, std::move(rule)});
    }
    if (!good) return nullptr;
    if (settings.certificates.empty() || wish.made_up_first)
        settings.certificates.insert(settings.certificates.begin(), std::move(spare));
    settings.tickets = std::move(tickets);
    settings.min_version = number_of(wish.min_version);
    settings.max_version = number_of(wish.max_version);
    settings.ciphers = wish.ciphers;
    std::string why;
    auto store = net::tls_store::make(std::move(settings), why);
    if (!store) out.push_back({complaint::severity::error, {}, "tls", why, {}});
    return store;
}

void check_tls_files(const model::gateway& wish, complaints& out) {
    upstream_targets::load(wish, out);
    if (!wants_tls(wish)) return;
    const auto tickets = std::make_shared<const net::tls_tickets>(std::vector<net::tls_tickets::secret>(1));
    load_tls(wish.tls, tickets, net::tls_certificate::self_signed(std::chrono::system_clock::now()), out);
}

namespace {

void add_file(const model::document& one, std::set<std::string>& to) {
    if (one.text.empty() && !one.file.empty()) to.insert(one.file);
}

} // namespace

void add_files(const model::route& of, std::set<std::string>& to) {
    for (const auto& track : of.tracks)
        if (track.tls)
            for (const auto* each : {&track.tls->ca, &track.tls->chain, &track.tls->key}) add_file(*each, to);
}

void add_files(const model::gateway& frame, std::set<std::string>& to) {
    for (const auto& one : frame.tls.certificates)
        for (const auto* each : {&one.chain, &one.key, &one.ocsp}) add_file(*each, to);
    for (const auto& one : frame.tls.clients) add_file(one.ca, to);
    if (frame.tracing)
        for (const auto* each : {&frame.tracing->tls.ca, &frame.tracing->tls.chain, &frame.tracing->tls.key})
            add_file(*each, to);
}

} // namespace adit::cli
