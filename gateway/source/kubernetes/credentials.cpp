#include "source/kubernetes/credentials.hpp"

#include "core/bytes.hpp"
#include "source/file/load.hpp"

#include <algorithm>

namespace adit::source::kubernetes {

namespace {

constexpr std::size_t max_file_size = 1024 * 1024; // bytes of a token or of certificates

// What may stand in a field's value (RFC 9110 §5.5), and in a token (RFC 6750 §2.1) if we are lucky.
bool is_token(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

} // namespace

credentials::credentials(access of)
    : of_(std::move(of)),
      token_{of_.token},
      authority_{of_.authority},
      certificate_{of_.certificate},
      key_{of_.key} {}

bool credentials::read(followed& one) {
    if (one.from.file.empty()) {
        const bool news = !one.was_read;
        one.was_read = true;
        one.text = one.from.text;
        return news;
    }
    const auto now = trace_of(one.from.file);
    if (one.was_read && now == one.seen) return false;
    model::fault why;
    auto text = load_regular(one.from.file, max_file_size, &why);
    if (!text) {
        problem_ = one.from.file.string() + ": the file " + why.message;
        return false;
    }
    one.seen = now;
    const bool news = !one.was_read || *text != one.text;
    one.was_read = true;
    one.text = std::move(*text);
    return news;
}

bool credentials::refresh() {
    problem_.clear();
    const auto before = token_.text;
    if (read(token_)) {
        std::string token(trim_ows(token_.text.substr(0, token_.text.find_last_not_of("\r\n \t") + 1)));
        if (!is_token(token)) {
            problem_ = (of_.token.file.empty() ? "the token" : of_.token.file.string()) +
                       ": there are bytes in it that no token has";
            token = before;
        }
        token_.text = std::move(token);
    }
    if (!of_.server.endpoint.tls) return true;
    bool news = false;
    for (auto* one : {&authority_, &certificate_, &key_}) news = read(*one) || news;
    if (news && !make_tls()) // with all of it again the next time, the other half may be on its way
        for (auto* one : {&authority_, &certificate_, &key_}) one->was_read = false;
    return tls_ != nullptr;
}

bool credentials::make_tls() {
    net::tls_target_settings with;
    with.verify = of_.verify;
    with.name = of_.server_name.empty() ? of_.server.endpoint.host : of_.server_name;
    with.chain = certificate_.text;
    with.key = key_.text;
    std::string why;
    if (with.verify && of_.authority.given()) {
        if (!authority_.was_read) return false; // problem_ says why
        with.trust = net::tls_trust::read(authority_.text, why);
        if (!with.trust) {
            problem_ = of_.authority.file.string() + ": the certificate authority: " + why;
            return false;
        }
    } else if (with.verify) {
        with.trust = net::tls_trust::system();
    }
    with.trust_text = authority_.text;
    auto made = net::tls_target::make(std::move(with), why);
    if (!made) {
        problem_ = "the client certificate: " + why;
        return false;
    }
    tls_ = std::move(made);
    return true;
}

} // namespace adit::source::kubernetes
