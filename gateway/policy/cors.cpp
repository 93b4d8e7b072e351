#include "policy/cors.hpp"

#include "core/bytes.hpp"
#include "http/octets.hpp"

#include <algorithm>
#include <chrono>

namespace adit::policy {

namespace {

constexpr std::size_t longest_origin = 512; // bytes; a host has at most 253

std::string joined(const std::vector<std::string>& all) {
    std::string out;
    for (const auto& one : all) out += (out.empty() ? "" : ", ") + one;
    return out;
}

constexpr bool is_label_octet(char c) noexcept {
    const auto l = lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// What a browser sends as the origin of a page that has one.
bool is_origin(std::string_view text) noexcept {
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos || scheme == 0 || text.size() > longest_origin) return false;
    const auto host = text.substr(scheme + 3);
    return !host.empty() &&
           std::all_of(
               text.begin(), text.begin() + static_cast<std::ptrdiff_t>(scheme),
               [](char c) { return is_label_octet(c) || c == '+' || c == '.'; }
           ) &&
           std::all_of(host.begin(), host.end(), [](char c) {
               return is_label_octet(c) || c == '.' || c == ':' || c == '[' || c == ']';
           });
}

bool is_token_list(std::string_view list) noexcept {
    while (auto element = next_element(list))
        if (element->empty() || http::token_size(*element) != element->size()) return false;
    return true;
}

std::string_view value_of(const http::head& head, std::string_view name) noexcept {
    const auto* field = head.find(name);
    return field ? head.value(*field) : std::string_view{};
}

// Whether caches know already that the answer depends on the origin.
bool varies_by_origin(const http::head& response) noexcept {
    for (const auto& f : response.fields()) {
        if (f.id != http::field_id::vary || f.dropped) continue;
        auto list = response.value(f);
        while (auto element = next_element(list))
            if (*element == "*" || iequals(*element, "origin")) return true;
    }
    return false;
}

} // namespace

bool cors::origin::matches(std::string_view text) const noexcept {
    if (!wildcard) return iequals(text, before);
    if (text.size() <= before.size() + after.size() || !iequals(text.substr(0, before.size()), before) ||
        !iequals(text.substr(text.size() - after.size()), after))
        return false;
    const auto label = text.substr(before.size(), text.size() - before.size() - after.size());
    return std::all_of(label.begin(), label.end(), is_label_octet);
}

cors::cors(const model::cors& wish) : credentials_(wish.credentials) {
    for (const auto& one : wish.origins) {
        if (one == "*") {
            any_ = true;
            continue;
        }
        const auto star = one.find('*');
        if (star == std::string::npos)
            origins_.push_back({one, {}, false});
        else
            origins_.push_back({one.substr(0, star), one.substr(star + 1), true});
    }
    const auto& headers = wish.headers;
    any_header_ = std::find(headers.begin(), headers.end(), "*") != headers.end();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wish.max_age).count();
    if (credentials_) answer_lines_ = "Access-Control-Allow-Credentials: true\r\n";
    preflight_lines_ = answer_lines_;
    if (!wish.methods.empty())
        preflight_lines_ += "Access-Control-Allow-Methods: " + joined(wish.methods) + "\r\n";
    if (!headers.empty() && !any_header_)
        preflight_lines_ += "Access-Control-Allow-Headers: " + joined(headers) + "\r\n";
    preflight_lines_ += "Access-Control-Max-Age: " + std::to_string(seconds) + "\r\n";
    if (!wish.expose.empty())
        answer_lines_ += "Access-Control-Expose-Headers: " + joined(wish.expose) + "\r\n";
}

bool cors::is_preflight(const http::request_head& head) noexcept {
    return head.verb == http::method::options && head.has(http::field_id::origin) &&
           head.find("Access-Control-Request-Method") != nullptr;
}

bool cors::allows(std::string_view from) const noexcept {
    return std::any_of(origins_.begin(), origins_.end(), [&](const origin& one) {
        return one.matches(from);
    });
}

bool cors::write_origin(http::writer& out, std::string_view from) const noexcept {
    if (any_ && !credentials_) {
        out << "Access-Control-Allow-Origin: *\r\n";
        return true;
    }
    // "null" is the origin of any sandboxed page: it must be named to be let in.
    if (!allows(from) && !(any_ && is_origin(from))) return false;
    out.line("Access-Control-Allow-Origin", from);
    return true;
}

void cors::write_preflight(http::writer& out, const http::request_head& head) const noexcept {
    if (!any_ || credentials_) out << "Vary: Origin\r\n";
    if (!write_origin(out, head.get(http::field_id::origin))) return;
    out << preflight_lines_;
    if (!any_header_) return;
    const auto asked = value_of(head, "Access-Control-Request-Headers");
    if (!asked.empty() && is_token_list(asked)) out.line("Access-Control-Allow-Headers", asked);
}

void cors::drop(http::head& response) noexcept {
    constexpr std::string_view begin = "access-control-";
    for (auto& f : response.fields())
        f.dropped |= f.id == http::field_id::unknown && f.name_size > begin.size() &&
                     iequals(response.name(f).substr(0, begin.size()), begin);
}

void cors::write(http::writer& out, const http::request_head& head, const http::head* response)
    const noexcept {
    const bool varies = !any_ || credentials_;
    if (varies && !(response && varies_by_origin(*response))) out << "Vary: Origin\r\n";
    const auto from = head.get(http::field_id::origin);
    if (from.data() == nullptr) return; // no page of another site asks
    if (write_origin(out, from)) out << answer_lines_;
}

} // namespace adit::policy
