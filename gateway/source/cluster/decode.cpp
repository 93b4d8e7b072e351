#include "source/cluster/decode.hpp"

#include "model/grammar.hpp"
#include "source/cluster/field.hpp"

#include <algorithm>
#include <array>

namespace adit::source::cluster {

namespace {

constexpr int most_list_depth = 3; // a List in a List is odd, but kubectl can make one

notes read_notes(const field& from) {
    notes out;
    for (const auto& [name, value] : from.members())
        out.push_back({name, value.text(), value.line(), value.column()});
    std::stable_sort(out.begin(), out.end(), [](const note& a, const note& b) { return a.name < b.name; });
    return out;
}

bool is_object_name(std::string_view text) {
    return model::is_route_name(text) && text.find('/') == std::string_view::npos;
}

metadata read_name(const field& from, bool spaced) {
    metadata out;
    out.name = from["name"].text();
    if (!is_object_name(out.name))
        from["name"].refuse(
            out.name.empty() ? "an object needs a name" : '`' + out.name + "` is not the name of an object",
            "a-z, 0-9, '.' and '-', beginning with a letter or a digit"
        );
    if (spaced) {
        out.name_space = from["namespace"].text();
        if (out.name_space.empty()) out.name_space = "default";
        if (!is_object_name(out.name_space))
            from["namespace"].refuse('`' + out.name_space + "` is not the name of a namespace");
    }
    return out;
}

metadata read_metadata(const field& from, const place& at, bool spaced) {
    auto out = read_name(from, spaced);
    out.at = at;
    const auto created = from["creationTimestamp"];
    if (const auto text = created.text(); !text.empty()) {
        const auto seconds = parse_time(text);
        if (!seconds) created.refuse('`' + text + "` is no time", "e.g. 2026-01-01T00:00:00Z");
        out.created = *seconds;
    }
    return out;
}

port_ref read_port_ref(const field& from) {
    if (!from) return {};
    if (from.is_number()) return {from.port(), {}};
    return {0, from.text()};
}

ingress_backend read_backend(const field& from) {
    ingress_backend out;
    const auto service = from["service"];
    if (!service) return out; // a resource, which nobody here can serve
    out.service = service["name"].text();
    if (!is_object_name(out.service)) service["name"].refuse("the name of a Service is missing");
    const auto port = service["port"];
    if (port["number"]) out.port.number = port["number"].port();
    out.port.name = port["name"].text();
    return out;
}

published read_published(const field& status) {
    published out;
    for (const auto& one : status["loadBalancer"]["ingress"].items())
        for (const std::string_view name : {"ip", "hostname"})
            if (auto text = one[name].text(); !text.empty()) out.at.push_back(std::move(text));
    return out;
}

ref<ingress> read_ingress(const field& root, metadata meta) {
    auto out = std::make_shared<ingress>();
    out->meta = std::move(meta);
    out->meta.annotations = read_notes(root["metadata"]["annotations"]);
    const auto spec = root["spec"];
    out->class_name = spec["ingressClassName"].text();
    if (const auto spare = spec["defaultBackend"]) out->default_backend = read_backend(spare);
    for (const auto& one : spec["rules"].items()) {
        auto& rule = out->rules.emplace_back();
        rule.host = one["host"].text();
        rule.line = one.line();
        for (const auto& each : one["http"]["paths"].items()) {
            auto& path = rule.paths.emplace_back();
            path.line = each.line();
            path.path = each["path"].text();
            const auto kind = each["pathType"].text();
            path.exact = kind == "Exact";
            path.specific = kind.empty() || kind == "ImplementationSpecific";
            if (!path.exact && !path.specific && kind != "Prefix")
                each["pathType"].refuse(
                    '`' + kind + "` is no type of a path", "Exact, Prefix or ImplementationSpecific"
                );
            path.backend = read_backend(each["backend"]);
        }
    }
    for (const auto& one : spec["tls"].items()) {
        auto& tls = out->tls.emplace_back();
        tls.line = one.line();
        tls.secret = one["secretName"].text();
        for (const auto& host : one["hosts"].items()) tls.hosts.push_back(host.text());
    }
    out->published = read_published(root["status"]);
    return out;
}

ref<ingress_class> read_class(const field& root, metadata meta) {
    auto out = std::make_shared<ingress_class>();
    out->meta = std::move(meta);
    out->meta.annotations = read_notes(root["metadata"]["annotations"]);
    out->controller = root["spec"]["controller"].text();
    return out;
}

bool is_tcp(const field& port) {
    const auto protocol = port["protocol"].text();
    return protocol.empty() || protocol == "TCP";
}

ref<service> read_service(const field& root, metadata meta) {
    auto out = std::make_shared<service>();
    out->meta = std::move(meta);
    const auto spec = root["spec"];
    if (const auto ip = spec["clusterIP"].text(); ip != "None") out->cluster_ip = ip;
    const auto type = spec["type"].text();
    out->balanced = type == "LoadBalancer";
    if (type == "ExternalName") out->external_name = spec["externalName"].text();
    for (const auto& one : spec["externalIPs"].items()) out->external_ips.push_back(one.text());
    out->published = read_published(root["status"]);
    for (const auto& one : spec["ports"].items())
        out->ports.push_back(
            {one["name"].text(), one["port"].port(), read_port_ref(one["targetPort"]), is_tcp(one)}
        );
    return out;
}

std::vector<slice_port> read_slice_ports(const field& from) {
    std::vector<slice_port> out;
    for (const auto& one : from.items())
        if (one["port"]) out.push_back({one["name"].text(), one["port"].port(), is_tcp(one)});
    return out;
}

ref<endpoint_slice> read_slice(const field& root, metadata meta) {
    auto out = std::make_shared<endpoint_slice>();
    out->meta = std::move(meta);
    out->service = root["metadata"]["labels"]["kubernetes.io/service-name"].text();
    out->ports = read_slice_ports(root["ports"]);
    const bool names = root["addressType"].text() == "FQDN";
    for (const auto& one : root["endpoints"].items()) {
        if (names) break; // nobody makes these
        slice_endpoint made;
        for (const auto& address : one["addresses"].items()) made.addresses.push_back(address.text());
        const auto conditions = one["conditions"];
        made.ready = conditions["ready"].flag(true);
        made.serving = conditions["serving"].flag(made.ready);
        made.terminating = conditions["terminating"].flag(false);
        made.zone = one["zone"].text();
        out->endpoints.push_back(std::move(made));
    }
    return out;
}

ref<endpoints> read_endpoints(const field& root, metadata meta) {
    auto out = std::make_shared<endpoints>();
    for (const auto& one : root["subsets"].items()) {
        auto& subset = out->subsets.emplace_back();
        subset.service = meta.name;
        subset.ports = read_slice_ports(one["ports"]);
        for (const auto& [list, ready] :
             {std::pair{"addresses", true}, std::pair{"notReadyAddresses", false}})
            for (const auto& each : one[list].items())
                subset.endpoints.push_back({{each["ip"].text()}, ready, ready, false, {}});
    }
    out->meta = std::move(meta);
    return out;
}

void read_data(const field& root, bool encoded, std::map<std::string, std::string, std::less<>>& into) {
    for (const auto& [name, value] : root["data"].members()) {
        auto text = value.text();
        if (encoded) {
            auto bytes = decode_base64(text);
            if (!bytes) value.refuse("the value is not base64");
            text = std::move(*bytes);
        }
        into.insert_or_assign(name, std::move(text));
    }
}

ref<secret> read_secret(const field& root, metadata meta) {
    auto out = std::make_shared<secret>();
    out->meta = std::move(meta);
    out->type = root["type"].text();
    read_data(root, true, out->data);
    for (const auto& [name, value] : root["stringData"].members())
        out->data.insert_or_assign(name, value.text());
    return out;
}

ref<config_map> read_config_map(const field& root, metadata meta) {
    auto out = std::make_shared<config_map>();
    out->meta = std::move(meta);
    read_data(root, false, out->data);
    return out;
}

ref<name_space> read_name_space(const field& root, metadata meta) {
    auto out = std::make_shared<name_space>();
    out->meta = std::move(meta);
    out->meta.labels = read_notes(root["metadata"]["labels"]);
    return out;
}

ref<pod> read_pod(const field& root, metadata meta) {
    auto out = std::make_shared<pod>();
    out->meta = std::move(meta);
    out->meta.labels = read_notes(root["metadata"]["labels"]);
    for (const auto& one : root["status"]["podIPs"].items()) out->addresses.push_back(one["ip"].text());
    return out;
}

template <auto Read>
object as_object(const field& root, metadata meta) {
    return Read(root, std::move(meta));
}

struct kind_row {
    std::string_view api, kind;
    bool spaced;
    object (*read)(const field&, metadata);
};
constexpr std::array<kind_row, 9> kinds{{
    {"networking.k8s.io/v1", ingress::kind, true, &as_object<read_ingress>},
    {"networking.k8s.io/v1", ingress_class::kind, false, &as_object<read_class>},
    {"v1", service::kind, true, &as_object<read_service>},
    {"discovery.k8s.io/v1", endpoint_slice::kind, true, &as_object<read_slice>},
    {"v1", endpoints::kind, true, &as_object<read_endpoints>},
    {"v1", secret::kind, true, &as_object<read_secret>},
    {"v1", config_map::kind, true, &as_object<read_config_map>},
    {"v1", name_space::kind, false, &as_object<read_name_space>},
    {"v1", pod::kind, true, &as_object<read_pod>},
}};

// What can be said of an object that cannot be read: its name, where at least that is there.
std::string title_in(const field& root, const kind_row& row) {
    try {
        return std::string(row.kind) + ' ' + read_name(root["metadata"], row.spaced).key();
    } catch (const refused&) {
        return {};
    }
}

void complain(const refused& why, const std::string& title, const std::string& file, decoded& out) {
    std::string key = title;
    key.append(title.empty() || why.path.empty() ? "" : ": ").append(why.path);
    out.problems.push_back(
        {complaint::severity::error, {file, why.line, why.column}, std::move(key), why.message, why.hint}
    );
    if (!title.empty()) out.broken.push_back(title);
}

// What an object is where it does not say so itself.
struct usual {
    std::string kind, api;
};

void decode_at(const field& root, const std::string& file, int depth, const usual& otherwise, decoded& out);

// The API server leaves kind and apiVersion out of the items of an IngressList; kubectl's List has them.
void decode_items(
    const field& root, std::string_view kind, const std::string& api, const std::string& file, int depth,
    decoded& out
) {
    if (depth >= most_list_depth) root.refuse("Lists are nested too deep");
    kind.remove_suffix(std::string_view("List").size());
    const usual otherwise{std::string(kind), api};
    for (const auto& one : root["items"].items()) decode_at(one.as_root(), file, depth + 1, otherwise, out);
}

void decode_at(const field& root, const std::string& file, int depth, const usual& otherwise, decoded& out) {
    const kind_row* row = nullptr;
    try {
        auto kind = root["kind"].text();
        auto api = root["apiVersion"].text();
        if (kind.empty()) kind = otherwise.kind;
        if (api.empty()) api = otherwise.api;
        if (kind.empty()) root.refuse("this is no Kubernetes object: it has no kind");
        if (kind.ends_with("List") && root["items"]) return decode_items(root, kind, api, file, depth, out);
        const auto at =
            std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.kind == kind; });
        if (at == kinds.end()) return;
        if (at->api != api) {
            if (at->kind == ingress::kind) row = &*at; // so that it can be named
            if (row)
                root["apiVersion"].refuse(
                    '`' + api + "` of an Ingress is not known",
                    "networking.k8s.io/v1, as since Kubernetes 1.19"
                );
            return; // another group's kind of the same name
        }
        row = &*at;
        auto meta = read_metadata(root["metadata"], {file, root.line(), root.column()}, row->spaced);
        out.objects.push_back(row->read(root, std::move(meta)));
    } catch (const refused& why) {
        complain(why, row ? title_in(root, *row) : std::string{}, file, out);
    }
}

} // namespace

void decode(const node& root, const std::string& file, decoded& out) {
    decode_at(field(root, {}), file, 0, {}, out);
}

} // namespace adit::source::cluster
