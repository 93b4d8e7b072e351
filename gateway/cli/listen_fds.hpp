// Listening sockets that the process was started with, as systemd hands them over (sd_listen_fds(3)): from
// descriptor 3 on, LISTEN_FDS of them, for the process LISTEN_PID, named by LISTEN_FDNAMES. Whoever holds
// them as well can start the next Adit on the same sockets: no connection is lost between the two, because no
// queue is closed.
#pragma once

#include "net/stream.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::cli {

enum class listen_for { http, https, admin, status };

struct inherited_socket {
    int descriptor;
    listen_for purpose;
    net::tcp::endpoint at;
};

struct listen_environment {
    const char *fds, *pid, *names; // null where the variable is not set
};

// What each of the sockets is for. Names are http, https, admin and status; one that is missing, that says
// "unknown" (systemd's word for none) or is a unit's ("adit.socket") means http. On failure `why` is a
// sentence.
std::optional<std::vector<listen_for>>
read_listen_environment(const listen_environment& from, int own_pid, std::string& why);

// Takes the sockets over: they are no longer inherited by children, and the variables are gone. On failure
// `why` is a sentence.
std::optional<std::vector<inherited_socket>> take_listen_fds(std::string& why);

// The descriptors of one purpose and address, for each address.
struct socket_group {
    net::tcp::endpoint at;
    std::vector<int> descriptors;
};
std::vector<socket_group> group_sockets(const std::vector<inherited_socket>& all, listen_for purpose);

} // namespace adit::cli
