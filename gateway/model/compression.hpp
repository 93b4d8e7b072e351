// What of a route's answers is compressed on the way out, and how.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace adit::model {

struct compression {
    // Media types, "text/html", or whole families, "text/*"; without parameters, in lower case.
    std::vector<std::string> types{
        "text/html",
        "text/css",
        "text/plain",
        "text/xml",
        "text/javascript",
        "text/x-component",
        "application/javascript",
        "application/x-javascript",
        "application/json",
        "application/ld+json",
        "application/manifest+json",
        "application/problem+json",
        "application/xml",
        "application/atom+xml",
        "application/rss+xml",
        "application/xhtml+xml",
        "application/wasm",
        "application/vnd.ms-fontobject",
        "application/x-font-ttf",
        "font/opentype",
        "font/otf",
        "font/ttf",
        "image/svg+xml",
        "image/x-icon"};
    std::uint64_t min_length = 256; // bytes; answers that announce less go out as they are
    std::uint32_t level = 4;        // 1 (fast) to 9 (small), of either coding
    // "br" and "gzip"; the first one wins where a client likes both as much.
    std::vector<std::string> encodings{"br", "gzip"};

    bool operator==(const compression&) const = default;
};

} // namespace adit::model
