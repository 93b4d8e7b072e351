// Follows one collection: carries out what its reflector decides, and tells what comes of it.
#pragma once

#include "core/random.hpp"
#include "source/kubernetes/connection.hpp"
#include "source/kubernetes/message.hpp"
#include "source/kubernetes/reflector.hpp"
#include "source/kubernetes/resource.hpp"

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>

namespace adit::source::kubernetes {

inline constexpr std::size_t max_object_size = 10 * 1024 * 1024; // bytes of JSON; etcd takes 1.5 MiB
inline constexpr std::size_t max_page_size = 256 * 1024 * 1024;  // bytes of one answer to a list

// One thread, the context's.
class follower {
public:
    struct hooks {
        std::function<void(received)> found;            // a new version of an object, or a broken one
        std::function<void(const std::string&)> gone;   // by name
        std::function<void(std::string problem)> noted; // about what has no name; empty: told before, is over
        std::function<void()> turned; // trouble(), or for the first time state().complete(), has changed
    };

    // `as` is shared by all followers.
    follower(
        boost::asio::io_context& context, std::shared_ptr<credentials> as, scope what, hooks tell,
        reflector_rules rules
    );
    ~follower();
    follower(const follower&) = delete;

    void start() { go(); }

    const scope& of() const noexcept { return scope_; }
    const reflector& state() const noexcept { return reflector_; }
    // Why it is not well; empty while it is.
    const std::string& trouble() const noexcept { return trouble_; }
    std::uint64_t events() const noexcept { return events_; }

private:
    void go();
    void ask();
    void head(unsigned status, std::optional<std::chrono::seconds> retry_after);
    void bytes(std::string_view piece);
    void end(const std::string& problem);
    void take_page();
    void take_line(std::string_view line);
    void refuse(unsigned status, std::string words, std::optional<std::chrono::seconds> retry_after);
    void lose(const std::string& problem);
    void well();
    double jitter();

    scope scope_;
    hooks tell_;
    std::shared_ptr<credentials> as_;
    reflector reflector_;
    boost::asio::steady_timer timer_;
    random_source random_;
    unsigned status_ = 0; // of the answer that is coming in
    std::optional<std::chrono::seconds> retry_after_;
    std::string body_; // of a page or a refusal
    line_cutter lines_{max_object_size};
    std::string trouble_;
    std::uint64_t events_ = 0;
    bool stopped_ = false; // what comes after it in a stream is not heard
    connection connection_;
};

} // namespace adit::source::kubernetes
