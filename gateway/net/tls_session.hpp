// TLS on one connection, between a stream's callers, who see plain bytes, and its socket.
//
// OpenSSL neither reads nor writes the socket by itself: what it wants to read is received with one call as
// large as its buffer, unless the socket is known to be empty, and the records that it makes are collected
// and sent with one call.
#pragma once

#include "net/openssl.hpp"
#include "net/stream.hpp"
#include "net/tls_wire.hpp"
#include "observe/tls_counters.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace adit::net {

class tls_store;
struct tls_certificate;
struct tls_client_rule;
struct tls_client_identity;

// Belongs to one stream, which calls everything in here that moves bytes.
class tls_session {
public:
    // The server's side. `early` are bytes that were received already.
    static std::unique_ptr<tls_session>
    serve(tls_wire& wire, std::shared_ptr<const tls_store> store, std::string_view early);
    // The client's side of a prepared connection. Its last word of the handshake goes out with the first
    // bytes that are sent (or with none: send() of no parts). `kept`, if not null, outlives the session and
    // gets the newest one to resume.
    static std::unique_ptr<tls_session>
    call(tls_wire& wire, openssl_ptr<SSL> connection, openssl_ptr<SSL_SESSION>* kept);
    ~tls_session();

    void attach(stream& to) noexcept { stream_ = &to; }

    // done: bytes may be carried; failed: failure() says why, and the other side has been told.
    io handshake() noexcept;
    // As a stream's. Of bytes that were encrypted but did not fit into the socket the last is not counted as
    // sent until they did: who waits for all to be sent waits for the socket too.
    io receive(char* data, std::size_t size, std::size_t& got) noexcept;
    io send(const iovec* parts, std::size_t count, std::size_t& sent) noexcept;
    // Whether nothing but tickets and the like has come.
    bool silent() noexcept;
    // Bytes lie in here that the socket will not tell of.
    bool holds_bytes() const noexcept {
        return SSL_has_pending(connection_.get()) == 1 || early_at_ < early_.size();
    }
    // What was held back, when the socket has room. done: nothing is left.
    io flush() noexcept;
    // Says that no more will be sent (close_notify, RFC 8446 §6.1). Once.
    void say_end() noexcept;
    // Nothing more is to be said to the other side.
    void be_silent() noexcept { silenced_ = true; }

    // After the handshake, or as far as it has come.
    observe::tls_failure failure() const noexcept { return failure_; }
    // What OpenSSL or the verification said, for a log; may be empty.
    const std::string& reason() const noexcept { return reason_; }
    bool resumed() const noexcept { return SSL_session_reused(connection_.get()) == 1; }
    bool tls13() const noexcept { return SSL_version(connection_.get()) >= TLS1_3_VERSION; }
    // "TLSv1.3"; of a text that outlives the session.
    std::string_view version_text() const noexcept { return SSL_get_version(connection_.get()); }
    // The name that the client asked for, in lower case; empty if it asked for none.
    const std::string& host() const noexcept { return host_; }
    // The rule under which the connection was made; null = no demands.
    const tls_client_rule* rule() const noexcept { return rule_.get(); }
    // Not null where there is a rule, once the handshake is done.
    const tls_client_identity* client() const noexcept { return client_.get(); }
    const tls_certificate* certificate() const noexcept { return certificate_; }

    SSL* handle() const noexcept { return connection_.get(); }

    // For SSL_CTX_sess_set_new_cb(3) of contexts that prepare connections for call().
    static int keep(SSL* connection, SSL_SESSION* session);
    // For tls_store.
    void client_said(
        const std::string& host, const tls_certificate& chosen, std::shared_ptr<const tls_client_rule> rule
    );

private:
    friend struct tls_bio;

    enum class cause : std::uint8_t { none, end, error }; // why the socket gave no bytes

    tls_session(tls_wire& wire, openssl_ptr<SSL> connection);

    io outcome_of(int result) noexcept;
    void explain() noexcept;
    io push() noexcept;
    void keep_for_later();
    io deliver(std::size_t& at, const std::vector<char>& bytes) noexcept;
    void encrypt(const iovec* parts, std::size_t count, std::size_t& taken) noexcept;
    int read_wire(char* data, int size) noexcept;

    tls_wire& wire_;
    stream* stream_ = nullptr;
    openssl_ptr<SSL> connection_;
    std::shared_ptr<const tls_store> store_; // until the handshake is done
    std::shared_ptr<const tls_client_rule> rule_;
    std::unique_ptr<tls_client_identity> client_;
    const tls_certificate* certificate_ = nullptr; // of store_
    openssl_ptr<SSL_SESSION>* kept_ = nullptr;
    std::string host_, reason_;
    std::string early_;
    std::size_t early_at_ = 0;
    std::vector<char> unsent_;
    std::size_t unsent_at_ = 0;
    observe::tls_failure failure_ = observe::tls_failure::none;
    cause cause_ = cause::none;
    int error_ = 0;          // of the socket
    bool held_back_ = false; // the last byte of what was encrypted
    bool shaken_ = false, broken_ = false, ended_ = false, silenced_ = false, server_ = false;
};

} // namespace adit::net
