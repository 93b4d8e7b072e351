// Spans as OTLP/HTTP's JSON has them (opentelemetry-proto 1.x, ExportTraceServiceRequest; attributes by the
// semantic conventions for HTTP).
#pragma once

#include "observe/span.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adit::observe {

// Who tells the spans.
struct span_resource {
    std::string service;                                         // service.name
    std::vector<std::pair<std::string, std::string>> attributes; // further ones
    std::string version;                                         // of Adit, as the instrumentation scope
};

// The body of one request. `epoch` is what has to be added to an instant for nanoseconds since 1970. Bytes of
// texts that are not ASCII are percent-encoded: a path need not be UTF-8, JSON must.
std::string write_otlp(std::span<const span_record> spans, const span_resource& who, std::int64_t epoch);

// How many spans a collector says in its answer (ExportTraceServiceResponse) that it has not taken, and why.
struct partial_success {
    std::uint64_t rejected = 0;
    std::string message;
};
partial_success read_partial_success(std::string_view body);

} // namespace adit::observe
