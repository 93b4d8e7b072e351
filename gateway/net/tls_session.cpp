#include "net/tls_session.hpp"

#include "net/tls_client_rule.hpp"
#include "net/tls_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace adit::net {

using observe::tls_failure;

// OpenSSL's view of a session's socket.
struct tls_bio {
    static BIO_METHOD* method() {
        static const openssl_ptr<BIO_METHOD> made = [] {
            openssl_ptr<BIO_METHOD> out(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "adit"));
            BIO_meth_set_read(out.get(), &read);
            BIO_meth_set_write(out.get(), &write);
            BIO_meth_set_ctrl(out.get(), &control);
            BIO_meth_set_create(out.get(), [](BIO* one) {
                BIO_set_init(one, 1);
                return 1;
            });
            return out;
        }();
        return made.get();
    }
    static tls_session& session(BIO* one) { return *static_cast<tls_session*>(BIO_get_data(one)); }

    static int read(BIO* one, char* data, int size) {
        BIO_clear_retry_flags(one);
        const int got = session(one).read_wire(data, size);
        if (got < 0 && session(one).cause_ == tls_session::cause::none) BIO_set_retry_read(one);
        return got;
    }
    static int write(BIO* one, const char* data, int size) {
        BIO_clear_retry_flags(one);
        auto& out = session(one).wire_.out;
        out.insert(out.end(), data, data + size);
        return size;
    }
    static long control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }
};

tls_session::tls_session(tls_wire& wire, openssl_ptr<SSL> connection)
    : wire_(wire), connection_(std::move(connection)) {
    auto* bio = BIO_new(tls_bio::method());
    BIO_set_data(bio, this);
    SSL_set_bio(connection_.get(), bio, bio);
    SSL_set_app_data(connection_.get(), this);
}

std::unique_ptr<tls_session>
tls_session::serve(tls_wire& wire, std::shared_ptr<const tls_store> store, std::string_view early) {
    auto connection = store->connection();
    if (!connection) return nullptr;
    std::unique_ptr<tls_session> out(new tls_session(wire, std::move(connection)));
    out->store_ = std::move(store);
    out->early_ = early;
    out->server_ = true;
    SSL_set_accept_state(out->connection_.get());
    return out;
}

std::unique_ptr<tls_session>
tls_session::call(tls_wire& wire, openssl_ptr<SSL> connection, openssl_ptr<SSL_SESSION>* kept) {
    if (!connection) return nullptr;
    std::unique_ptr<tls_session> out(new tls_session(wire, std::move(connection)));
    out->kept_ = kept;
    SSL_set_connect_state(out->connection_.get());
    if (kept && *kept) {
        // A copy: OpenSSL lets a session of TLS 1.3 be resumed once, and not every server gives another.
        const openssl_ptr<SSL_SESSION> copy(SSL_SESSION_dup(kept->get()));
        if (copy) SSL_set_session(out->connection_.get(), copy.get());
    }
    return out;
}

