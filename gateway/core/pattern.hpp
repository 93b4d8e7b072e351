// Regular expressions as ingress-nginx reads them: PCRE2 over bytes, compiled once, shared by all threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

struct pcre2_real_code_8;

namespace adit {

class pattern {
public:
    static constexpr std::size_t max_size = 4096; // bytes of pattern text
    static constexpr std::uint32_t match_limit =
        100'000; // steps of backtracking before a search ends in `error`
    static constexpr std::uint32_t depth_limit =
        1'000; // nesting, where the pattern is interpreted, not compiled
    static constexpr std::size_t jit_stack_size = 256 * 1024; // per thread, grown to from 32 KiB

    struct options {
        bool caseless = false;
        bool anchored_start = false; // match only at the first byte
    };
    struct failure {
        std::string message;
        std::size_t offset = 0; // byte of the pattern where reading it stopped
    };
    // `error`: a limit was hit (or memory was short); the text neither matched nor failed to.
    enum class verdict : std::uint8_t { match, no_match, error };

    static std::variant<pattern, failure> compile(std::string_view text, options how);
    static std::variant<pattern, failure> compile(std::string_view text) { return compile(text, options{}); }

    // Looks for the pattern anywhere in `subject` (at its start, if so compiled). Allocates nothing after the
    // first call on a thread.
    verdict search(std::string_view subject) const noexcept;

    // What groups captured, by number; 0 is all that matched. A group that took no part is a null view.
    static constexpr std::size_t max_groups = 32;
    using groups = std::array<std::string_view, max_groups>;
    // The same search, which on a match fills `out` with parts of `subject`.
    verdict search(std::string_view subject, groups& out) const noexcept;

    // How many groups the pattern has, without the whole.
    std::size_t group_count() const noexcept;
    // The number of a group that has this name.
    std::optional<std::size_t> group_number(std::string_view name) const;

private:
    struct free_code {
        void operator()(pcre2_real_code_8* code) const noexcept;
    };
    explicit pattern(pcre2_real_code_8* code) noexcept : code_(code) {}

    std::unique_ptr<pcre2_real_code_8, free_code> code_;
};

} // namespace adit
