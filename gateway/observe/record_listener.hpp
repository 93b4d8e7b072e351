// Who is told of exchanges that are over.
#pragma once

#include "observe/exchange_record.hpp"
#include "observe/record_clock.hpp"

namespace adit::observe {

// Somebody who is shown records as they come; on the scribe's thread.
class record_listener {
public:
    record_listener() = default;
    record_listener(const record_listener&) = delete;
    virtual ~record_listener() = default;

    virtual void hear(const exchange_record& one, const record_clock& clock) = 0;
    // What there was at once is over.
    virtual void rest() {}
};

} // namespace adit::observe
