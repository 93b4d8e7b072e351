// An Ingress's annotations → what it asks for.
#pragma once

#include "source/ingress/settings.hpp"
#include "source/ingress/wishes.hpp"

#include <optional>

namespace adit::source::ingress {

// nullopt: ingress-nginx would not take this version of the object, and neither does Adit; an error is in
// `out`.
std::optional<wishes> read_wishes(
    const cluster::ingress& of, const cluster::view& objects, const settings& base, const options& by,
    complaints& out
);

} // namespace adit::source::ingress
