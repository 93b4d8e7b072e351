#include "source/kubernetes/access.hpp"

#include "source/cluster/decode.hpp"
#include "source/cluster/field.hpp"
#include "source/file/load.hpp"

#include <cstdlib>

namespace adit::source::kubernetes {

namespace {

using cluster::field;

constexpr std::size_t max_kubeconfig_size = 4 * 1024 * 1024; // bytes

// The entry of a list of named things, as contexts, clusters and users are.
field named(const field& root, std::string_view list, const std::string& name, std::string_view inner) {
    for (const auto& one : root[list].items())
        if (one["name"].text() == name) return one[inner];
    root[list].refuse("there is no entry named `" + name + '`');
}

class reader {
public:
    reader(const field& root, std::filesystem::path folder) : root_(root), folder_(std::move(folder)) {}

    access read() const {
        const auto current = root_["current-context"];
        if (current.text().empty())
            current.refuse("no context is chosen", "kubectl config use-context NAME chooses one");
        const auto context = named(root_, "contexts", current.text(), "context");
        access out;
        read_server(named(root_, "clusters", context["cluster"].text(), "cluster"), out);
        out.name_space = context["namespace"].text();
        if (const auto user = context["user"].text(); !user.empty())
            read_user(named(root_, "users", user, "user"), out);
        return out;
    }

private:
    material read_material(const field& from, std::string_view file, std::string_view data) const {
        material out;
        if (const auto inlined = from[data]) {
            auto bytes = cluster::decode_base64(inlined.text());
            if (!bytes || bytes->empty()) inlined.refuse("the value is not base64");
            out.text = std::move(*bytes);
        } else if (const auto path = from[file].text(); !path.empty()) {
            out.file = folder_ / path; // an absolute path stays
        }
        return out;
    }

    void read_server(const field& from, access& out) const {
        const auto server = from["server"];
        model::fault why;
        auto url = model::parse_service_url(server.text(), &why, true);
        if (!url) server.refuse(why.message, "e.g. https://10.0.0.1:6443");
        if (from["proxy-url"])
            from["proxy-url"].refuse("proxies are not supported", "reach the API server directly");
        out.server = std::move(*url);
        while (out.server.target.ends_with('/')) out.server.target.pop_back();
        out.authority = read_material(from, "certificate-authority", "certificate-authority-data");
        out.verify = !from["insecure-skip-tls-verify"].flag(false);
        out.server_name = from["tls-server-name"].text();
    }

    void read_user(const field& from, access& out) const {
        for (const std::string_view one : {"exec", "auth-provider", "username", "as"})
            if (from[one])
                from[one].refuse(
                    "this way to say who asks is not supported",
                    "token, tokenFile, or client-certificate with client-key; `kubectl create token` makes "
                    "tokens"
                );
        out.certificate = read_material(from, "client-certificate", "client-certificate-data");
        out.key = read_material(from, "client-key", "client-key-data");
        if (out.certificate.given() != out.key.given())
            from.refuse("client-certificate and client-key belong together");
        // As kubectl has it, the file counts where both are given.
        if (const auto file = from["tokenFile"].text(); !file.empty())
            out.token.file = folder_ / file;
        else
            out.token.text = from["token"].text();
    }

    const field& root_;
    std::filesystem::path folder_;
};

} // namespace

std::optional<access> read_kubeconfig(const std::filesystem::path& file, complaints& found) {
    const auto complain = [&](int line, int column, std::string key, std::string message, std::string hint) {
        found.push_back(
            {complaint::severity::error,
             {file.string(), line, column},
             std::move(key),
             std::move(message),
             std::move(hint)}
        );
        return std::nullopt;
    };
    model::fault why;
    const auto text = load(file, max_kubeconfig_size, &why);
    if (!text) return complain(0, 0, {}, "the file " + why.message, why.hint);
    complaint problem;
    const auto parsed = tree::parse(*text, file.string(), problem);
    if (!parsed) return found.push_back(std::move(problem)), std::nullopt;
    try {
        const field root(parsed->root(), {});
        return reader(root, file.parent_path()).read();
    } catch (const cluster::refused& wrong) {
        return complain(wrong.line, wrong.column, wrong.path, wrong.message, wrong.hint);
    }
}

std::optional<access> read_in_cluster(const std::filesystem::path& folder, complaints& found) {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value ? value : "");
    };
    const auto complain = [&](std::string message) {
        found.push_back(
            {complaint::severity::error,
             {},
             {},
             std::move(message),
             "--kubernetes is for a pod in the cluster; elsewhere there is --kubeconfig FILE"}
        );
        return std::nullopt;
    };
    auto host = variable("KUBERNETES_SERVICE_HOST");
    const auto port = variable("KUBERNETES_SERVICE_PORT");
    if (host.empty() || port.empty())
        return complain("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
    if (host.find(':') != host.npos) host = '[' + host + ']';
    model::fault why;
    auto url = model::parse_service_url("https://" + host + ':' + port, &why, true);
    if (!url) return complain("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT: " + why.message);
    access out;
    out.server = std::move(*url);
    out.server.target.clear();
    out.authority.file = folder / "ca.crt";
    out.token.file = folder / "token";
    for (const auto& file : {out.authority.file, out.token.file})
        if (!load_regular(file, max_kubeconfig_size, &why))
            return complain(file.string() + ": the file " + why.message);
    return out;
}

} // namespace adit::source::kubernetes
