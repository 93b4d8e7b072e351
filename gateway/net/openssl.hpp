// OpenSSL's objects with an owner, and its errors as text.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

namespace adit::net {

struct openssl_free {
    void operator()(SSL* one) const noexcept { SSL_free(one); }
    void operator()(SSL_CTX* one) const noexcept { SSL_CTX_free(one); }
    void operator()(SSL_SESSION* one) const noexcept { SSL_SESSION_free(one); }
    void operator()(BIO* one) const noexcept { BIO_free_all(one); }
    void operator()(BIO_METHOD* one) const noexcept { BIO_meth_free(one); }
    void operator()(X509* one) const noexcept { X509_free(one); }
    void operator()(X509_STORE* one) const noexcept { X509_STORE_free(one); }
    void operator()(EVP_PKEY* one) const noexcept { EVP_PKEY_free(one); }
    void operator()(EVP_CIPHER* one) const noexcept { EVP_CIPHER_free(one); }
    void operator()(EVP_MD* one) const noexcept { EVP_MD_free(one); }
    void operator()(STACK_OF(X509) * one) const noexcept { sk_X509_pop_free(one, X509_free); }
    void operator()(STACK_OF(X509_NAME) * one) const noexcept { sk_X509_NAME_pop_free(one, X509_NAME_free); }
};
template <class T>
using openssl_ptr = std::unique_ptr<T, openssl_free>;

// The oldest error of this thread's queue, which is emptied: "bad base64 decode". Empty without one.
inline std::string take_openssl_error() {
    const auto code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return {};
    const char* reason = ERR_reason_error_string(code);
    return reason ? reason : "error " + std::to_string(code);
}

} // namespace adit::net
