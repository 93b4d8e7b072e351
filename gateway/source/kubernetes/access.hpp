// How an API server is reached, and as whom: from a kubeconfig, or from what a pod is given.
#pragma once

#include "core/complaint.hpp"
#include "model/service_url.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace adit::source::kubernetes {

inline constexpr const char* service_account_folder = "/var/run/secrets/kubernetes.io/serviceaccount";

// A file that may change, or its content. Both empty = none.
struct material {
    std::filesystem::path file;
    std::string text;

    bool given() const noexcept { return !file.empty() || !text.empty(); }
};

struct access {
    model::service_url server; // its target ends without a slash; empty but for servers below a path
    material authority;        // PEM; none = those that the machine trusts
    bool verify = true;
    std::string server_name; // that the certificate is for; empty = the server's host
    material certificate, key, token;
    std::string name_space; // of the context; empty = not said

    std::string place() const { return server.host + server.target; }
};

// nullopt, with what is wrong in `found`.
std::optional<access> read_kubeconfig(const std::filesystem::path& file, complaints& found);
// By KUBERNETES_SERVICE_HOST and _PORT, with token and ca.crt of the folder.
std::optional<access> read_in_cluster(const std::filesystem::path& folder, complaints& found);

} // namespace adit::source::kubernetes
