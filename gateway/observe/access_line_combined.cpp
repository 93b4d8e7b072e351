// The layout "combined" of nginx, escaped as nginx escapes it.
#include "observe/access_line.hpp"

#include <charconv>
#include <ctime>

namespace adit::observe {

namespace {

using text = exchange_record::text;

// ngx_http_log_escape(): what is no printable ASCII, quotes and backslashes become \xHH.
void append_escaped(std::string& out, std::string_view value) {
    static constexpr char digits[] = "0123456789ABCDEF";
    for (const char c : value) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= 0x20 && octet < 0x7f && c != '"' && c != '\\') {
            out += c;
        } else {
            out += "\\x";
            out += digits[octet >> 4];
            out += digits[octet & 15];
        }
    }
}

void append(std::string& out, const exchange_record& one, text which) {
    append_escaped(out, one.get(which));
    if (one.is_cut(which)) out += "...";
}

void append_or_dash(std::string& out, const exchange_record& one, text which, bool wanted) {
    if (!wanted || one.get(which).empty())
        out += '-';
    else
        append(out, one, which);
}

void append_number(std::string& out, std::uint64_t value) {
    char buffer[20];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

// "06/Nov/1994:08:49:37 +0000", of this machine's time zone.
void append_local_time(std::string& out, record_clock::time_point when) {
    static constexpr const char* months[]{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t t = std::chrono::system_clock::to_time_t(when);
    std::tm local{};
    localtime_r(&t, &local);
    char buffer[64];
    const auto month = months[local.tm_mon];
    const auto size = std::strftime(buffer, sizeof buffer, "%d/___/%Y:%H:%M:%S %z", &local);
    const auto at = out.size();
    out.append(buffer, size);
    out.replace(at + 3, 3, month); // strftime's would be of the locale
}

} // namespace

void write_combined_line(
    std::string& out, const exchange_record& one, const record_clock& clock,
    const model::access_log::parts& with
) {
    char address[64];
    out.append(address, format_ip(one.client, address));
    out += " - ";
    append_or_dash(out, one, text::user, with.user);
    out += " [";
    append_local_time(out, clock.of(one.ended));
    out += "] \"";
    if (one.get(text::method).empty()) { // nothing that could be read
        out += '-';
    } else {
        append(out, one, text::method);
        out += ' ';
        append(out, one, text::path);
        if (const auto query = one.get(text::query); with.query && !query.empty()) {
            out += '?';
            append(out, one, text::query);
        }
        out += one.minor_version == 0 ? " HTTP/1.0" : " HTTP/1.1";
    }
    out += "\" ";
    append_number(out, one.status);
    out += ' ';
    append_number(out, one.body_out);
    out += " \"";
    append_or_dash(out, one, text::referer, with.referer);
    out += "\" \"";
    append_or_dash(out, one, text::user_agent, with.user_agent);
    out += "\"\n";
}

} // namespace adit::observe
