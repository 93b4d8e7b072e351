// What belongs to the trace of an exchange: the rules that are in force, and what is noted until it is over.
#pragma once

#include "http/trace_context.hpp"
#include "model/tracing.hpp"
#include "observe/span_ring.hpp"

#include <cstdint>
#include <string>

namespace adit::proxy {

// Of a snapshot.
struct trace_rules {
    bool propagate = true;
    model::tracing::trust continues = model::tracing::trust::all;
    model::weight sample;
    observe::span_rings rings; // by worker; empty = no span is exported
};

// Lent by the worker to an exchange while tracing is on.
struct trace {
    http::trace_parent own;             // the trace, and the span of the exchange as a whole
    std::uint64_t came_from = 0;        // the client's span; 0 = the trace begins here
    std::string members;                // of tracestate, other systems'
    observe::span_ring* ring = nullptr; // null: nothing is noted
    std::uint64_t attempt = 0;          // the span of the attempt under way, or of the last one; 0 = none yet
    bool attempt_open = false;          // it is under way
    observe::span_record noted;         // of that attempt, only with a ring
};

} // namespace adit::proxy
