#include "source/ingress/snippet.hpp"

namespace adit::source::ingress {

namespace {

constexpr std::size_t most_text = 64 * 1024;
constexpr int most_depth = 8;
constexpr std::size_t most_directives = 500;

// nginx's ngx_conf_read_token(): words end at blanks, ';' and '{', but for "${", and quotes go around a whole
// word only.
class reader {
public:
    explicit reader(std::string_view text)
        : text_(text.substr(0, most_text)), whole_(text.size() <= most_text) {}

    snippet read() {
        snippet out;
        read_block(out.directives, 0);
        out.whole = whole_ && at_ == text_.size();
        return out;
    }

private:
    enum class stop { end, semicolon, open, close, broken };

    // False at the end of the block, or where nothing can be understood any more.
    void read_block(std::vector<directive>& into, int depth) {
        for (;;) {
            directive one;
            const auto why = read_words(one.words);
            if (why == stop::semicolon) {
                if (!one.words.empty() && !add(into, std::move(one))) return;
                continue;
            }
            if (why == stop::open && depth < most_depth && !one.words.empty() && !is_lua(one.words.front())) {
                one.has_block = true;
                read_block(one.block, depth + 1);
                if (!whole_ || !add(into, std::move(one))) return;
                continue;
            }
            // A last directive without its ';' is a mistake, but tells what was meant.
            if ((why == stop::end || why == stop::close) && !one.words.empty()) add(into, std::move(one));
            if (why == stop::open || why == stop::broken || (why == stop::close) != (depth > 0))
                whole_ = false;
            return;
        }
    }

    bool add(std::vector<directive>& into, directive one) {
        if (++met_ > most_directives) return whole_ = false;
        into.push_back(std::move(one));
        return true;
    }

    static bool is_lua(std::string_view name) { return name.find("_by_lua") != std::string_view::npos; }
    static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    void skip_blanks() {
        while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == '#')) {
            if (text_[at_] != '#') {
                ++at_;
                continue;
            }
            const auto end = text_.find('\n', at_);
            at_ = end == std::string_view::npos ? text_.size() : end;
        }
    }

    stop read_words(std::vector<std::string>& into) {
        for (;;) {
            skip_blanks();
            if (at_ == text_.size()) return stop::end;
            const char c = text_[at_];
            if (c == ';' || c == '{' || c == '}') {
                ++at_;
                return c == ';' ? stop::semicolon : c == '{' ? stop::open : stop::close;
            }
            std::string word;
            const bool quoted = c == '"' || c == '\'';
            if (quoted && !read_quoted(word)) return stop::broken;
            read_bare(word); // what stands behind the quotes, as in `if ($a = "b")`
            into.push_back(std::move(word));
        }
    }

    bool read_quoted(std::string& into) {
        const char quote = text_[at_++];
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == quote) {
                ++at_;
                return true;
            }
            if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == quote) ++at_;
            into += text_[at_];
        }
        return false;
    }

    void read_bare(std::string& into) {
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (is_blank(c) || c == ';') return;
            if (c == '{' && !into.ends_with('$')) return;
            if (c == '\\' && at_ + 1 < text_.size()) into += text_[at_++];
            into += text_[at_];
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t met_ = 0;
    bool whole_;
};

} // namespace

snippet parse_snippet(std::string_view text) {
    return reader(text).read();
}

} // namespace adit::source::ingress
