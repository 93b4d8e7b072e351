// A slow and obvious reader of HTTP/1.1 heads and chunked bodies, written from RFC 9112 and the house's
// limits with regular expressions, to be asked whether the fast one is right. It shares no code with
// gateway/.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adit::fuzz {

enum class verdict { more, accepted, refused };

struct reference_head {
    verdict what = verdict::more;
    std::size_t skipped = 0, size = 0;
    std::string method, target;                              // of a request
    unsigned status = 0;                                     // of a response
    std::vector<std::pair<std::string, std::string>> fields; // names as received, values trimmed
};

reference_head read_request(std::string_view bytes);
reference_head read_response(std::string_view bytes);

struct reference_body {
    verdict what = verdict::more;
    std::string payload;
    std::size_t size = 0;
};

// Without the bound that is put on extensions by the payload: inputs are too small to reach it.
reference_body read_chunked(std::string_view bytes);

} // namespace adit::fuzz
