#include "source/file/read_endpoints.hpp"

#include "model/address.hpp"

namespace adit::source {

namespace {

std::optional<model::endpoint> read_address(const value& from) {
    const auto text = from.text();
    if (!text) return std::nullopt;
    model::fault why;
    auto got = model::parse_endpoint(*text, &why);
    if (!got) from.complain(std::move(why.message), std::move(why.hint));
    return got;
}

std::optional<model::endpoint> read_endpoint(const value& from) {
    if (from.kind() != node::kind::map) return read_address(from);
    const section map(from);
    const auto address = map.require("address", "e.g. address: \"10.0.0.1:8080\"");
    auto out = address ? read_address(*address) : std::nullopt;
    if (!out) return std::nullopt;
    map.read("weight", out->weight, &value::number);
    map.read("zone", out->zone, &value::text);
    map.read("terminating", out->terminating, &value::flag);
    out->ready = !out->terminating;
    map.read("ready", out->ready, &value::flag);
    map.read("serving", out->serving, &value::flag);
    return out;
}

} // namespace

std::vector<model::endpoint> read_endpoints(const value& from) {
    std::vector<model::endpoint> out;
    const auto items = from.items();
    for (const auto& one : items)
        if (auto got = read_endpoint(one)) out.push_back(std::move(*got));
    if (from.kind() == node::kind::list && items.empty())
        from.complain("the track has no endpoints", "e.g. [\"10.0.0.1:8080\"]", complaint::severity::warning);
    return out;
}

} // namespace adit::source
