// What is written down of every exchange, and where.
#pragma once

#include "core/complaint.hpp"
#include "model/weight.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adit::model {

struct access_log {
    enum class layout : std::uint8_t {
        json,    // Adit's own
        ecs,     // Elastic Common Schema
        combined // nginx's
    };
    // Parts of a line that may be left out, most of them for the sake of those who ask; all else always
    // stands in it.
    struct parts {
        bool query = true;
        bool referer = true;
        bool user_agent = true;
        bool user = false; // name of Basic authentication
        bool peer = false; // address of who is connected, beside the client's

        bool operator==(const parts&) const = default;
    };

    static constexpr std::string_view standard_output = "stdout";
    static constexpr std::uint64_t least_buffer = 64 * 1024;         // bytes
    static constexpr std::uint64_t most_buffer = 1024 * 1024 * 1024; // bytes
    static constexpr std::uint64_t usual_buffer = 4 * 1024 * 1024;   // bytes

    std::string path; // or standard_output
    place at{};
    layout format = layout::json;
    parts fields;
    weight sample{weight::whole};        // of all exchanges
    bool always_errors = true;           // whatever the sample
    std::uint64_t buffer = usual_buffer; // bytes of each worker for what is not written yet
};

// "json", "ecs", "combined".
constexpr std::string_view to_text(access_log::layout which) noexcept {
    switch (which) {
    case access_log::layout::json: return "json";
    case access_log::layout::ecs: return "ecs";
    case access_log::layout::combined: return "combined";
    }
    return {};
}
constexpr std::optional<access_log::layout> parse_layout(std::string_view text) noexcept {
    using layout = access_log::layout;
    for (const auto one : {layout::json, layout::ecs, layout::combined})
        if (text == to_text(one)) return one;
    return std::nullopt;
}

} // namespace adit::model
