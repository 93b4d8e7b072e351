#include "source/file/read_bodies.hpp"

#include "core/bytes.hpp"

namespace adit::source {

void read_body(const value& from, model::route& into) {
    const section map(from);
    if (const auto most = map.find("max")) into.policies.body_max = most->size();
    map.read("buffer", into.buffering.request, &value::flag);
    map.read("buffer_limit", into.buffering.request_limit, &value::size);
}

model::compression read_compression(const value& from) {
    model::compression out;
    const section map(from);
    if (const auto types = map.find("types")) {
        out.types.clear();
        for (const auto& one : types->texts()) out.types.push_back(to_lower(one));
    }
    map.read("min_length", out.min_length, &value::size);
    map.read("level", out.level, &value::number);
    if (const auto encodings = map.find("encodings")) out.encodings = encodings->texts();
    return out;
}

} // namespace adit::source
