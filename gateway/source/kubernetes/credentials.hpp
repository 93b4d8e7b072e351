// What a request to the API server shows and trusts, read again when the files behind it change: tokens of
// service accounts are rotated every hour or so.
#pragma once

#include "net/tls_target.hpp"
#include "source/file/trace.hpp"
#include "source/kubernetes/access.hpp"

#include <memory>
#include <optional>
#include <string>

namespace adit::source::kubernetes {

// One thread.
class credentials {
public:
    explicit credentials(access of);

    // Before each request. What cannot be read stays as it was, with the reason in problem(). False while
    // there is nothing yet to connect with.
    bool refresh();
    // The API server does not take the token: it is read again whatever stat(2) says.
    void doubt_token() noexcept { token_.seen = {}; }

    const access& of() const noexcept { return of_; }
    const std::string& token() const noexcept { return token_.text; } // empty = none
    // Null for a server in clear. Another object when certificates have changed.
    const std::shared_ptr<const net::tls_target>& tls() const noexcept { return tls_; }
    const std::string& problem() const noexcept { return problem_; }

private:
    struct followed {
        material from;
        trace seen{};
        std::string text{};
        bool was_read = false;
    };

    // True when the text is another than before.
    bool read(followed& one);
    bool make_tls();

    access of_;
    followed token_, authority_, certificate_, key_;
    std::shared_ptr<const net::tls_target> tls_;
    std::string problem_;
};

} // namespace adit::source::kubernetes
