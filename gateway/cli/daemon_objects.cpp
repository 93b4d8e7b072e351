// The daemon with Kubernetes objects in the place of a file: of a folder, or of an API server.
#include "admin/views.hpp"
#include "cli/cluster_source.hpp"
#include "cli/control_port.hpp"
#include "cli/daemon.hpp"
#include "cli/journal.hpp"
#include "cli/log_complaints.hpp"
#include "cli/manifest_source.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

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

// Null, with a log line, where nobody could be asked.
std::unique_ptr<ingress_source> daemon::make_objects(std::vector<model::listener> listeners) {
    namespace kubernetes = source::kubernetes;
    if (!options_.manifests.empty())
        return std::make_unique<manifest_source>(options_.manifests, options_.ingress, std::move(listeners));
    complaints found;
    auto access = options_.kubeconfig.empty() ? kubernetes::read_in_cluster(options_.service_account, found)
                                              : kubernetes::read_kubeconfig(options_.kubeconfig, found);
    log_complaints(found);
    if (!access) return nullptr;
    return std::make_unique<cluster_source>(
        control_, std::move(*access), options_.ingress, options_.publish, std::move(listeners)
    );
}

// Leaves what the objects ask for in options_.wish. An API server has not answered yet: until it has,
// nothing is served.
bool daemon::first_objects() {
    auto listeners = listeners_of(options_);
    objects_ = make_objects(listeners);
    if (!objects_) return false;
    // They are listeners of the wish now, so that the ConfigMap may say how connections begin.
    options_.http.clear();
    options_.https.clear();
    objects_->follow(control_, [this] { objects_changed(); });
    if (options_.manifests.empty()) {
        options_.wish.listeners = std::move(listeners);
        return true;
    }
    objects_->look();
    auto offer = objects_->translate();
    log_complaints(offer.news);
    if (!objects_->found()) return false;
    reload_problem_ = first_error(offer.all);
    complaints broken;
    if (drop_broken_routes(offer.wish, broken)) {
        log_complaints(broken);
        reload_problem_ = first_error(broken);
    }
    options_.wish = std::move(offer.wish);
    log_info("manifests read", {{"folder", options_.manifests}, {"routes", options_.wish.routes.size()}});
    return true;
}

void daemon::objects_changed() {
    reload_objects(false, [this](const complaints&, bool changed) {
        if (changed && std::exchange(awaiting_objects_, false)) let_in();
    });
}

// One bad object never stops the others: what is wrong is left out, and the rest comes in force.
void daemon::reload_objects(bool asked, std::function<void(const complaints&, bool changed)> done) {
    if (leaving() || !(serving_ || awaiting_objects_)) return done({}, false); // announce() looks again
    if (asked) read_ticket_keys();
    if (!objects_->found() || !objects_->look()) return done({}, false);
    auto offer = objects_->translate();
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
    if (!has_errors(wrong)) return wish_in_force(found, objects_->whence());
    log_error("what was in force stays", {{"source", objects_->whence()}});
    if (port_) port_->tell(admin::reload_failed_event(wrong, objects_->whence()));
    done(wrong, false);
}

} // namespace adit::cli
