// Whether an answer is compressed, and what its head says then.
#pragma once

#include "http/framing.hpp"
#include "http/writer.hpp"
#include "model/compression.hpp"
#include "policy/content_coding.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace adit::policy {

// Compiled once, then only read.
class compression {
public:
    explicit compression(const model::compression& wish);

    struct decision {
        content_coding coding = content_coding::identity; // identity: goes out as it came
        bool varies = false;         // another client might have got another coding; not said by Vary yet
        std::string_view strong_tag; // of the bytes as they came
    };
    // Compressed is only what has a whole body of its own: not what is coded already, a part (206), signed by
    // a digest, or marked no-transform (RFC 9110 §7.7).
    decision decide(
        const http::request_head& request, const http::response_head& response,
        const http::response_frame& frame
    ) const noexcept;

    // Drops from the head what is true only of the bytes as they came: a strong ETag, for which a weak one
    // (RFC 9110 §8.8.1) is written, and Accept-Ranges. Called before the kept fields are written;
    // write_fields() afterwards.
    static void rewrite(http::response_head& response, const decision& what) noexcept;
    static void write_fields(http::writer& out, const decision& what) noexcept;

    std::uint32_t level() const noexcept { return level_; }

private:
    bool lists(std::string_view content_type) const noexcept;

    std::vector<std::string> types_;    // "text/html"
    std::vector<std::string> families_; // "text/"
    std::uint64_t min_length_;
    std::uint32_t level_;
    std::array<content_coding, 2> codings_{};
    std::size_t coding_count_ = 0;
};

} // namespace adit::policy
