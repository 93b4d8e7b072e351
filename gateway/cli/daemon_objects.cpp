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

// An API server has not answered yet: until it has, nothing is served.
bool daemon::first_objects(complaints& found) {
    auto listeners = listeners_of(options_);
    objects_ = make_objects(listeners);
    if (!objects_) return false;
    // They are listeners of the wish now, so that the ConfigMap may say how connections begin.
    options_.http.clear();
    options_.https.clear();
    objects_->follow(control_, [this] { objects_changed(); });
    if (options_.manifests.empty()) {
        options_.wish.listeners = std::move(listeners);
        overrule(options_.wish);
        wish_change change;
        change.frame = std::make_shared<const model::gateway>(options_.wish);
        change.complete = false;
        if (journal_->prepare(options_.wish.access_log, found)) found = site_->apply(std::move(change));
        return true;
    }
    objects_->look();
    log_complaints(objects_->translate().news);
    if (!objects_->found()) return false;
    found = apply_objects({});
    log_info("manifests read", {{"folder", options_.manifests}, {"routes", site_->slots().size()}});
    return true;
}

// Puts the last offer in force as far as it goes: what does not compile is left out.
complaints daemon::apply_objects(const std::function<void()>& done) {
    const auto change = [this] {
        auto out = objects_->pending();
        if (!out.frame) return out;
        auto frame = *out.frame;
        overrule(frame);
        out.frame = std::make_shared<const model::gateway>(std::move(frame));
        return out;
    };
    auto wish = change();
    complaints wrong;
    if (wish.frame && !journal_->prepare(wish.frame->access_log, wrong)) return wrong;
    wrong = site_->apply(std::move(wish), done);
    complaints left_out;
    if (has_errors(wrong) && objects_->mend(left_out)) {
        log_complaints(left_out);
        wrong = site_->apply(change(), done);
    }
    if (!has_errors(wrong)) objects_->taken();
    reload_problem_ = has_errors(wrong) ? first_error(wrong) : objects_->first_error();
    site_->gauges().config_last_reload_successful = reload_problem_.empty();
    return wrong;
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
    const auto offer = objects_->translate();
    log_complaints(offer.news);
    const auto found = asked ? objects_->all() : offer.news;
    const auto wrong = apply_objects([done, found] { done(found, true); });
    log_complaints(wrong);
    if (!has_errors(wrong)) return wish_in_force(found, objects_->whence());
    log_error("what was in force stays", {{"source", objects_->whence()}});
    if (port_) port_->tell(admin::reload_failed_event(wrong, objects_->whence()));
    done(wrong, false);
}

} // namespace adit::cli
