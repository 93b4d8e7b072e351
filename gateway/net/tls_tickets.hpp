// Keys of session tickets (RFC 5077 §4, RFC 8446 §4.6.1): sessions are kept by clients, sealed, so that every
// worker and every replica with the same keys can resume them.
#pragma once

#include "net/openssl.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace adit::net {

// Immutable; any thread. AES-256-CBC and HMAC-SHA-256, as RFC 5077 recommends.
class tls_tickets {
public:
    using secret = std::array<std::uint8_t, 32>;

    // Newest first: the first seals, all open. Not empty.
    explicit tls_tickets(const std::vector<secret>& secrets);

    // For SSL_CTX_set_tlsext_ticket_key_evp_cb(3): 1 or 2 done (2: give a new ticket as well), 0 not one of
    // ours, -1 failed.
    int seal(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) const noexcept;
    int open(const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac)
        const noexcept;

private:
    struct key_set {
        std::array<unsigned char, 16> name;
        std::array<unsigned char, 32> cipher, mac;
    };

    static key_set derive(const secret& from);
    static bool set_mac(EVP_MAC_CTX* mac, const key_set& with) noexcept;

    std::vector<key_set> keys_;
    openssl_ptr<EVP_CIPHER> cipher_; // fetched once: looking it up again and again costs more than using it
};

} // namespace adit::net
