// Answers that Adit gives itself: refusals, and OPTIONS that ends here (RFC 9110 §7.6.2).
#pragma once

#include "http/head.hpp"
#include "http/refusal.hpp"
#include "http/writer.hpp"

namespace adit::http {

struct answer_context {
    std::string_view date = {};       // IMF-fixdate, 29 bytes
    std::string_view request_id = {}; // may be empty
    bool keep_alive = true;           // the connection stays open afterwards
    bool without_body = false;        // the request was HEAD
    bool problem_json = false;        // the client prefers application/problem+json (RFC 9457)
    std::uint8_t minor_version = 1;   // of the request
    std::uint32_t retry_after = 0;    // seconds; of 429 and 503, at least 1
    std::uint16_t status = 0;         // instead of the reason's own; 0 = that
    std::string_view fields = {};     // lines that belong to the status, each with its CRLF
    std::string_view more = {};       // further field lines, each with its CRLF
};

// A whole answer, head and body, for `reason`; its status is traits(reason).status and must not be 0.
void write_refusal(writer& out, refusal reason, const answer_context& context) noexcept;

// A redirect without a body; `status` is one of 301, 302, 303, 307 and 308.
void write_redirect(
    writer& out, unsigned status, std::string_view location, const answer_context& context
) noexcept;

// 204; what there is to say is in `context.more`.
void write_no_content(writer& out, const answer_context& context) noexcept;

// The same for context.status, of which there is no more to say than its name.
void write_error(writer& out, const answer_context& context) noexcept;
// The head of an answer with context.status whose body is somebody's page, which follows unless the request
// was HEAD.
void write_page_head(
    writer& out, std::string_view type, std::uint64_t size, const answer_context& context
) noexcept;

// 200 with Allow and no body, for OPTIONS whose Max-Forwards is 0.
void write_options(writer& out, const answer_context& context) noexcept;

// True if Accept names application/problem+json or application/json (not with q=0).
bool wants_problem_json(const request_head& head) noexcept;

} // namespace adit::http
