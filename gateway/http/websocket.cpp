#include "http/websocket.hpp"

#include <algorithm>

namespace adit::http {

namespace {
constexpr unsigned opcode_mask = 0x0f, opcode_close = 0x08;
constexpr unsigned mask_bit = 0x80, length_mask = 0x7f;
constexpr unsigned length_in_two = 126, length_in_eight = 127;
} // namespace

std::size_t websocket_frames::header_size() const noexcept {
    const unsigned length = header_[1] & length_mask;
    const std::size_t more = length == length_in_two ? 2 : length == length_in_eight ? 8 : 0;
    return 2 + more + (header_[1] & mask_bit ? 4 : 0);
}

std::uint64_t websocket_frames::payload_size() const noexcept {
    const unsigned length = header_[1] & length_mask;
    if (length < length_in_two) return length;
    std::uint64_t out = 0;
    for (int i = 0; i < (length == length_in_two ? 2 : 8); ++i) out = out << 8 | header_[2 + i];
    return out;
}

// To the end of a header or of a payload, or of the data.
std::size_t websocket_frames::step(std::string_view data) noexcept {
    if (payload_left_ > 0) {
        const auto part = std::min<std::uint64_t>(payload_left_, data.size());
        payload_left_ -= part;
        return static_cast<std::size_t>(part);
    }
    std::size_t at = 0;
    while (at < data.size()) {
        header_[have_++] = static_cast<unsigned char>(data[at++]);
        if (have_ < 2 || have_ < header_size()) continue;
        payload_left_ = payload_size();
        closing_ = closing_ || (header_[0] & opcode_mask) == opcode_close;
        have_ = 0;
        break;
    }
    return at;
}

void websocket_frames::pass(std::string_view data) noexcept {
    while (!data.empty()) data.remove_prefix(step(data));
}

std::size_t websocket_frames::pass_to_boundary(std::string_view data) noexcept {
    std::size_t passed = 0;
    while (passed < data.size()) {
        passed += step(data.substr(passed));
        if (at_boundary()) break;
    }
    return passed;
}

} // namespace adit::http
