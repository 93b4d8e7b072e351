#include "source/file/read_tracing.hpp"

#include "source/file/read_percent.hpp"
#include "source/file/read_tls.hpp"
#include "source/file/word.hpp"

namespace adit::source {

namespace {

void read_texts(const section& map, std::string_view name, model::tracing::texts& into) {
    if (const auto found = map.find(name))
        for (const auto& [key, what] : found->members())
            if (auto got = what.text()) into.emplace_back(key, std::move(*got));
}

} // namespace

model::tracing read_tracing(const value& from) {
    using trust = model::tracing::trust;
    model::tracing out;
    out.at = from.at();
    const section map(from);
    map.read("propagate", out.propagate, &value::flag);
    if (const auto found = map.find("continue"))
        read_word<trust>(
            *found, out.continues, {{"all", trust::all}, {"trusted", trust::trusted}, {"none", trust::none}}
        );
    if (const auto found = map.find("sample")) out.sample = read_percent(*found, "a share");
    map.read("endpoint", out.endpoint, &value::text);
    if (const auto found = map.find("tls")) out.tls = read_upstream_tls(*found);
    read_texts(map, "headers", out.headers);
    map.read("service_name", out.service_name, &value::text);
    read_texts(map, "resource", out.resource);
    map.read("batch", out.batch, &value::number);
    map.read("queue", out.queue, &value::number);
    map.read("interval", out.interval, &value::duration);
    map.read("timeout", out.timeout, &value::duration);
    return out;
}

} // namespace adit::source
