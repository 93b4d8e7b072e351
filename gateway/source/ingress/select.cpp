#include "source/ingress/select.hpp"

#include <algorithm>

namespace adit::source::ingress {

namespace {

constexpr std::string_view class_annotation = "kubernetes.io/ingress.class";
constexpr std::string_view default_annotation = "ingressclass.kubernetes.io/is-default-class";

// What the API server would have written into an Ingress without a class.
const cluster::ingress_class* default_class(const cluster::state& from) {
    for (const auto& [key, one] : from.all<cluster::ingress_class>()) {
        const auto* mark = cluster::find_note(one->meta.annotations, default_annotation);
        if (mark && mark->value == "true") return one.get();
    }
    return nullptr;
}

} // namespace

selection::selection(const cluster::state& from, const options& by, complaints& out)
    : from_(from), by_(by), out_(out), default_(default_class(from)) {}

bool selection::takes(const cluster::ingress& one) const {
    if (!by_.name_space.empty() && one.meta.name_space != by_.name_space) return false;
    if (!by_.namespace_selector.empty()) {
        const auto* space = from_.find<cluster::name_space>(one.meta.name_space);
        if (!space || !by_.namespace_selector.matches(space->meta.labels)) return false;
    }
    if (!one.class_name.empty()) return takes_class(one);
    if (const auto* named = cluster::find_note(one.meta.annotations, class_annotation);
        named && !named->value.empty())
        return named->value == by_.ingress_class;
    if (by_.without_class) return true;
    return default_ && default_->controller == by_.controller_class;
}

bool selection::takes_class(const cluster::ingress& one) const {
    if (const auto* known = from_.find<cluster::ingress_class>(one.class_name))
        return known->controller == by_.controller_class;
    out_.push_back(
        {complaint::severity::warning, one.meta.at, "Ingress " + one.meta.key() + ": spec.ingressClassName",
         "there is no IngressClass `" + one.class_name + "`, so nobody serves this Ingress",
         "make one with spec.controller: " + by_.controller_class}
    );
    return false;
}

bool comes_first(const cluster::ingress& a, const cluster::ingress& b) {
    if (a.meta.created != b.meta.created) return a.meta.created < b.meta.created;
    return a.meta.key() > b.meta.key();
}

std::vector<cluster::ref<cluster::ingress>>
select(const cluster::state& from, const options& by, complaints& out) {
    const selection chosen(from, by, out);
    std::vector<cluster::ref<cluster::ingress>> all;
    for (const auto& [key, one] : from.all<cluster::ingress>())
        if (chosen.takes(*one)) all.push_back(one);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return comes_first(*a, *b); });
    return all;
}

} // namespace adit::source::ingress
