#include "cli/demo/stage.hpp"

#include "core/log.hpp"

#include <boost/asio/post.hpp>

#include <exception>

namespace adit::cli {

demo_stage::demo_stage(traffic_options options)
    : work_(context_.get_executor()),
      v1_(context_, demo_upstream::version::v1),
      v2_(context_, demo_upstream::version::v2),
      traffic_(context_, options),
      thread_([this] { run(); }) {}

demo_stage::~demo_stage() {
    end();
}

// One request that runs out of memory, say, does not end the show.
void demo_stage::run() {
    for (;;) {
        try {
            context_.run();
            return;
        } catch (const std::exception& error) {
            log_error("the demo stumbled", {{"error", error.what()}});
        }
    }
}

void demo_stage::open(const boost::asio::ip::tcp::endpoint& gateway, const std::string& weight_command) {
    boost::asio::post(context_, [this, gateway, weight_command] {
        v1_.set_weight_command(weight_command);
        v2_.set_weight_command(weight_command);
        traffic_.start(gateway);
    });
}

std::string demo_stage::end() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
    return traffic_.share_line();
}

} // namespace adit::cli
