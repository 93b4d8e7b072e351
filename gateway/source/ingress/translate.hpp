// Kubernetes objects → what a gateway is asked for, as ingress-nginx would read them.
#pragma once

#include "core/complaint.hpp"
#include "model/gateway.hpp"
#include "source/cluster/state.hpp"
#include "source/ingress/certificates.hpp"
#include "source/ingress/options.hpp"

#include <map>
#include <string>
#include <vector>

namespace adit::source::ingress {

struct translation {
    model::gateway wish; // passes validate(): what did not is left out
    complaints found;    // errors are about objects, or parts of them, that are not in force in this version
};

// Remembers the last good version of objects; else the same objects give the same answer. Any one thread.
class translator {
public:
    // `listeners` are those of the wish.
    translator(options by, std::vector<model::listener> listeners)
        : by_(std::move(by)), listeners_(std::move(listeners)) {}

    translation run(const cluster::state& from);

private:
    std::vector<item> read_all(const cluster::state& from, const struct settings& base, complaints& out);

    options by_;
    std::vector<model::listener> listeners_;
    certificate_reader certificates_;
    std::map<std::string, cluster::ref<cluster::ingress>, std::less<>> last_good_; // by key
};

} // namespace adit::source::ingress
