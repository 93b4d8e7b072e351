#include "source/file/tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <array>
#include <charconv>
#include <istream>
#include <streambuf>
#include <unordered_map>
#include <utility>

namespace adit::source {

namespace {

// Thrown through yaml-cpp, caught in tree::parse().
struct broken {
    int line, column;
    std::string message, hint;
};

// Reads the text where it lies.
class view_buffer : public std::streambuf {
public:
    explicit view_buffer(std::string_view text) {
        auto* begin = const_cast<char*>(text.data()); // NOLINT: the get area is never written to
        setg(begin, begin, begin + text.size());
    }
};

// Length of the UTF-8 sequence at the front (RFC 3629 §4), 0 = none.
std::size_t utf8_length(std::string_view text) noexcept {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto tail = [&](std::size_t i) { return (at(i) & 0xc0U) == 0x80U; };
    const auto first = at(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const bool range = (first != 0xe0 || at(1) >= 0xa0) && (first != 0xed || at(1) <= 0x9f);
        return range && tail(1) && tail(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool range = (first != 0xf0 || at(1) >= 0x90) && (first != 0xf4 || at(1) <= 0x8f);
        return range && tail(1) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

// yaml-cpp takes byte 4 for the end of the file and replaces what is not UTF-8 without a word: look before it
// does.
void check_bytes(std::string_view text, int line) {
    int column = 1;
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text[0]);
        if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f)
            throw broken{
                line, column, "a control byte (" + std::to_string(byte) + ") stands in the file",
                "save it as UTF-8 text"};
        const auto length = utf8_length(text);
        if (length == 0) throw broken{line, column, "the file is not UTF-8", "save it as UTF-8 text"};
        ++column;
        if (byte == '\n') ++line, column = 1;
        text.remove_prefix(length);
    }
}

// What yaml-cpp's words mean for who wrote the file.
std::string_view advice(std::string_view message) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> known{{
        {"illegal map value", "look at the indentation, and put quotes around a value with ': ' in it"},
        {"end of map not found", "look at the indentation of this line: it fits none above"},
        {"end of sequence not found", "look at the indentation of this line: it fits none above"},
        {"end of map flow not found", "a { is not closed"},
        {"end of sequence flow not found", "a [ is not closed"},
        {"illegal EOF in scalar", "a quotation mark is not closed"},
        {"illegal tab when looking for indentation", "indent with spaces"},
        {"the referenced anchor is not defined", "put quotes around a value that begins with '*'"},
        {"unknown token", "put quotes around a value that begins with '@', '`' or '%'"},
    }};
    for (const auto& [word, hint] : known)
        if (message.starts_with(word)) return hint;
    return {};
}

} // namespace

class tree_builder final : public YAML::EventHandler {
public:
    tree_builder(tree& out, const tree_bounds& within) : out_(out), within_(within) {}

    void OnDocumentStart(const YAML::Mark&) override { anchors_.clear(); }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        if (wants_key()) fail(mark, "a key is missing before ':'");
        put(make(mark, node::kind::nothing, anchor), mark);
    }
    void OnScalar(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value
    ) override {
        if (wants_key()) {
            check_tag(mark, tag);
            auto& open = open_.back();
            open.node->members.push_back({value, line_of(mark), mark.column + 1, nullptr});
            open.has_key = true;
            if (anchor) fail(mark, "a key carries no anchor", "put quotes around a key that begins with '&'");
            return;
        }
        auto& made = make(mark, node::kind::scalar, anchor);
        made.text = value;
        made.quoted = check_tag(mark, tag);
        put(made, mark);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        if (wants_key()) fail(mark, "an alias is no key", "put quotes around a key that begins with '*'");
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) fail(mark, "the referenced anchor is not defined");
        for (const auto& open : open_)
            if (open.node == found->second) fail(mark, "an alias stands inside its own anchor", "remove it");
        put(*found->second, mark);
    }

    void OnSequenceStart(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value
    ) override {
        start(mark, tag, node::kind::list, anchor);
    }
    void OnSequenceEnd() override { open_.pop_back(); }
    void OnMapStart(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value
    ) override {
        start(mark, tag, node::kind::map, anchor);
    }
    void OnMapEnd() override { open_.pop_back(); }

