#include "http/local_answer.hpp"

#include <algorithm>

namespace adit::http {

namespace {

constexpr std::string_view served_methods = "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH";

void write_start(writer& out, unsigned status, const answer_context& context) noexcept {
    out << "HTTP/1.1 ";
    out.decimal(status) << " " << status_phrase(status) << "\r\n";
    out.line("Server", "adit").line("Date", context.date);
    if (!context.request_id.empty()) out.line("X-Request-ID", context.request_id);
}

void write_connection(writer& out, const answer_context& context) noexcept {
    out << context.more;
    if (!context.keep_alive)
        out.line("Connection", "close");
    else if (context.minor_version == 0)
        out.line("Connection", "keep-alive");
    out << "\r\n";
}

// Bodies consist of fixed words from the table of refusals: nothing that a client sent is echoed.
struct body {
    char bytes[640];
    std::size_t size;
};

unsigned status_of(refusal reason, const answer_context& context) noexcept {
    return context.status != 0 ? context.status : traits(reason).status;
}

// What a client should know of the status, whatever the body is.
void write_status_fields(writer& out, unsigned status, const answer_context& context) noexcept {
    out << context.fields;
    const auto lacks = [&](std::string_view name) {
        return context.fields.find(name) == std::string_view::npos;
    };
    if (status == 405 && lacks("Allow:")) out.line("Allow", served_methods);
    if ((status == 429 || status == 503) && lacks("Retry-After:")) {
        out << "Retry-After: ";
        out.decimal(std::max(context.retry_after, 1U)) << "\r\n";
    }
}

body make_body(refusal reason, const answer_context& context) noexcept {
    const auto& row = traits(reason);
    const auto status = status_of(reason, context);
    body out;
    writer to{out.bytes, sizeof out.bytes};
    if (context.problem_json) {
        to << R"({"type":"urn:adit:refusal:)" << row.word << R"(","title":")" << status_phrase(status)
           << R"(","status":)";
        to.decimal(status) << R"(,"detail":")" << row.detail << R"(","reason":")" << row.word << "\"}\n";
    } else {
        to.decimal(status) << " " << status_phrase(status) << "\n"
                           << row.detail << "\nreason: " << row.word << "\n";
    }
    out.size = to.text().size();
    return out;
}

// Whether parameters of a media range say "q=0" (RFC 9110 §12.4.2), with up to three zeros behind the point.
bool weighs_nothing(std::string_view parameters) noexcept {
    while (auto parameter = next_element(parameters, ';'))
        if (iequals(parameter->substr(0, 3), "q=0"))
            return parameter->substr(3).find_first_not_of(".0") == std::string_view::npos;
    return false;
}

} // namespace

void write_refusal(writer& out, refusal reason, const answer_context& context) noexcept {
    const auto status = status_of(reason, context);
    write_start(out, status, context);
    write_status_fields(out, status, context);
    const auto text = make_body(reason, context);
    out.line("Content-Type", context.problem_json ? "application/problem+json" : "text/plain; charset=utf-8");
    out.line("Cache-Control", "no-store");
    out << "Content-Length: ";
    out.decimal(text.size) << "\r\n";
    write_connection(out, context);
    if (!context.without_body) out << std::string_view{text.bytes, text.size};
}

void write_redirect(
    writer& out, unsigned status, std::string_view location, const answer_context& context
) noexcept {
    write_start(out, status, context);
    out.line("Location", location).line("Content-Length", "0");
    write_connection(out, context);
}

void write_no_content(writer& out, const answer_context& context) noexcept {
    write_start(out, 204, context);
    write_connection(out, context);
}

void write_error(writer& out, const answer_context& context) noexcept {
    char room[64];
    writer text{room, sizeof room};
    text.decimal(context.status) << " " << status_phrase(context.status) << "\n";
    write_page_head(out, "text/plain; charset=utf-8", text.text().size(), context);
    if (!context.without_body) out << text.text();
}

void write_page_head(
    writer& out, std::string_view type, std::uint64_t size, const answer_context& context
) noexcept {
    write_start(out, context.status, context);
    write_status_fields(out, context.status, context);
    out.line("Content-Type", type).line("Cache-Control", "no-store");
    out << "Content-Length: ";
    out.decimal(size) << "\r\n";
    write_connection(out, context);
}

void write_options(writer& out, const answer_context& context) noexcept {
    write_start(out, 200, context);
    out.line("Allow", served_methods).line("Content-Length", "0");
    write_connection(out, context);
}

bool wants_problem_json(const request_head& head) noexcept {
    for (const auto& f : head.fields()) {
        if (f.id != field_id::accept) continue;
        auto list = head.value(f);
        while (auto element = next_element(list)) {
            const auto type = next_element(*element, ';').value_or("");
            if ((iequals(type, "application/problem+json") || iequals(type, "application/json")) &&
                !weighs_nothing(*element))
                return true;
        }
    }
    return false;
}

} // namespace adit::http
