#include "fuzz/properties.hpp"

#include "fuzz/reference.hpp"
#include "http/chunked.hpp"
#include "http/framing.hpp"
#include "http/hop_by_hop.hpp"
#include "http/local_answer.hpp"
#include "http/scanner.hpp"
#include "http/writer.hpp"

#include <cstring>
#include <memory>
#include <vector>

namespace adit::fuzz {

namespace {

using http::progress;

// A copy in a block of exactly its size: a read past the end is seen by a sanitizer.
struct exact {
    explicit exact(std::string_view text) : size(text.size()), memory(new char[text.size()]) {
        std::memcpy(memory.get(), text.data(), size);
    }
    std::string_view view() const { return {memory.get(), size}; }

    std::size_t size;
    std::unique_ptr<char[]> memory;
};

template <class Head>
struct scan_result {
    progress what = progress::more;
    http::refusal reason = http::refusal::none;
    std::uint32_t skipped = 0;
    Head head;
};

// Once in two pieces or, every fourth time, one byte at a time. The head stays valid with `last`.
template <class Head>
scan_result<Head> scan(std::string_view bytes, unsigned cut, std::unique_ptr<exact>& last) {
    scan_result<Head> out;
    out.head.reset();
    http::head_scanner scanner;
    const auto step = cut % 4 == 0 ? 1 : std::max<std::size_t>(1, cut % (bytes.size() + 1));
    for (std::size_t end = std::min(step, bytes.size());; end = cut % 4 == 0 ? end + 1 : bytes.size()) {
        last = std::make_unique<exact>(bytes.substr(0, end));
        out.what = scanner.scan(out.head, last->view(), http::head_limits{});
        if (out.what != progress::more || end >= bytes.size()) break;
    }
    out.reason = scanner.refusal();
    out.skipped = scanner.skipped();
    return out;
}

std::string word(verdict what) {
    return what == verdict::more ? "more" : what == verdict::accepted ? "accepted" : "refused";
}
std::string word(progress what, http::refusal reason) {
    if (what == progress::refused) return "refused";
    return what == progress::more          ? "more"
           : reason == http::refusal::none ? "accepted"
                                           : "accepted with a reason";
}

std::string compare_fields(const http::head& head, const reference_head& wanted) {
    if (head.fields().size() != wanted.fields.size()) return "number of fields differs";
    for (std::size_t i = 0; i < wanted.fields.size(); ++i) {
        const auto& f = head.fields()[i];
        if (head.name(f) != wanted.fields[i].first || head.value(f) != wanted.fields[i].second)
            return "field " + std::to_string(i) + " differs";
        if (f.id != http::field_id::unknown && !head.has(f.id)) return "a field is not found by its id";
    }
    return {};
}

// Fields that go on, scanned again from what the writer made of them.
template <class Head>
std::string check_rewritten(Head& head, const std::string& first_line) {
    std::string memory(2 * largest_input, '\0');
    std::vector<std::pair<std::string, std::string>> kept;
    for (const auto& f : head.fields())
        if (!f.dropped) kept.emplace_back(head.name(f), head.value(f));
    http::writer out{memory.data(), memory.size()};
    out << first_line << "\r\n";
    out.kept_fields(head) << "\r\n";
    if (out.overflowed()) return "the rewritten head grew beyond reason";
    std::unique_ptr<exact> last;
    const auto again = scan<Head>(out.text(), 4097, last);
    if (again.what != progress::done) return "the rewritten head is not accepted";
    if (again.head.size != out.text().size()) return "the rewritten head ends early";
    if (again.head.fields().size() != kept.size()) return "the rewritten head has other fields";
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const auto& f = again.head.fields()[i];
        if (again.head.name(f) != kept[i].first || again.head.value(f) != kept[i].second)
            return "a rewritten field differs";
        switch (f.id) {
        case http::field_id::connection:
        case http::field_id::content_length:
        case http::field_id::transfer_encoding:
        case http::field_id::te:
        case http::field_id::upgrade: return "a field of this hop went on";
        default: break;
        }
    }
    return {};
}

} // namespace

