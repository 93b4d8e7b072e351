#include "cli/listen_fds.hpp"

#include "core/bytes.hpp"
#include "net/listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace adit::cli {

namespace {

constexpr int first_descriptor = 3; // SD_LISTEN_FDS_START
constexpr std::uint64_t most_sockets = 4096;

std::optional<listen_for> purpose_of(std::string_view name) {
    if (name.empty() || name == "unknown" || name == "http" || name.ends_with(".socket"))
        return listen_for::http;
    if (name == "https") return listen_for::https;
    if (name == "admin") return listen_for::admin;
    if (name == "status") return listen_for::status;
    return std::nullopt;
}

int option_of(int descriptor, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

// What is wrong with it, or nothing.
std::string check(int descriptor) {
    if (::fcntl(descriptor, F_GETFD) < 0) return "is not open";
    const int family = option_of(descriptor, SO_DOMAIN);
    if (option_of(descriptor, SO_TYPE) != SOCK_STREAM || (family != AF_INET && family != AF_INET6))
        return "is no TCP socket";
    if (option_of(descriptor, SO_ACCEPTCONN) != 1) return "does not listen";
    return {};
}

} // namespace

std::optional<std::vector<listen_for>>
read_listen_environment(const listen_environment& from, int own_pid, std::string& why) {
    if (!from.fds) {
        why = "LISTEN_FDS is not set: --listen-fds is for a process that is handed its sockets";
        return std::nullopt;
    }
    const auto pid = from.pid ? parse_decimal(from.pid) : std::nullopt;
    if (!pid || *pid != static_cast<std::uint64_t>(own_pid)) {
        why = "LISTEN_PID is " + (from.pid ? '"' + std::string(from.pid) + '"' : "not set") +
              " and this is process " + std::to_string(own_pid) + ": the sockets are meant for another one";
        return std::nullopt;
    }
    const auto count = parse_decimal(from.fds);
    if (!count || *count == 0 || *count > most_sockets) {
        why = "LISTEN_FDS is \"" + std::string(from.fds) + "\": a number of sockets is wanted";
        return std::nullopt;
    }
    std::vector<listen_for> out;
    std::string_view names = from.names ? from.names : "";
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto end = std::min(names.find(':'), names.size());
        const auto name = names.substr(0, end);
        names.remove_prefix(std::min(end + 1, names.size()));
        const auto purpose = purpose_of(name);
        if (!purpose) {
            why = "LISTEN_FDNAMES names a socket \"" + std::string(name) +
                  "\": http, https, admin and status are known";
            return std::nullopt;
        }
        out.push_back(*purpose);
    }
    return out;
}

std::optional<std::vector<inherited_socket>> take_listen_fds(std::string& why) {
    const listen_environment from{
        std::getenv("LISTEN_FDS"), std::getenv("LISTEN_PID"), std::getenv("LISTEN_FDNAMES")};
    const auto purposes = read_listen_environment(from, ::getpid(), why);
    if (!purposes) return std::nullopt;
    std::vector<inherited_socket> out;
    for (std::size_t i = 0; i < purposes->size(); ++i) {
        const int descriptor = first_descriptor + static_cast<int>(i);
        if (const auto wrong = check(descriptor); !wrong.empty()) {
            why = "the inherited descriptor " + std::to_string(descriptor) + ' ' + wrong;
            return std::nullopt;
        }
        ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
        ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
        const int on = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // accepted ones inherit it
        out.push_back({descriptor, (*purposes)[i], net::bound_endpoint(descriptor)});
    }
    for (const char* name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}) ::unsetenv(name);
    return out;
}

std::vector<socket_group> group_sockets(const std::vector<inherited_socket>& all, listen_for purpose) {
    std::vector<socket_group> out;
    for (const auto& one : all) {
        if (one.purpose != purpose) continue;
        auto group =
            std::find_if(out.begin(), out.end(), [&](const auto& known) { return known.at == one.at; });
        if (group == out.end()) group = out.insert(out.end(), {one.at, {}});
        group->descriptors.push_back(one.descriptor);
    }
    return out;
}

} // namespace adit::cli
