// A collector of traces as one asks it: HTTP requests one after the other, over a connection that is kept.
#pragma once

#include "model/service_url.hpp"
#include "model/tracing.hpp"
#include "net/tls_target.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace adit::cli {

struct collector_settings {
    model::service_url where;
    std::shared_ptr<const net::tls_target> tls; // null = in clear
    model::tracing::texts headers;
    std::chrono::milliseconds timeout{10'000}; // of one request
};

// One thread only, the context's.
class collector {
public:
    struct answer {
        unsigned status = 0;     // 0: there was none
        std::string retry_after; // the field, as it came
        std::string body;        // at most 64 KiB of it
        std::string problem;     // why there was none
    };
    using listener = std::function<void(answer)>;

    collector(boost::asio::io_context& context, collector_settings settings);
    // Nobody hears of what is under way.
    ~collector();
    collector(const collector&) = delete;

    // JSON. Not before the last one was answered.
    void post(std::string body, listener done);
    const collector_settings& settings() const noexcept { return settings_; }

private:
    class link;
    struct asked;

    void ask();
    void told(answer what, bool keeps);

    boost::asio::io_context& context_;
    const collector_settings settings_;
    std::shared_ptr<link> link_; // the connection, while there is one
    std::unique_ptr<asked> asked_;
};

} // namespace adit::cli
