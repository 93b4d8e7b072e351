// The readers of read_wishes(), one for each family of annotations.
#pragma once

#include "source/ingress/annotations.hpp"
#include "source/ingress/read_wishes.hpp"

namespace adit::source::ingress {

struct reading {
    annotation_reader& from;
    const cluster::view& objects;
    const settings& base;
    const options& by;
    wishes& into;
};

void read_affinity(const reading& in);
void read_balance(const reading& in);
void read_upstream(const reading& in); // timeouts, retries, TLS, Host
void read_guards(const reading& in);   // who may come, how often, with how much
void read_auth(const reading& in);
void read_clients(const reading& in); // certificates that clients have to show
void read_redirects(const reading& in);
void read_headers(const reading& in); // CORS, custom-headers
void read_errors(const reading& in);

// Adit's own annotations, last: they rule over all others. `from` reads those with own_prefix.
inline constexpr std::string_view own_prefix = "adit.dev";
void read_own(annotation_reader& from, wishes& into);

// "namespace/name", or a name of the Ingress's own namespace; empty where it may not be named, which is
// refused.
std::string other_object(const reading& in, std::string_view annotation);

} // namespace adit::source::ingress
