// Annotations of one Ingress as ingress-nginx reads them, quirks included.
#pragma once

#include "core/complaint.hpp"
#include "source/cluster/objects.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source::ingress {

// What Adit makes of an annotation of ingress-nginx.
enum class support : std::uint8_t {
    yes,
    differs, // `note` says how
    no       // `note` says what to do instead, if anything
};
struct known_annotation {
    std::string_view name; // without the prefix
    support how;
    std::string_view note;
};
// All that ingress-nginx 1.15 documents, by name; and a few that people write though it never knew them.
std::span<const known_annotation> known_annotations() noexcept;
const known_annotation* find_annotation(std::string_view name) noexcept;

// Go's strconv.ParseBool and Atoi.
std::optional<bool> go_bool(std::string_view text) noexcept;
std::optional<std::int64_t> go_atoi(std::string_view text) noexcept;
// A decimal fraction as `part` of `scale`: "12.5" is 125 of 10. At most six digits behind the dot.
struct decimal {
    std::int64_t part = 0;
    std::int64_t scale = 1;
};
std::optional<decimal> parse_fraction(std::string_view text) noexcept;

// [/\-._~A-Za-z0-9:]; and with the marks of a regular expression. Blanks (not tabs) are passed over.
bool is_basic(std::string_view text) noexcept;
bool is_pattern(std::string_view text) noexcept;

class annotation_reader {
public:
    // `prefix` without the slash. Both live as long as the reader.
    annotation_reader(const cluster::ingress& of, std::string_view prefix, complaints& out);

    bool has(std::string_view name) const { return find(name) != nullptr; }
    // As it is written; nullopt where there is none.
    std::optional<std::string_view> raw(std::string_view name) const;
    // Each line without the blanks around it; nullopt where nothing is left.
    std::optional<std::string> text(std::string_view name) const;
    // The items of a comma separated list, trimmed, without empty ones.
    std::vector<std::string> list(std::string_view name) const;

    // What is no value of the kind is warned of, and as good as not written …
    std::optional<bool> flag(std::string_view name) const;
    // … but a number that is none makes ingress-nginx keep the last version of the whole object: refused().
    std::optional<std::int64_t> number(std::string_view name);
    bool refused() const noexcept { return refused_; }
    void refuse(std::string_view name, std::string message, std::string hint = {});

    void warn(std::string_view name, std::string message, std::string hint = {}) const;
    // Those that nobody knows, and those that Adit does not honour.
    void warn_of_unsupported() const;

    const cluster::ingress& object() const noexcept { return of_; }

private:
    const cluster::note* find(std::string_view name) const;
    complaint about(std::string_view name, complaint::severity level) const;

    const cluster::ingress& of_;
    std::string prefix_; // with the slash
    complaints& out_;
    bool refused_ = false;
};

} // namespace adit::source::ingress
