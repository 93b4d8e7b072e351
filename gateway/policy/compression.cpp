#include "policy/compression.hpp"

#include <algorithm>

namespace adit::policy {

namespace {

constexpr std::string_view etag = "ETag", accept_ranges = "Accept-Ranges";
// RFC 9530 and RFC 1864: what they say of the bytes must stay true.
constexpr std::array<std::string_view, 3> digests{"Content-Digest", "Repr-Digest", "Content-MD5"};

bool lists(const http::response_head& response, http::field_id id, std::string_view wanted) noexcept {
    for (const auto& f : response.fields()) {
        if (f.id != id || f.dropped) continue;
        auto list = response.value(f);
        while (const auto element = next_element(list))
            if (iequals(*element, wanted)) return true;
    }
    return false;
}

const http::field* find_kept(const http::response_head& response, std::string_view name) noexcept {
    const auto* f = response.find(name);
    return f && !f->dropped ? f : nullptr;
}

bool has_whole_body(const http::response_head& response, const http::response_frame& frame) noexcept {
    // 206 counts bytes of the form that was asked for (RFC 9110 §15.3.7).
    return frame.kind != http::body_kind::none && response.status != 205 && response.status != 206;
}

} // namespace

compression::compression(const model::compression& wish) : min_length_(wish.min_length), level_(wish.level) {
    for (const auto& one : wish.types)
        if (one.ends_with("/*"))
            families_.push_back(one.substr(0, one.size() - 1));
        else
            types_.push_back(one);
    for (const auto& one : wish.encodings)
        if (coding_count_ < codings_.size())
            codings_[coding_count_++] = one == "br" ? content_coding::br : content_coding::gzip;
}

bool compression::lists(std::string_view content_type) const noexcept {
    const auto type = next_element(content_type, ';').value_or("");
    if (type.empty()) return false;
    if (std::any_of(types_.begin(), types_.end(), [&](const auto& one) { return iequals(one, type); }))
        return true;
    // An event stream comes in pieces too small to gain by it: only when it is named itself.
    if (iequals(type, "text/event-stream")) return false;
    return std::any_of(families_.begin(), families_.end(), [&](const auto& one) {
        return iequals(one, type.substr(0, one.size()));
    });
}

compression::decision compression::decide(
    const http::request_head& request, const http::response_head& response, const http::response_frame& frame
) const noexcept {
    using http::field_id;
    if (!has_whole_body(response, frame) || response.has(field_id::content_encoding)) return {};
    if (frame.kind == http::body_kind::length && frame.length < min_length_) return {};
    if (!lists(response.get(field_id::content_type))) return {};
    if (policy::lists(response, field_id::cache_control, "no-transform")) return {};
    for (const auto name : digests)
        if (find_kept(response, name)) return {};
    decision out;
    out.coding = choose_coding(request, {codings_.data(), coding_count_});
    out.varies = !policy::lists(response, field_id::vary, "accept-encoding") &&
                 !policy::lists(response, field_id::vary, "*");
    const auto* tag = find_kept(response, etag);
    if (tag && !response.value(*tag).starts_with("W/")) out.strong_tag = response.value(*tag);
    return out;
}

void compression::rewrite(http::response_head& response, const decision& what) noexcept {
    if (what.coding == content_coding::identity) return;
    for (auto& f : response.fields()) {
        if (f.id != http::field_id::unknown) continue;
        const auto name = response.name(f);
        f.dropped |= iequals(name, accept_ranges) || (!what.strong_tag.empty() && iequals(name, etag));
    }
}

void compression::write_fields(http::writer& out, const decision& what) noexcept {
    if (what.varies) out.line("Vary", "Accept-Encoding");
    if (what.coding == content_coding::identity) return;
    out.line("Content-Encoding", to_text(what.coding));
    if (!what.strong_tag.empty()) out << "ETag: W/" << what.strong_tag << "\r\n";
}

} // namespace adit::policy