tls_session::~tls_session() {
    // Whatever happened to the connection, its session may be resumed: only a failed handshake says
    // otherwise.
    if (shaken_) SSL_set_shutdown(connection_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    wire_.give_back(std::move(unsent_));
}

int tls_session::keep(SSL* connection, SSL_SESSION* session) {
    auto* self = static_cast<tls_session*>(SSL_get_app_data(connection));
    if (!self || !self->kept_) return 0; // none where somebody else drives a prepared connection
    self->kept_->reset(session);
    return 1; // it is ours now
}

void tls_session::client_said(
    const std::string& host, const tls_certificate& chosen, std::shared_ptr<const tls_client_rule> rule
) {
    host_ = host;
    certificate_ = &chosen;
    rule_ = std::move(rule);
}

// The number of bytes; 0 or less with the reason in cause_, which is `none` when there is nothing yet.
int tls_session::read_wire(char* data, int size) noexcept {
    if (early_at_ < early_.size()) {
        const auto part = std::min(early_.size() - early_at_, static_cast<std::size_t>(size));
        std::memcpy(data, early_.data() + early_at_, part);
        early_at_ += part;
        if (early_at_ == early_.size()) {
            std::string().swap(early_);
            early_at_ = 0;
        }
        return static_cast<int>(part);
    }
    cause_ = cause::none;
    if (!stream_->readable_) return -1;
    std::size_t got = 0;
    switch (stream_->receive_raw(data, static_cast<std::size_t>(size), got)) {
    case io::done: return static_cast<int>(got);
    case io::blocked: return -1;
    case io::closed: cause_ = cause::end; return 0;
    case io::failed: break;
    }
    cause_ = cause::error;
    error_ = errno;
    return -1;
}

// What a call that gave `result` comes to; never `done`.
io tls_session::outcome_of(int result) noexcept {
    switch (SSL_get_error(connection_.get(), result)) {
    case SSL_ERROR_WANT_READ: return io::blocked;
    case SSL_ERROR_ZERO_RETURN: return io::closed;
    default: break;
    }
    broken_ = true;
    errno = cause_ == cause::error ? error_ : EPROTO;
    // Many clients only close their socket. Nothing of HTTP ends there that has not said so itself; but of an
    // upstream's answer that ends with the connection the end could be anybody's.
    if (cause_ == cause::end && server_) return io::closed;
    if (cause_ == cause::end) errno = ECONNABORTED;
    return io::failed;
}

void tls_session::explain() noexcept {
    const auto code = ERR_peek_error();
    const auto verdict = SSL_get_verify_result(connection_.get());
    reason_ = take_openssl_error();
    if (code == 0 || cause_ != cause::none) {
        failure_ = tls_failure::closed;
        return;
    }
    if (ERR_GET_LIB(code) != ERR_LIB_SSL) {
        failure_ = tls_failure::malformed;
        return;
    }
    const int reason = ERR_GET_REASON(code);
    if (reason >= SSL_AD_REASON_OFFSET) {
        failure_ = tls_failure::refused;
        return;
    }
    switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_WRONG_SSL_VERSION: failure_ = tls_failure::no_version; break;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS: failure_ = tls_failure::no_cipher; break;
    case SSL_R_NO_APPLICATION_PROTOCOL: failure_ = tls_failure::no_application; break;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
        failure_ = tls_failure::untrusted;
        reason_ = X509_verify_cert_error_string(verdict);
        break;
    default: failure_ = tls_failure::malformed; break;
    }
}

io tls_session::handshake() noexcept {
    ERR_clear_error();
    const int result = SSL_do_handshake(connection_.get());
    if (result == 1) {
        // The last that is said can wait for the first bytes that are carried: a ticket, or the word of who
        // speaks next anyway. Only the server's of TLS 1.2 is waited for.
        if (!server_ || tls13()) {
            keep_for_later();
        } else if (push() == io::failed) {
            failure_ = tls_failure::closed;
            return io::failed;
        }
        shaken_ = true;
        store_.reset();
        certificate_ = nullptr;
        if (rule_) client_ = tls_client_identity::of(connection_.get(), *rule_);
        return io::done;
    }
    const auto outcome = outcome_of(result);
    if (outcome != io::blocked) {
        broken_ = true;
        explain();
    }
    if (push() == io::failed && outcome == io::blocked) {
        failure_ = tls_failure::closed;
        return io::failed;
    }
    if (outcome == io::blocked) return outcome;
    errno = EPROTO;
    return io::failed;
}

io tls_session::receive(char* data, std::size_t size, std::size_t& got) noexcept {
    got = 0;
    auto outcome = io::blocked;
    bool whole = false; // the socket and OpenSSL are known to have no more
    do {
        std::size_t part = 0;
        ERR_clear_error();
        const int result = SSL_read_ex(connection_.get(), data + got, size - got, &part);
        if (result != 1) {
            outcome = outcome_of(result);
            break;
        }
        got += part;
        whole = !stream_->readable_ && !holds_bytes();
    } while (got < size && !whole);
    // An answer to something that was no data: a change of keys, an alert.
    if (!wire_.out.empty() && push() == io::failed && got == 0) return io::failed;
    if (got == 0) return outcome;
    // No edge will tell of what is left in here, nor of an end that is known already.
    if (outcome != io::blocked || (got == size && holds_bytes())) stream_->readable_ = true;
    return io::done;
}

