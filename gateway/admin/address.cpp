#include "admin/server.hpp"

#include "core/ip.hpp"
#include "model/address.hpp"

#include <boost/asio/ip/address.hpp>

namespace adit::admin {
namespace {

namespace asio = boost::asio;

constexpr std::string_view local_name = "localhost:";

// The loopback address stands for its name: asking a resolver what localhost is would be one more way to be
// wrong.
std::optional<model::address> parse(std::string_view text, model::fault* why) {
    if (text.substr(0, local_name.size()) != local_name) return model::parse_address(text, why);
    return model::parse_address("127.0.0.1:" + std::string(text.substr(local_name.size())), why);
}

bool is_loopback(const model::address& where) {
    const auto ip = parse_ip(where.host);
    return ip && ip->is_loopback();
}

} // namespace

std::optional<asio::ip::tcp::endpoint> parse_address(std::string_view address, std::string* why) {
    model::fault fault;
    const auto parsed = parse(address, &fault);
    if (!parsed) {
        if (why) *why = fault.message;
        return std::nullopt;
    }
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(parsed->host.empty() ? "::" : parsed->host, error);
    if (error) {
        if (why) *why = "\"" + parsed->host + "\" is not an IP address";
        return std::nullopt;
    }
    return asio::ip::tcp::endpoint{ip, parsed->port};
}

complaints check_admin_address(std::string_view address, bool has_token, bool open) {
    model::fault fault;
    const auto parsed = parse(address, &fault);
    if (!parsed)
        return {
            {.level = complaint::severity::error,
             .at = {},
             .key = "--admin",
             .message = fault.message,
             .hint = fault.hint.empty() ? "write 127.0.0.1:9090" : fault.hint}};
    if (has_token || is_loopback(*parsed)) return {};
    if (open)
        return {
            {.level = complaint::severity::warning,
             .at = {},
             .key = "--admin-open",
             .message = "whoever reaches " + std::string(address) + " can change weights without a token",
             .hint = "use --admin-token-file outside of closed networks"}};
    return {
        {.level = complaint::severity::error,
         .at = {},
         .key = "--admin",
         .message = std::string(address) + " is not a loopback address and no token is set",
         .hint = "add --admin-token-file FILE, or --admin-open to let everybody in"}};
}

} // namespace adit::admin
