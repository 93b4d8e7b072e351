// JSON texts as trees: Boost.JSON's parser calls, and nodes are made at once, so that no second copy of the
// document is held.
#include "source/file/tree.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <utility>

namespace adit::source {

// What boost::json::basic_parser wants of a handler. Pieces of a text come one after the other, the last by
// the function without `_part`.
class json_builder {
public:
    using error_code = boost::system::error_code;
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    json_builder(tree& out, std::size_t most) : out_(out), most_(most) {}

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code& error) { return open(node::kind::map, error); }
    bool on_object_end(std::size_t, error_code&) { return close(); }
    bool on_array_begin(error_code& error) { return open(node::kind::list, error); }
    bool on_array_end(std::size_t, error_code&) { return close(); }
    bool on_key_part(std::string_view part, std::size_t, error_code&) { return add(part); }
    bool on_key(std::string_view part, std::size_t, error_code&) {
        add(part);
        open_.back()->members.push_back({std::exchange(text_, {}), 0, 0, nullptr});
        return true;
    }
    bool on_string_part(std::string_view part, std::size_t, error_code&) { return add(part); }
    bool on_string(std::string_view part, std::size_t, error_code& error) {
        return add(part) && scalar(true, error);
    }
    bool on_number_part(std::string_view part, error_code&) { return add(part); }
    bool on_int64(std::int64_t, std::string_view part, error_code& error) {
        return add(part) && scalar(false, error);
    }
    bool on_uint64(std::uint64_t, std::string_view part, error_code& error) {
        return add(part) && scalar(false, error);
    }
    bool on_double(double, std::string_view part, error_code& error) {
        return add(part) && scalar(false, error);
    }
    bool on_bool(bool value, error_code& error) {
        return add(value ? "true" : "false") && scalar(false, error);
    }
    bool on_null(error_code& error) { return make(node::kind::nothing, error) != nullptr; }
    bool on_comment_part(std::string_view, error_code&) { return true; }
    bool on_comment(std::string_view, error_code&) { return true; }

private:
    bool add(std::string_view part) {
        text_ += part;
        return true;
    }

    node* make(node::kind what, error_code& error) {
        if (out_.nodes_.size() >= most_) {
            error = boost::json::make_error_code(boost::json::error::array_too_large);
            return nullptr;
        }
        auto& made = out_.nodes_.emplace_back();
        made.what = what;
        if (open_.empty())
            out_.root_ = &made;
        else if (open_.back()->what == node::kind::list)
            open_.back()->items.push_back(&made);
        else
            open_.back()->members.back().value = &made;
        return &made;
    }

    bool scalar(bool quoted, error_code& error) {
        auto* made = make(node::kind::scalar, error);
        if (!made) return false;
        made->text = std::exchange(text_, {});
        made->quoted = quoted;
        return true;
    }

    bool open(node::kind what, error_code& error) {
        auto* made = make(what, error);
        if (made) open_.push_back(made);
        return made != nullptr;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    tree& out_;
    const std::size_t most_;
    std::vector<node*> open_;
    std::string text_; // of a key or a scalar that has begun
};

std::optional<tree> tree::parse_json(
    std::string_view text, const std::string& file, complaint& problem, const tree_bounds& within
) {
    tree out;
    boost::json::parse_options options;
    options.max_depth = within.depth;
    boost::json::basic_parser<json_builder> parser(options, out, within.nodes);
    boost::system::error_code error;
    const auto used = parser.write_some(false, text.data(), text.size(), error);
    // What is left over is a second document, or rubbish.
    if (!error && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos)
        error = boost::json::make_error_code(boost::json::error::extra_data);
    if (!error && out.root_) return out;
    problem = {
        complaint::severity::error,
        {file, 0, 0},
        {},
        "not valid JSON: " + (error ? error.message() : std::string("it is empty")) + ", after byte " +
            std::to_string(used),
        {}};
    return std::nullopt;
}

} // namespace adit::source
