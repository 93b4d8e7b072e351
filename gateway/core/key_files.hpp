// The secrets that replicas must agree on, and their files.
#pragma once

#include "core/complaint.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit {

class state_directory;

using secret_key = std::array<std::uint8_t, 32>;
// Newest first: the first signs, all verify. Never empty when loaded or made.
using key_list = std::vector<secret_key>;

struct key_set {
    key_list cookie;      // signs cohort cookies
    key_list ticket;      // TLS session tickets
    key_list peer;        // replicas asking each other
    bool durable = false; // the same after a restart
};

inline constexpr std::size_t max_keys_per_file = 16;

// One key a line, in base64 (either alphabet, with or without '=') or hex of 32 bytes; blank lines and lines
// that begin with '#' are skipped. `file` is what the complaints name.
key_list parse_keys(std::string_view text, const std::string& file, complaints& out);
// What parse_keys() reads: base64, one a line.
std::string format_keys(const key_list& keys);

// --keys DIR: the files `cookie`, `ticket` and `peer`. All three must be there: a replica that made up a
// missing one would disagree with the others without a sign. nullopt when `out` got an error.
std::optional<key_set> load_keys(const std::string& directory, complaints& out);

// Standing alone: keys kept in the state directory, made there where missing; without one (nullptr) made for
// this process only. A file that is there and cannot be read is an error, never replaced.
std::optional<key_set> standing_alone_keys(state_directory* state, complaints& out);

// Standing alone: a new key signs from now on, and those before it go on to verify, up to `keep` in all. Kept
// in the state directory if there is one; false with `error` where that failed, and then nothing has changed.
[[nodiscard]] bool
rotate_ticket_keys(key_list& keys, std::size_t keep, state_directory* state, std::string& error);

// From getrandom(2).
secret_key make_key();

} // namespace adit
