// How large a head that is passed on to a client may become.
#pragma once

#include "proxy/worker.hpp"

#include <cstddef>
#include <cstdint>

namespace adit::proxy {

inline constexpr std::uint32_t max_interim_head = 8 * 1024; // bytes; larger ones are not passed on
// A blocked interim head is still kept in the block into which the final head must go then.
inline constexpr std::size_t head_room = worker::settings::scratch_size - max_interim_head - 1024;

} // namespace adit::proxy
