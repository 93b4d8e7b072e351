// Which Ingresses are this controller's.
#pragma once

#include "source/cluster/state.hpp"
#include "source/ingress/options.hpp"

#include <vector>

namespace adit::source::ingress {

// Looks at IngressClasses and Namespaces: another one is needed when they change.
class selection {
public:
    // All live as long as the selection. Warns of classes that are not there.
    selection(const cluster::state& from, const options& by, complaints& out);

    bool takes(const cluster::ingress& one) const;

private:
    bool takes_class(const cluster::ingress& one) const;

    const cluster::state& from_;
    const options& by_;
    complaints& out_;
    const cluster::ingress_class* default_;
};

// ingress-nginx's order, in which the first one that asks for something has it: by age, and by name downwards
// where that is the same.
bool comes_first(const cluster::ingress& a, const cluster::ingress& b);

// All of them, in that order.
std::vector<cluster::ref<cluster::ingress>>
select(const cluster::state& from, const options& by, complaints& out);

} // namespace adit::source::ingress
