// Where the frames of a WebSocket end (RFC 6455 §5.2), for who passes them on unread and may once have to say
// something in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace adit::http {

// A whole frame of a server, unmasked: closed with 1012, "the service is restarting; come again" (IANA's
// registry of close codes).
inline constexpr std::string_view close_service_restart{"\x88\x11\x03\xf4service restart", 19};

// Follows one direction from its first byte. The work is a few instructions for each frame, whatever its
// size: payload is counted, never looked at. Control frames may stand between the fragments of a message
// (§5.4), so the end of any frame is a place to speak.
class websocket_frames {
public:
    bool at_boundary() const noexcept { return payload_left_ == 0 && have_ == 0; }
    // A close frame has begun: nothing may follow it in this direction (§5.5.1).
    bool closing() const noexcept { return closing_; }

    void pass(std::string_view data) noexcept;
    // Passes bytes up to the first end of a frame in `data` and returns how many; all of them, with
    // at_boundary() false, where no frame ends.
    std::size_t pass_to_boundary(std::string_view data) noexcept;

private:
    static constexpr std::size_t max_header = 14;

    std::size_t step(std::string_view data) noexcept;
    std::size_t header_size() const noexcept;
    std::uint64_t payload_size() const noexcept;

    std::uint64_t payload_left_ = 0;
    unsigned char header_[max_header];
    std::uint8_t have_ = 0; // bytes of a header that is not whole yet
    bool closing_ = false;
};

} // namespace adit::http
