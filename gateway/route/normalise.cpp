#include "route/normalise.hpp"

#include "core/bytes.hpp"

#include <algorithm>

namespace adit::route {

namespace {

// Nothing to decode, merge or resolve. A dot that begins a segment is looked at by the long way.
bool is_normal(std::string_view path) noexcept {
    char previous = '\0';
    for (const char c : path) {
        if (c == '%' || (previous == '/' && (c == '/' || c == '.'))) return false;
        previous = c;
    }
    return true;
}

// Builds the path one decoded byte at a time; a segment is judged when it ends.
class path_builder {
public:
    explicit path_builder(char* out) noexcept : out_(out) {}

    void add(char c) noexcept {
        if (c != '/') {
            out_[size_++] = c;
            return;
        }
        end_segment();
        if (size_ == 0 || out_[size_ - 1] != '/') out_[size_++] = '/';
        segment_ = size_;
    }
    // A last "." or ".." leaves its slash: "/a/.." is "/".
    void finish() noexcept { end_segment(); }
    std::string_view path() const noexcept { return {out_, size_}; }

private:
    void end_segment() noexcept {
        const std::string_view segment(out_ + segment_, size_ - segment_);
        if (segment == "." || (segment == ".." && segment_ <= 1))
            size_ = segment_; // nothing is above the root
        else if (segment == "..")
            size_ = path().substr(0, segment_ - 1).rfind('/') + 1;
    }

    char* out_;
    std::size_t size_ = 0;
    std::size_t segment_ = 0; // where the segment under way begins
};

// Looks back over digits only: the colons of "[::1]" are no port's, nor is the last label of "10.0.0.1".
std::string_view without_port(std::string_view authority) noexcept {
    auto end = authority.size();
    while (end > 0 && authority[end - 1] >= '0' && authority[end - 1] <= '9') --end;
    return end > 0 && authority[end - 1] == ':' ? authority.substr(0, end - 1) : authority;
}

} // namespace

std::optional<std::string_view> normalise_path(std::string_view raw, std::span<char> scratch) noexcept {
    if (raw == "*") return raw;
    if (raw.empty() || raw.front() != '/') return std::nullopt;
    if (is_normal(raw)) return raw;
    if (scratch.size() < raw.size()) return std::nullopt;
    path_builder built(scratch.data());
    for (std::size_t at = 0; at < raw.size(); ++at) {
        char c = raw[at];
        if (c == '%') {
            if (raw.size() - at < 3) return std::nullopt;
            const int high = hex_digit(raw[at + 1]);
            const int low = hex_digit(raw[at + 2]);
            if (high < 0 || low < 0 || (high | low) == 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            at += 2;
        }
        built.add(c);
    }
    built.finish();
    return built.path();
}

std::string_view normalise_host(std::string_view authority, std::span<char> scratch) noexcept {
    auto host = without_port(authority);
    if (!host.empty() && host.back() == '.') host.remove_suffix(1);
    if (host.size() > max_host) return {};
    bool has_upper = false;
    for (const char c : host) has_upper |= c >= 'A' && c <= 'Z';
    if (!has_upper) return host;
    if (host.size() > scratch.size()) return {};
    std::transform(host.begin(), host.end(), scratch.begin(), lower);
    return {scratch.data(), host.size()};
}

} // namespace adit::route