std::string check_request_head(std::string_view bytes, unsigned cut) {
    const auto wanted = read_request(bytes);
    std::unique_ptr<exact> last;
    auto got = scan<http::request_head>(bytes, cut, last);
    if (word(wanted.what) != word(got.what, got.reason))
        return "request head: wanted " + word(wanted.what) + ", got " + word(got.what, got.reason) + " (" +
               std::string(http::traits(got.reason).word) + ")";
    const auto said = got.head.method_text().size() + got.head.target().size() + got.head.path().size() +
                      got.head.query().size() + got.head.authority().size();
    if (said > 3 * bytes.size()) return "request head: views beyond the bytes";
    if (got.what != progress::done) return {};
    if (got.skipped != wanted.skipped || got.head.size != wanted.size) return "request head: wrong extent";
    if (got.head.method_text() != wanted.method || got.head.target() != wanted.target)
        return "request head: wrong request line";
    if (auto wrong = compare_fields(got.head, wanted); !wrong.empty()) return "request head: " + wrong;
    const auto frame = http::request_framing(got.head);
    if (frame.reason != http::refusal::none && frame.kind != http::body_kind::none)
        return "request head: a refused framing has a body";
    const auto asked = http::check_request(got.head);
    if (asked == http::refusal::none && got.head.minor_version == 1 &&
        !http::valid_authority(got.head.authority()))
        return "request head: a host that is none";
    http::wants_problem_json(got.head);
    http::mark_hop_by_hop(got.head);
    if (const auto* host = got.head.find(http::field_id::host); host && host->dropped)
        return "request head: Host was dropped";
    if (auto wrong = check_rewritten(got.head, wanted.method + " " + wanted.target + " HTTP/1.1");
        !wrong.empty())
        return "request head: " + wrong;
    return {};
}

std::string check_response_head(std::string_view bytes, unsigned cut) {
    const auto wanted = read_response(bytes);
    std::unique_ptr<exact> last;
    auto got = scan<http::response_head>(bytes, cut, last);
    if (word(wanted.what) != word(got.what, got.reason))
        return "response head: wanted " + word(wanted.what) + ", got " + word(got.what, got.reason);
    if (got.what != progress::done) return {};
    if (got.head.size != wanted.size || got.head.status != wanted.status) return "response head: wrong start";
    if (auto wrong = compare_fields(got.head, wanted); !wrong.empty()) return "response head: " + wrong;
    const auto frame = http::response_framing(got.head, http::method::get);
    if (frame.kind == http::body_kind::length && frame.length == 0) return "response head: a body of nothing";
    http::mark_hop_by_hop(got.head);
    if (auto wrong = check_rewritten(got.head, "HTTP/1.1 " + std::to_string(wanted.status) + " ");
        !wrong.empty())
        return "response head: " + wrong;
    return {};
}

std::string check_chunked_body(std::string_view bytes, unsigned cut) {
    const auto wanted = read_chunked(bytes);
    http::chunk_decoder decoder;
    std::string payload;
    std::size_t at = 0;
    http::chunk_decoder::step step;
    const auto grain = 1 + cut % (bytes.size() + 1);
    while (at < bytes.size()) {
        const exact piece{bytes.substr(at, grain)};
        step = decoder.decode(piece.memory.get(), piece.size);
        if (step.payload > step.consumed || step.consumed > piece.size) return "chunked: impossible counts";
        payload.append(piece.memory.get(), step.payload);
        at += step.consumed;
        if (step.finished || step.reason != http::refusal::none) break;
        if (step.consumed != piece.size) return "chunked: stopped without a word";
    }
    const auto got = step.finished                        ? verdict::accepted
                     : step.reason != http::refusal::none ? verdict::refused
                                                          : verdict::more;
    // It may say that a line is wrong before the line has ended; the reference waits.
    if (got != wanted.what && !(wanted.what == verdict::more && got == verdict::refused))
        return "chunked: wanted " + word(wanted.what) + ", got " + word(got);
    if (got == verdict::refused) return {};
    if (payload != wanted.payload) return "chunked: the payload differs";
    if (got != verdict::accepted) return {};
    if (at != wanted.size) return "chunked: wrong end";
    auto trailers = decoder.trailers();
    while (!trailers.empty()) {
        const auto end = trailers.find("\r\n");
        std::string_view name, value;
        if (end == std::string_view::npos ||
            http::parse_field_line(trailers.substr(0, end), name, value) != http::refusal::none)
            return "chunked: a malformed trailer was kept";
        trailers.remove_prefix(end + 2);
    }
    return {};
}

std::string check_texts(std::string_view bytes) {
    const exact text{bytes};
    if (http::valid_authority(text.view()))
        for (const char c : text.view())
            if (static_cast<unsigned char>(c) <= ' ' || std::strchr("/?#@\\\"<>^`{|}\x7f", c))
                return "authority: an octet that no host has";
    std::string_view name, value;
    if (http::parse_field_line(text.view(), name, value) == http::refusal::none && name.empty())
        return "field line: no name";
    http::offers_protocol(text.view(), "websocket");
    return {};
}

std::string check_all(std::string_view bytes, unsigned cut) {
    bytes = bytes.substr(0, largest_input);
    for (const auto check : {check_request_head, check_response_head, check_chunked_body})
        if (auto wrong = check(bytes, cut); !wrong.empty()) return wrong;
    return check_texts(bytes);
}

} // namespace adit::fuzz
