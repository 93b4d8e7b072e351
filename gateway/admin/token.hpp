// The bearer tokens that let in, from a file. One a line: "TOKEN", or "NAME TOKEN" so that the audit log can
// tell people apart; empty lines and lines that begin with '#' say nothing.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::admin {

class token_file {
public:
    // Throws std::runtime_error, with a sentence for the operator, where `path` yields no token.
    token_file(std::string path, std::function<void(const std::string&)> complain);

    // The name that goes with `presented`, or nullopt. How long it takes does not depend on how much of a
    // token is right. Looks first whether the file has changed; a file that has gone or says nothing leaves
    // the last tokens in force, and that is complained of once.
    std::optional<std::string> check(std::string_view presented);

private:
    using digest = std::array<std::uint8_t, 32>;
    struct entry {
        std::string name;
        digest secret;
    };
    struct stamp {
        std::uint64_t device = 0, inode = 0, size = 0;
        std::int64_t seconds = 0, nanoseconds = 0;
        bool operator==(const stamp&) const = default;
    };

    static digest digest_of(std::string_view text);
    static std::optional<stamp> stamp_of(const std::string& path);
    static std::vector<entry> parse(std::string_view text);
    std::vector<entry> read() const;
    void refresh();

    std::string path_;
    std::function<void(const std::string&)> complain_;
    std::optional<stamp> seen_;
    std::vector<entry> entries_;
};

} // namespace adit::admin
