#include "admin/token.hpp"

#include "core/bytes.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace adit::admin {
namespace {

constexpr std::string_view unnamed = "token"; // the actor whose line has no name

} // namespace

token_file::token_file(std::string path, std::function<void(const std::string&)> complain)
    : path_(std::move(path)), complain_(std::move(complain)), seen_(stamp_of(path_)), entries_(read()) {
    if (!seen_) throw std::runtime_error("token file " + path_ + " cannot be read");
    if (entries_.empty()) throw std::runtime_error("token file " + path_ + " has no token in it");
}

std::optional<std::string> token_file::check(std::string_view presented) {
    refresh();
    const auto offered = digest_of(presented);
    const entry* match = nullptr;
    for (const auto& one : entries_)
        if (CRYPTO_memcmp(offered.data(), one.secret.data(), offered.size()) == 0) match = &one;
    if (!match) return std::nullopt;
    return match->name;
}

// Digests are compared so that neither the length nor the place of the first difference shows in the time.
token_file::digest token_file::digest_of(std::string_view text) {
    digest out{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), out.data(), &size, EVP_sha256(), nullptr) != 1 ||
        size != out.size())
        throw std::runtime_error("SHA-256 is not available");
    return out;
}

std::optional<token_file::stamp> token_file::stamp_of(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0 || S_ISDIR(info.st_mode)) return std::nullopt;
    return stamp{
        .device = info.st_dev,
        .inode = info.st_ino,
        .size = static_cast<std::uint64_t>(info.st_size),
        .seconds = info.st_mtim.tv_sec,
        .nanoseconds = info.st_mtim.tv_nsec};
}

std::vector<token_file::entry> token_file::parse(std::string_view text) {
    std::vector<entry> out;
    while (auto line = next_element(text, '\n')) {
        if (!line->empty() && line->back() == '\r') line = trim_ows(line->substr(0, line->size() - 1));
        if (line->empty() || line->front() == '#') continue;
        const auto gap = line->find_first_of(" \t");
        const auto name = gap == line->npos ? unnamed : line->substr(0, gap);
        const auto secret = gap == line->npos ? *line : trim_ows(line->substr(gap));
        out.push_back({std::string(name), digest_of(secret)});
    }
    return out;
}

std::vector<token_file::entry> token_file::read() const {
    std::ifstream in(path_, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return in.bad() ? std::vector<entry>{} : parse(text);
}

void token_file::refresh() {
    const auto now = stamp_of(path_);
    if (now == seen_) return;
    seen_ = now;
    auto fresh = now ? read() : std::vector<entry>{};
    if (!fresh.empty()) {
        entries_ = std::move(fresh);
    } else if (complain_) {
        complain_(
            "token file " + path_ + (now ? " has no token in it" : " has gone") +
            "; the last tokens stay in force"
        );
    }
}

} // namespace adit::admin
