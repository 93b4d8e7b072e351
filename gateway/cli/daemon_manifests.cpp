// The daemon with a folder of manifests in the place of a file.
#include "admin/views.hpp"
#include "cli/control_port.hpp"
#include "cli/daemon.hpp"
#include "cli/journal.hpp"
#include "cli/log_complaints.hpp"
#include "cli/manifest_source.hpp"
#include "core/log.hpp"

#include <algorithm>

namespace adit::cli {

namespace {

std::string first_error(const complaints& among) {
    const auto at = std::find_if(among.begin(), among.end(), [](const auto& one) {
        return one.level == complaint::severity::error;
    });
    return at == among.end() ? std::string{} : to_text(*at);
}

std::vector<model::listener> listeners_of(const daemon_options& options) {
    std::vector<model::listener> out;
    for (const bool tls : {false, true})
        for (const auto& address : tls ? options.https : options.http) {
            auto& one = out.emplace_back();
            one.address = address;
            one.tls = tls;
        }
    return out;
}

} // namespace

// Leaves what the folder asks for in options_.wish.
bool daemon::first_manifests() {
    manifests_ =
        std::make_unique<manifest_source>(options_.manifests, options_.ingress, listeners_of(options_));
    // They are listeners of the wish now, so that the ConfigMap may say how connections begin.
    options_.http.clear();
    options_.https.clear();
    manifests_->look();
    auto offer = manifests_->translate();
    log_complaints(offer.news);
    if (!manifests_->found()) return false;
    reload_problem_ = first_error(offer.all);
    complaints broken;
    if (drop_broken_routes(offer.wish, broken)) {
        log_complaints(broken);
        reload_problem_ = first_error(broken);
    }
    options_.wish = std::move(offer.wish);
    manifests_->follow(control_, [this] { reload_manifests(false, [](const complaints&, bool) {}); });
    log_info("manifests read", {{"folder", options_.manifests}, {"routes", options_.wish.routes.size()}});
    return true;
}

// One bad object never stops the others: what is wrong is left out, and the rest comes in force.
void daemon::reload_manifests(bool asked, std::function<void(const complaints&, bool changed)> done) {
    if (!serving_ || leaving()) return done({}, false); // the next look will tell
    if (asked) read_ticket_keys();
    if (!manifests_->look()) return done({}, false);
    auto offer = manifests_->translate();
    log_complaints(offer.news);
    overrule(offer.wish);
    auto found = std::move(offer.all);
    const auto say = [done, found] { done(found, true); };
    complaints wrong;
    if (journal_->prepare(offer.wish.access_log, wrong)) wrong = site_->apply(offer.wish, say);
    if (has_errors(wrong)) {
        complaints broken;
        if (drop_broken_routes(offer.wish, broken)) {
            found.insert(found.end(), broken.begin(), broken.end());
            log_complaints(broken);
            wrong = site_->apply(offer.wish, say);
        }
    }
    log_complaints(wrong);
    auto& gauges = site_->gauges();
    reload_problem_ = first_error(has_errors(wrong) ? wrong : found);
    gauges.config_last_reload_successful = reload_problem_.empty();
    if (!has_errors(wrong)) return wish_in_force(found, "the folder");
    log_error("what was in force stays", {{"folder", options_.manifests}});
    if (port_) port_->tell(admin::reload_failed_event(wrong, "the folder"));
    done(wrong, false);
}

} // namespace adit::cli