private:
    struct open_node {
        adit::source::node* node;
        bool has_key = false; // the last member waits for its value
    };

    int line_of(const YAML::Mark& mark) const noexcept { return mark.line + within_.first_line; }

    [[noreturn]] void fail(const YAML::Mark& mark, std::string message, std::string hint = {}) const {
        throw broken{line_of(mark), mark.column + 1, std::move(message), std::move(hint)};
    }

    bool wants_key() const {
        return !open_.empty() && open_.back().node->what == node::kind::map && !open_.back().has_key;
    }

    // True for text by quotes or by tag. "?" and "!" are yaml-cpp's words for plain and quoted.
    bool check_tag(const YAML::Mark& mark, const std::string& tag) const {
        if (tag.empty() || tag == "?") return false;
        if (tag == "!" || tag == "tag:yaml.org,2002:str") return true;
        if (tag.starts_with("tag:yaml.org,2002:")) return false;
        fail(
            mark, "the YAML tag " + tag + " means nothing here",
            "remove it, or put quotes around a value that begins with '!'"
        );
    }

    node& make(const YAML::Mark& mark, node::kind what, YAML::anchor_t anchor) {
        if (out_.nodes_.size() >= within_.nodes)
            fail(
                mark, "the file has more than " + std::to_string(within_.nodes) + " values",
                "split it over several gateways"
            );
        auto& made = out_.nodes_.emplace_back();
        made.what = what;
        made.line = line_of(mark);
        made.column = mark.column + 1;
        if (anchor) anchors_[anchor] = &made;
        return made;
    }

    void put(const node& value, const YAML::Mark& mark) {
        if (open_.empty()) {
            if (value.what == node::kind::nothing) return; // `---` with nothing after it
            if (out_.root_) fail(mark, "a second YAML document", "keep one document in the file");
            out_.root_ = &value;
            return;
        }
        auto& open = open_.back();
        if (open.node->what == node::kind::list) {
            open.node->items.push_back(&value);
        } else {
            open.node->members.back().value = &value;
            open.has_key = false;
        }
    }

    void start(const YAML::Mark& mark, const std::string& tag, node::kind what, YAML::anchor_t anchor) {
        if (wants_key())
            fail(mark, "a key is a word, not a list or a map", "or a { or [ before it is not closed");
        if (open_.size() >= within_.depth)
            fail(mark, "nested more than " + std::to_string(within_.depth) + " deep");
        check_tag(mark, tag);
        auto& made = make(mark, what, anchor);
        put(made, mark);
        open_.push_back({&made});
    }

    tree& out_;
    const tree_bounds within_;
    std::vector<open_node> open_;
    std::unordered_map<YAML::anchor_t, const node*> anchors_;
};

std::optional<tree>
tree::parse(std::string_view text, const std::string& file, complaint& problem, const tree_bounds& within) {
    tree out;
    const auto refused = [&](int line, int column, std::string message, std::string hint) {
        problem = {complaint::severity::error, {file, line, column}, {}, std::move(message), std::move(hint)};
        return std::nullopt;
    };
    try {
        check_bytes(text, within.first_line);
        view_buffer buffer(text);
        std::istream in(&buffer);
        YAML::Parser parser(in);
        tree_builder builder(out, within);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const broken& why) {
        return refused(why.line, why.column, why.message, why.hint);
    } catch (const YAML::Exception& why) {
        return refused(
            why.mark.line + within.first_line, why.mark.column + 1, "not valid YAML: " + why.msg,
            std::string(advice(why.msg))
        );
    } catch (const std::exception& why) {
        return refused(0, 0, std::string("not readable as YAML: ") + why.what(), {});
    }
    if (!out.root_) out.root_ = &out.nodes_.emplace_back();
    return out;
}

namespace {

struct step {
    const node* value;
    place at;
    std::size_t used; // bytes of the key
};

// One step down along `rest`, which begins with ".name", "name" or "[index]". Names may hold dots: the
// longest wins.
std::optional<step> descend(const node& from, std::string_view rest) {
    const std::size_t dot = rest.starts_with('.') ? 1 : 0;
    if (from.what == node::kind::list && rest.starts_with('[')) {
        std::size_t index = 0;
        const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), index);
        if (error != std::errc{} || index >= from.items.size()) return std::nullopt;
        const auto* item = from.items[index];
        return step{item, {{}, item->line, item->column}, static_cast<std::size_t>(end - rest.data()) + 1};
    }
    if (from.what != node::kind::map) return std::nullopt;
    const node::member* best = nullptr;
    const auto name = rest.substr(dot);
    for (const auto& one : from.members) {
        if (!name.starts_with(one.key)) continue;
        const auto after = name.substr(one.key.size());
        if (!after.empty() && after[0] != '.' && after[0] != '[') continue;
        if (!best || one.key.size() > best->key.size()) best = &one;
    }
    if (!best || !best->value) return std::nullopt;
    // The value is what is wrong, unless nothing was written or it begins on a later line.
    const auto& value = *best->value;
    const bool inline_value = value.what != node::kind::nothing && value.line == best->line;
    return step{&value, {{}, best->line, inline_value ? value.column : best->column}, dot + best->key.size()};
}

} // namespace

place find_place(const node& root, std::string_view key, const std::string& file) {
    place at{file, root.line, root.column};
    const node* current = &root;
    while (!key.empty()) {
        const auto next = descend(*current, key);
        if (!next) break;
        current = next->value;
        at.line = next->at.line;
        at.column = next->at.column;
        key.remove_prefix(std::min(next->used, key.size()));
    }
    return at;
}

} // namespace adit::source