void tls_session::encrypt(const iovec* parts, std::size_t count, std::size_t& taken) noexcept {
    std::size_t offset = 0; // in *parts
    const auto write = [&](const char* data, std::size_t size) {
        std::size_t written = 0;
        ERR_clear_error();
        if (SSL_write_ex(connection_.get(), data, size, &written) != 1) broken_ = true;
        taken += written;
    };
    while (count > 0 && taken < tls_wire::turn && !broken_) {
        const auto* data = static_cast<const char*>(parts->iov_base) + offset;
        const auto left = parts->iov_len - offset;
        if (left >= tls_wire::record) {
            // Whole records out of one part need not be copied together.
            const auto size = std::min(left - left % tls_wire::record, tls_wire::turn - taken);
            write(data, size);
            offset += size;
        } else {
            std::size_t filled = 0;
            while (count > 0 && filled < tls_wire::record) {
                const auto size = std::min(parts->iov_len - offset, tls_wire::record - filled);
                std::memcpy(wire_.plain + filled, static_cast<const char*>(parts->iov_base) + offset, size);
                filled += size;
                offset += size;
                if (offset < parts->iov_len) break;
                offset = 0;
                ++parts;
                --count;
            }
            write(wire_.plain, filled);
            continue;
        }
        if (offset == parts->iov_len) {
            offset = 0;
            ++parts;
            --count;
        }
    }
}

io tls_session::send(const iovec* parts, std::size_t count, std::size_t& sent) noexcept {
    sent = 0;
    if (held_back_) {
        if (const auto outcome = flush(); outcome != io::done) return outcome;
        held_back_ = false;
        sent = 1;
        return io::done;
    }
    std::size_t taken = 0;
    encrypt(parts, count, taken);
    if (broken_) {
        wire_.out.clear();
        errno = EPROTO;
        return io::failed;
    }
    switch (push()) {
    case io::done: sent = taken; return io::done;
    case io::blocked:
        held_back_ = taken > 0;
        sent = taken - (held_back_ ? 1 : 0);
        return io::blocked;
    default: return io::failed;
    }
}

// Sends what lies in the wire's memory, behind what was held back before. done: all of it; blocked: what is
// left is kept.
io tls_session::push() noexcept {
    auto& out = wire_.out;
    if (!unsent_.empty()) {
        keep_for_later();
        return flush();
    }
    std::size_t at = 0;
    const auto outcome = deliver(at, out);
    if (outcome == io::blocked) {
        unsent_ = wire_.borrow();
        unsent_.assign(out.begin() + static_cast<std::ptrdiff_t>(at), out.end());
        unsent_at_ = 0;
    }
    out.clear();
    return outcome;
}

void tls_session::keep_for_later() {
    auto& out = wire_.out;
    if (out.empty()) return;
    if (unsent_.empty()) unsent_ = wire_.borrow();
    unsent_.insert(unsent_.end(), out.begin(), out.end());
    out.clear();
}

io tls_session::flush() noexcept {
    if (unsent_.empty()) return io::done;
    const auto outcome = deliver(unsent_at_, unsent_);
    if (outcome != io::done) return outcome;
    wire_.give_back(std::move(unsent_));
    unsent_ = {};
    unsent_at_ = 0;
    return io::done;
}

io tls_session::deliver(std::size_t& at, const std::vector<char>& bytes) noexcept {
    while (at < bytes.size()) {
        iovec part{const_cast<char*>(bytes.data()) + at, bytes.size() - at};
        std::size_t sent = 0;
        const auto outcome = stream_->send_raw(&part, 1, sent);
        if (outcome != io::done) return outcome;
        at += sent;
    }
    return io::done;
}

bool tls_session::silent() noexcept {
    if (holds_bytes()) return false;
    stream_->readable_ = true; // ask the socket
    char octet;
    std::size_t got = 0;
    ERR_clear_error();
    const int result = SSL_peek_ex(connection_.get(), &octet, 1, &got);
    const bool nothing = result != 1 && outcome_of(result) == io::blocked;
    if (!nothing) stream_->readable_ = true; // whoever reads is not told a second time
    if (!wire_.out.empty() && push() == io::failed) return false;
    return nothing;
}

void tls_session::say_end() noexcept {
    if (!shaken_ || broken_ || ended_ || silenced_) return;
    ended_ = true;
    ERR_clear_error();
    SSL_shutdown(connection_.get());
    ERR_clear_error();
    push();
}

} // namespace adit::net
