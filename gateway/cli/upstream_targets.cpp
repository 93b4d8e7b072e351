#include "cli/upstream_targets.hpp"

#include "cli/tls_loading.hpp"

namespace adit::cli {

// One load(): what is read once serves all that name it.
class upstream_targets::loading {
public:
    explicit loading(complaints& out) : out_(out) {}

    std::shared_ptr<const net::tls_target>
    make(const model::upstream_tls& wish, const std::string& host, const place& at, const std::string& key) {
        net::tls_target_settings settings;
        settings.verify = wish.verify;
        settings.sni = wish.sni;
        settings.name = wish.server_name.empty() ? host : wish.server_name;
        if (settings.name.ends_with('.')) settings.name.pop_back();
        if (!read(wish.chain, at, key + ".cert", settings.chain)) return nullptr;
        if (!read(wish.key, at, key + ".key", settings.key)) return nullptr;
        if (wish.verify && !trust(wish.ca, at, key + ".ca", settings)) return nullptr;
        std::string why;
        auto out = net::tls_target::make(std::move(settings), why);
        if (!out) complain(at, key, wish.chain.file.empty() ? why : wish.chain.file + ": " + why);
        return out;
    }

private:
    void complain(const place& at, const std::string& key, std::string message) {
        out_.push_back({complaint::severity::error, at, key, std::move(message), {}});
    }
    bool read(const model::document& from, const place& at, const std::string& key, std::string& into) {
        const auto [known, fresh] = texts_.try_emplace(from.file + '\n' + from.text);
        if (fresh && !load_document(from, at, key, known->second, out_)) {
            texts_.erase(known);
            return false;
        }
        into = known->second;
        return true;
    }
    bool trust(
        const model::document& from, const place& at, const std::string& key,
        net::tls_target_settings& settings
    ) {
        if (from.empty()) {
            if (!system_) system_ = net::tls_trust::system();
            settings.trust = system_;
            return true;
        }
        if (!read(from, at, key, settings.trust_text)) return false;
        auto& known = trusts_[settings.trust_text];
        std::string why;
        if (!known) known = net::tls_trust::read(settings.trust_text, why);
        if (!known) complain(at, key, (from.file.empty() ? "ca" : from.file) + ": " + why);
        settings.trust = known;
        return known != nullptr;
    }

    complaints& out_;
    std::map<std::string, std::string> texts_;
    std::map<std::string, std::shared_ptr<const net::tls_trust>> trusts_;
    std::shared_ptr<const net::tls_trust> system_;
};

void upstream_targets::add(std::span<const model::route> routes, complaints& out) {
    loading from(out);
    for (std::size_t i = 0; i < routes.size(); ++i)
        for (const auto& track : routes[i].tracks)
            for (const auto& one : track.endpoints) {
                if (!one.tls && !track.tls) continue;
                auto& target = known_[routes[i].name][{track.name, one.host}];
                if (target) continue;
                target = from.make(
                    track.tls.value_or(model::upstream_tls{}), one.host, track.at,
                    "routes[" + std::to_string(i) + "].tracks." + track.name + ".tls"
                );
                if (!target) break; // said once
            }
}

void upstream_targets::add(const std::optional<model::tracing>& tracing, complaints& out) {
    collector_.reset();
    if (!tracing) return;
    const auto url = model::parse_collector_url(tracing->endpoint);
    if (url && url->endpoint.tls)
        collector_ = loading(out).make(tracing->tls, url->endpoint.host, tracing->at, "tracing.tls");
}

void upstream_targets::remove(std::string_view route) {
    if (const auto at = known_.find(route); at != known_.end()) known_.erase(at);
}

void upstream_targets::merge(const upstream_targets& fresh) {
    for (const auto& [route, targets] : fresh.known_) known_.insert_or_assign(route, targets);
}

upstream_targets upstream_targets::load(const model::gateway& wish, complaints& out) {
    upstream_targets made;
    made.add(wish.routes, out);
    made.add(wish.tracing, out);
    return made;
}

std::shared_ptr<const net::tls_target> upstream_targets::find(
    const model::route& route, const model::track& track, const model::endpoint& one
) const {
    if (!one.tls && !track.tls) return nullptr;
    const auto of = known_.find(route.name);
    if (of == known_.end()) return nullptr;
    const auto at = of->second.find({track.name, one.host});
    return at == of->second.end() ? nullptr : at->second;
}

} // namespace adit::cli
