// Wishes about TLS → what workers need for it: files are read, certificates checked.
#pragma once

#include "core/complaint.hpp"
#include "model/gateway.hpp"
#include "net/tls_store.hpp"

#include <memory>
#include <set>
#include <string>

namespace adit::cli {

// Whether some listener speaks TLS, or there are certificates for one that a flag asks for.
bool wants_tls(const model::gateway& wish);

// nullptr when `out` got an error. Without a certificate `spare` serves every name, and with `made_up_first`
// those that no certificate has; it must not be null then.
std::shared_ptr<const net::tls_store> load_tls(
    const model::tls& wish, std::shared_ptr<const net::tls_tickets> tickets,
    std::shared_ptr<const net::tls_certificate> spare, complaints& out
);

// The bytes of a document; true, with nothing, of one that is not asked for.
bool load_document(
    const model::document& from, const place& at, const std::string& key, std::string& into, complaints& out
);

// What load_tls() and upstream_targets::load() would complain of.
void check_tls_files(const model::gateway& wish, complaints& out);

// The files that these read for a route, and for all but the routes.
void add_files(const model::route& of, std::set<std::string>& to);
void add_files(const model::gateway& frame, std::set<std::string>& to);

} // namespace adit::cli
