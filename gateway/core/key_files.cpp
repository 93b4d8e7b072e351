#include "core/key_files.hpp"

#include "core/bytes.hpp"
#include "core/state_directory.hpp"

#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace adit {

namespace {

constexpr std::size_t max_file = 64 * 1024;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr const char* how_to_make = "make one with: head -c 32 /dev/urandom | base64";

struct kind {
    const char* name;
    key_list key_set::*list;
};
constexpr kind kinds[] = {
    {"cookie", &key_set::cookie}, {"ticket", &key_set::ticket}, {"peer", &key_set::peer}};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char small = lower(c);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

int base64_digit(char c) {
    if (c == '-') c = '+'; // RFC 4648 §5
    if (c == '_') c = '/';
    const auto at = alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::optional<secret_key> from_hex(std::string_view text) {
    secret_key out;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = hex_digit(text[2 * i]);
        const int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return out;
}

// 43 digits are 258 bits; the last two must be 0 (RFC 4648 §3.5), or two texts would be one key.
std::optional<secret_key> from_base64(std::string_view text) {
    secret_key out;
    std::uint32_t bits = 0;
    unsigned held = 0;
    std::size_t at = 0;
    for (const char c : text) {
        const int digit = base64_digit(c);
        if (digit < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[at++] = static_cast<std::uint8_t>(bits >> held);
            bits &= (1u << held) - 1;
        }
    }
    if (bits != 0) return std::nullopt;
    return out;
}

std::optional<secret_key> parse_key(std::string_view text) {
    if (text.size() == 64) return from_hex(text);
    if (text.size() == 44 && text.back() == '=') text.remove_suffix(1);
    return text.size() == 43 ? from_base64(text) : std::nullopt;
}

complaint error_at(const std::string& file, int line, std::string message, std::string hint = {}) {
    complaint out;
    out.at = {file, line, 0};
    out.message = std::move(message);
    out.hint = std::move(hint);
    return out;
}

std::optional<std::string> read_file(const std::string& path, complaints& out) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
    if (!file) {
        const bool missing = errno == ENOENT;
        out.push_back(error_at(
            path, 0,
            missing ? "the key file is missing" : "cannot read: " + std::generic_category().message(errno),
            missing ? how_to_make : ""
        ));
        return std::nullopt;
    }
    std::string text(max_file + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get())) {
        out.push_back(error_at(path, 0, "cannot read: " + std::generic_category().message(errno)));
        return std::nullopt;
    }
    if (text.size() > max_file) {
        out.push_back(error_at(path, 0, "larger than 64 KiB, so no key file"));
        return std::nullopt;
    }
    return text;
}

} // namespace

key_list parse_keys(std::string_view text, const std::string& file, complaints& out) {
    key_list keys;
    const auto complaints_before = out.size();
    int line = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto written = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        ++line;
        if (!written.empty() && written.back() == '\r') written.remove_suffix(1);
        written = trim_ows(written);
        if (written.empty() || written.front() == '#') continue;
        const auto key = parse_key(written); // the complaint must not repeat what may be most of a secret
        if (!key)
            out.push_back(error_at(file, line, "not a key of 32 bytes in base64 or hex", how_to_make));
        else if (std::all_of(key->begin(), key->end(), [&](auto byte) { return byte == key->front(); }))
            out.push_back(error_at(file, line, "all 32 bytes of the key are the same", how_to_make));
        else if (std::find(keys.begin(), keys.end(), *key) != keys.end())
            out.push_back(
                error_at(file, line, "this key stands in the file already", "remove one of the two lines")
            );
        else if (keys.size() == max_keys_per_file) {
            out.push_back(error_at(
                file, line, "more than " + std::to_string(max_keys_per_file) + " keys",
                "remove the oldest, which are the last"
            ));
            return keys;
        } else
            keys.push_back(*key);
    }
    if (keys.empty() && out.size() == complaints_before)
        out.push_back(error_at(file, 0, "there is no key in it", how_to_make));
    return keys;
}

std::string format_keys(const key_list& keys) {
    std::string out;
    for (const auto& key : keys) {
        std::uint32_t bits = 0;
        unsigned held = 0;
        for (const auto byte : key) {
            bits = (bits << 8 | byte) & 0xffff;
            for (held += 8; held >= 6; held -= 6) out += alphabet[bits >> (held - 6) & 0x3f];
        }
        out += alphabet[bits << (6 - held) & 0x3f];
        out += "=\n";
    }
    return out;
}

std::optional<key_set> load_keys(const std::string& directory, complaints& out) {
    complaints found;
    key_set keys;
    struct stat facts {};
    if (::stat(directory.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
        out.push_back(error_at(
            directory, 0, "not a directory", "--keys names a directory with the files cookie, ticket and peer"
        ));
        return std::nullopt;
    }
    for (const auto& one : kinds) {
        const auto path = directory + '/' + one.name;
        if (const auto text = read_file(path, found)) keys.*one.list = parse_keys(*text, path, found);
    }
    keys.durable = true;
    out.insert(out.end(), found.begin(), found.end());
    if (has_errors(found)) return std::nullopt;
    return keys;
}

std::optional<key_set> standing_alone_keys(state_directory* state, complaints& out) {
    key_set keys;
    keys.durable = state != nullptr;
    bool good = true;
    for (const auto& one : kinds) {
        auto& list = keys.*one.list;
        if (state == nullptr) {
            list = {make_key()};
            continue;
        }
        const auto name = std::string(one.name) + ".key";
        std::string error;
        if (const auto text = state->read(name, error)) {
            complaints found;
            list = parse_keys(*text, state->path() + '/' + name, found);
            out.insert(out.end(), found.begin(), found.end());
            good = good && !has_errors(found);
            continue;
        }
        if (error.empty()) {
            list = {make_key()};
            if (state->write(name, format_keys(list), error)) continue;
        }
        out.push_back(error_at({}, 0, error));
        good = false;
    }
    if (!good) return std::nullopt;
    return keys;
}

bool rotate_ticket_keys(key_list& keys, std::size_t keep, state_directory* state, std::string& error) {
    auto next = keys;
    next.insert(next.begin(), make_key());
    if (next.size() > keep) next.resize(keep);
    if (state != nullptr && !state->write("ticket.key", format_keys(next), error)) return false;
    keys = std::move(next);
    return true;
}

secret_key make_key() {
    secret_key out;
    ssize_t got;
    do got = ::getrandom(out.data(), out.size(), 0);
    while (got < 0 && errno == EINTR);
    if (got != static_cast<ssize_t>(out.size()))
        std::abort(); // at most 256 bytes are never cut short (getrandom(2))
    return out;
}

} // namespace adit
