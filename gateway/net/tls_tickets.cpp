#include "net/tls_tickets.hpp"

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace adit::net {

namespace {

std::array<unsigned char, 32> labelled(const tls_tickets::secret& key, std::string_view label) {
    std::array<unsigned char, 32> out{};
    unsigned size = out.size();
    HMAC(
        EVP_sha256(), key.data(), static_cast<int>(key.size()),
        reinterpret_cast<const unsigned char*>(label.data()), label.size(), out.data(), &size
    );
    return out;
}

} // namespace

tls_tickets::tls_tickets(const std::vector<secret>& secrets)
    : cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr)) {
    for (const auto& one : secrets) keys_.push_back(derive(one));
}

tls_tickets::key_set tls_tickets::derive(const secret& from) {
    key_set out{};
    const auto name = labelled(from, "adit ticket name");
    std::copy_n(name.begin(), out.name.size(), out.name.begin());
    out.cipher = labelled(from, "adit ticket cipher");
    out.mac = labelled(from, "adit ticket mac");
    return out;
}

bool tls_tickets::set_mac(EVP_MAC_CTX* mac, const key_set& with) noexcept {
    char digest[] = "SHA256";
    const OSSL_PARAM settings[]{
        OSSL_PARAM_construct_octet_string(
            OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(with.mac.data()), with.mac.size()
        ),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, settings) == 1;
}

int tls_tickets::seal(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac)
    const noexcept {
    const auto& key = keys_.front();
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(cipher_.get())) != 1) return -1;
    std::memcpy(name, key.name.data(), key.name.size());
    const bool good = EVP_EncryptInit_ex2(cipher, cipher_.get(), key.cipher.data(), iv, nullptr) == 1;
    return good && set_mac(mac, key) ? 1 : -1;
}

int tls_tickets::open(
    const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac
) const noexcept {
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        const auto& key = keys_[i];
        if (std::memcmp(name, key.name.data(), key.name.size()) != 0) continue;
        const bool good = EVP_DecryptInit_ex2(cipher, cipher_.get(), key.cipher.data(), iv, nullptr) == 1;
        if (!good || !set_mac(mac, key)) return -1;
        return i == 0 ? 1 : 2;
    }
    return 0;
}

} // namespace adit::net
