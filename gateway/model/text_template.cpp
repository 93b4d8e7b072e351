#include "model/text_template.hpp"

#include <algorithm>
#include <array>

namespace adit::model {

namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, variable_count> names{
    "",
    "",
    "",
    "authority",
    "host",
    "method",
    "path",
    "query",
    "remote_addr",
    "request_id",
    "request_uri",
    "route",
    "scheme",
    "track"};

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_word(char c) noexcept {
    return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string list_of(variable_set allowed) {
    std::string out;
    for (std::size_t i = 0; i < variable_count; ++i)
        if (!names[i].empty() && allowed.has(static_cast<variable>(i)))
            out += (out.empty() ? "$" : ", $") + std::string(names[i]);
    if (allowed.has(variable::group)) out += (out.empty() ? "" : ", ") + std::string("$1 to $9, ${name}");
    return out;
}

class parser {
public:
    parser(std::string_view text, variable_set allowed, fault* why)
        : text_(text), allowed_(allowed), why_(why) {}

    std::optional<text_template> run() {
        while (at_ < text_.size()) {
            if (text_[at_] != '$') {
                literal_ += text_[at_++];
            } else if (text_.substr(at_, 2) == "$$") {
                literal_ += '$';
                at_ += 2;
            } else if (!take_variable()) {
                return std::nullopt;
            }
        }
        end_literal();
        return std::move(out_);
    }

private:
    void end_literal() {
        if (!literal_.empty()) out_.push_back({variable::literal, std::move(literal_), 0});
        literal_.clear();
    }

    std::nullopt_t refuse_here(std::string message) {
        const auto known = list_of(allowed_);
        return refuse(
            why_, std::move(message), known.empty() ? "write $$ for a dollar" : "known here: " + known
        );
    }

    bool take_variable() {
        const bool braces = text_.substr(at_, 2) == "${";
        const auto from = at_ + (braces ? 2 : 1);
        auto end = from;
        if (!braces && end < text_.size() && is_digit(text_[end]))
            ++end; // "$12" is group 1 and a 2
        else
            while (end < text_.size() && is_word(text_[end])) ++end;
        const auto name = text_.substr(from, end - from);
        if (name.empty() || (braces && (end == text_.size() || text_[end] != '}'))) {
            refuse_here(name.empty() ? "a dollar without a name" : "`${` without its `}`");
            return false;
        }
        at_ = end + (braces ? 1 : 0);
        end_literal();
        return add(name, braces);
    }

    bool add(std::string_view name, bool braces) {
        if (name.size() == 1 && is_digit(name[0]) && allowed_.has(variable::group)) {
            out_.push_back({variable::group, {}, static_cast<std::uint8_t>(name[0] - '0')});
            return true;
        }
        const auto found = std::find(names.begin(), names.end(), name);
        const auto what =
            found == names.end() ? variable::literal : static_cast<variable>(found - names.begin());
        if (what != variable::literal && allowed_.has(what)) {
            out_.push_back({what, {}, 0});
            return true;
        }
        if (braces && !is_digit(name[0]) && what == variable::literal &&
            allowed_.has(variable::named_group)) {
            out_.push_back({variable::named_group, std::string(name), 0});
            return true;
        }
        refuse_here("there is no variable `$" + std::string(name) + "` here");
        return false;
    }

    std::string_view text_;
    variable_set allowed_;
    fault* why_;
    std::size_t at_ = 0;
    std::string literal_;
    text_template out_;
};

} // namespace

std::optional<text_template> parse_template(std::string_view text, variable_set allowed, fault* why) {
    return parser(text, allowed, why).run();
}

std::string_view name_of(variable what) noexcept {
    return names[static_cast<std::size_t>(what)];
}

} // namespace adit::model
