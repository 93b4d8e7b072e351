// What compresses one response: an encoder and the room for what it makes of one read.
#pragma once

#include "policy/encoder.hpp"

#include <cstddef>
#include <memory>

namespace adit::proxy {

// Lent by a worker for as long as the response takes.
struct compressor {
    // At one time on one worker; further responses go out as they are. An encoder takes up to 3 MiB.
    static constexpr std::size_t most = 64;

    explicit compressor(std::size_t block_size)
        : room_size(policy::encoder::bound(block_size)), room(std::make_unique<char[]>(room_size)) {}

    policy::encoder encoder;
    std::size_t room_size;
    std::unique_ptr<char[]> room;
};

} // namespace adit::proxy
