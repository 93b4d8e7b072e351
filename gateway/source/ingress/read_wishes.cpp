#include "source/ingress/read_wishes.hpp"

#include "core/bytes.hpp"
#include "core/pattern.hpp"
#include "source/ingress/reading.hpp"

#include <algorithm>

namespace adit::source::ingress {

namespace {

void read_paths(const reading& in) {
    const auto& from = in.from;
    in.into.use_regex = from.flag("use-regex").value_or(false);
    in.into.rewrite_target = from.text("rewrite-target").value_or("");
    in.into.forwarded_prefix = from.text("x-forwarded-prefix").value_or("");
    if (!in.into.forwarded_prefix.empty() && in.into.rewrite_target.empty())
        from.warn("x-forwarded-prefix", "it means nothing without rewrite-target");
    if (auto root = from.text("app-root")) {
        if (root->starts_with('/') || root->starts_with("http://") || root->starts_with("https://"))
            in.into.app_root = std::move(*root);
        else
            from.warn("app-root", '`' + *root + "` is no path, and ignored", "it begins with '/'");
    }
}

void read_hosts(const reading& in) {
    for (auto& alias : in.from.list("server-alias")) {
        if (alias.starts_with('~'))
            in.from.warn("server-alias", "regular expressions of hosts are not supported", "name each host");
        else
            in.into.aliases.push_back(to_lower(alias));
    }
    in.into.from_to_www = in.from.flag("from-to-www-redirect").value_or(false);
    in.into.service_upstream = in.from.flag("service-upstream").value_or(false);
}

} // namespace

std::string other_object(const reading& in, std::string_view annotation) {
    auto written = in.from.text(annotation).value_or("");
    const auto& own = in.from.object().meta.name_space;
    if (written.empty()) return {};
    const auto slash = written.find('/');
    if (slash == std::string::npos) return own + '/' + written;
    if (written.substr(0, slash) == own || in.base.cross_namespace) return written;
    in.from.refuse(
        annotation, '`' + written + "` is of another namespace",
        "allow-cross-namespace-resources in the ConfigMap allows it"
    );
    return {};
}

std::optional<wishes> read_wishes(
    const cluster::ingress& of, const cluster::view& objects, const settings& base, const options& by,
    complaints& out
) {
    wishes made;
    annotation_reader from(of, by.annotations_prefix, out);
    from.warn_of_unsupported();
    made.canary = read_canary(from, by);
    const reading in{from, objects, base, by, made};
    read_paths(in);
    read_hosts(in);
    read_affinity(in);
    read_balance(in);
    read_upstream(in);
    read_guards(in);
    read_auth(in);
    read_clients(in);
    read_redirects(in);
    read_headers(in);
    read_errors(in);
    annotation_reader own(of, own_prefix, out);
    read_own(own, made);
    if (from.refused() || own.refused()) return std::nullopt;
    made.common.at = of.meta.at;
    made.common.send_colour = !by.strict();
    return made;
}

} // namespace adit::source::ingress
