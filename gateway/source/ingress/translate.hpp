// Kubernetes objects → what a gateway is asked for, as ingress-nginx would read them.
#pragma once

#include "core/complaint.hpp"
#include "model/gateway.hpp"
#include "model/route_group.hpp"
#include "source/cluster/state.hpp"
#include "source/ingress/certificates.hpp"
#include "source/ingress/options.hpp"
#include "source/ingress/select.hpp"
#include "source/ingress/settings.hpp"
#include "source/ingress/web.hpp"
#include "source/ingress/wishes.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace adit::source::ingress {

struct translation {
    model::gateway wish; // passes validate(): what did not is left out
    complaints found;    // errors are about objects, or parts of them, that are not in force in this version
};

// Translates again what depends on objects that have changed, and nothing else. Any one thread.
class translator {
public:
    // `listeners` are those of the wish.
    translator(options by, std::vector<model::listener> listeners)
        : by_(std::move(by)), listeners_(std::move(listeners)) {}

    // From what was to what is. Routes pass validate(): what did not is left out.
    struct step {
        std::shared_ptr<const model::gateway> frame; // all but the routes; null: as it was
        model::group_changes groups;
        complaints gone, come; // those that stand no more, and those that do
    };
    // `touched`: what has changed since the last call; of no interest the first time. Objects that
    // ingress-nginx would refuse stay in force in their last good version.
    step update(const cluster::state& from, const cluster::lookups& touched);

    // All of it, as one wish.
    translation run(const cluster::state& from);

private:
    struct entry {
        cluster::ref<cluster::ingress> object; // in force; null: nothing of it is
        bool canary = false;
        std::shared_ptr<const model::client_certificates> clients;
        cluster::lookups asked;
        complaints found;
        std::string home; // of the component that it is in; empty = none

        bool wants_tls() const { return object && !canary && (!object->tls.empty() || clients); }
    };
    // Ingresses that are translated together, by the name of the first.
    struct component {
        std::vector<std::string> members;
        model::group_ref routes; // null: none
        cluster::lookups asked;
        complaints found;
    };
    using names = std::set<std::string>;
    struct work;

    bool begin(work& now);
    void find_dirty(work& now, bool all);
    void read(work& now, const std::string& name);
    void read_object(work& now, entry& one, const cluster::ref<cluster::ingress>& object);
    web::ties ties_of(const entry& one, const wishes& wants) const;
    std::set<std::string> watched_by(const entry& one) const;
    void watch(names& among);
    void translate_around(work& now);
    void take_out(work& now, const std::string& home);
    void translate(work& now, const names& members);
    void translate_rest(work& now);
    void put(work& now, const std::string& name, component made);
    std::vector<item> items_of(work& now, const component& of) const;
    void read_certificates(work& now);
    void ask(const cluster::lookups& what, const std::string& who);
    void ask_no_more(const cluster::lookups& what, const std::string& who);

    options by_;
    std::vector<model::listener> listeners_;
    certificate_reader certificates_;
    bool begun_ = false;
    settings base_;
    model::gateway base_frame_; // without TLS of Ingresses
    cluster::lookups base_asked_, tls_asked_;
    complaints base_found_, tls_found_;
    std::map<std::string, entry> entries_;
    std::map<std::string, component> components_;
    web web_;
    std::map<cluster::lookup, names> askers_; // Ingresses, and components by their first, with a mark
};

} // namespace adit::source::ingress
