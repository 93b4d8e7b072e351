// Certificates of Secrets, for the hosts of Ingresses with a `tls` section.
#pragma once

#include "model/tls.hpp"
#include "source/cluster/view.hpp"
#include "source/ingress/options.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source::ingress {

// What is wrong with certificates of authorities, and with OpenSSL's list of ciphers; empty = nothing.
std::string fault_of_authorities(std::string_view pem);
std::string fault_of_ciphers(const std::string& list);

// What an ordinary Ingress wants of TLS.
struct tls_wish {
    cluster::ref<cluster::ingress> object;
    std::shared_ptr<const model::client_certificates> clients; // null: none are asked for
};

// Remembers the last good version of each Secret, which stays in force while the present one is bad.
class certificate_reader {
public:
    // Of all of these, the oldest first, each Secret once; before them that of the options. Without
    // that one a made-up certificate is for names that have none, as ingress-nginx has its "fake" one. Client
    // certificates of a host are asked for as its oldest Ingress says.
    model::tls
    read(const cluster::view& from, const std::vector<tls_wish>& all, const options& by, complaints& out);

private:
    struct pair {
        std::string chain, key;
        bool operator==(const pair&) const = default;
    };

    void
    add(const cluster::view& from, const std::string& key, const std::string& wanted_by, const place& at,
        model::tls& into, complaints& out);

    std::map<std::string, pair, std::less<>> last_good_; // by the Secret's key
};

} // namespace adit::source::ingress
