// Fields of answers: CORS and custom-headers.
#include "core/bytes.hpp"
#include "source/ingress/reading.hpp"

#include <algorithm>

namespace adit::source::ingress {

namespace {

bool is_origin(std::string_view text) {
    return text == "*" || text.starts_with("http://") || text.starts_with("https://");
}

void read_cors(const reading& in) {
    if (!in.from.flag("enable-cors").value_or(false)) return;
    model::cors out;
    out.headers = {"DNT",           "Keep-Alive",   "User-Agent", "X-Requested-With", "If-Modified-Since",
                   "Cache-Control", "Content-Type", "Range",      "Authorization"};
    out.credentials = in.from.flag("cors-allow-credentials").value_or(true);
    for (auto& one : in.from.list("cors-allow-origin")) {
        if (is_origin(one))
            out.origins.push_back(std::move(one));
        else
            in.from.warn(
                "cors-allow-origin", '`' + one + "` is no origin, and left out", "write https:// before it"
            );
    }
    if (out.origins.empty() || std::find(out.origins.begin(), out.origins.end(), "*") != out.origins.end()) {
        out.origins = {"*"};
        out.credentials = false; // browsers give none to an answer that says *, whatever else it says
    }
    if (auto all = in.from.list("cors-allow-methods"); !all.empty()) out.methods = std::move(all);
    if (auto all = in.from.list("cors-allow-headers"); !all.empty()) out.headers = std::move(all);
    out.expose = in.from.list("cors-expose-headers");
    constexpr std::int64_t longest = 31LL * 24 * 3600; // seconds
    out.max_age = std::chrono::seconds(
        std::clamp<std::int64_t>(in.from.number("cors-max-age").value_or(1'728'000), 0, longest)
    );
    in.into.common.policies.cors = std::move(out);
}

void read_custom(const reading& in) {
    const auto key = other_object(in, "custom-headers");
    if (key.empty()) return;
    const auto* map = in.objects.find<cluster::config_map>(key);
    if (!map) return in.from.warn("custom-headers", "there is no ConfigMap " + key);
    for (const auto& [name, value] : map->data) {
        const auto& allowed = in.base.allowed_headers;
        if (std::find(allowed.begin(), allowed.end(), to_lower(name)) == allowed.end())
            in.from.warn(
                "custom-headers", '`' + name + "` is not among the headers that may be set",
                "name it in global-allowed-response-headers of the controller's ConfigMap"
            );
        else
            in.into.common.policies.response_headers.set.push_back({name, value});
    }
}

} // namespace

void read_headers(const reading& in) {
    auto& policies = in.into.common.policies;
    policies.request_headers.set.push_back({"X-Forwarded-Scheme", "$scheme"});
    policies.request_headers.set.push_back({"X-Scheme", "$scheme"});
    policies.request_headers.set.insert(
        policies.request_headers.set.end(), in.base.request_headers.set.begin(),
        in.base.request_headers.set.end()
    );
    policies.response_headers = in.base.response_headers;
    read_cors(in);
    read_custom(in);
}

} // namespace adit::source::ingress
