#include "cli/weights_document.hpp"

#include "admin/json_text.hpp"
#include "cli/utf8.hpp"
#include "cli/wall_clock.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <stdexcept>

namespace adit::cli {

namespace {

namespace json = boost::json;

constexpr std::uint64_t current_version = 1;

json::string text(std::string_view bytes) {
    return json::string(clean_utf8(bytes));
}

json::object weights_json(const canary::weight_map& weights) {
    json::object out;
    for (const auto& [track, weight] : weights) out[text(track)] = to_percent(weight);
    return out;
}

json::object deed_json(const canary::deed& done) {
    return {{"by", text(done.by)}, {"at", format_time(done.at)}};
}

json::object kill_json(const canary::kill_order& kill) {
    json::object out;
    if (kill.everything) out["everything"] = deed_json(kill.done);
    json::object routes;
    for (const auto& [route, done] : kill.routes) routes[text(route)] = deed_json(done);
    out["routes"] = std::move(routes);
    return out;
}

// Thrown by the reader below and caught in read_weights_document().
struct unreadable : std::runtime_error {
    using runtime_error::runtime_error;
};

// A value with the name by which complaints call it.
class item {
public:
    item(const json::value& value, std::string name) : value_(&value), name_(std::move(name)) {}

    [[noreturn]] void refuse(std::string_view what) const {
        throw unreadable(
            (name_.empty() ? std::string("the document") : name_) + (name_.empty() ? " " : ": ") +
            std::string(what)
        );
    }
    const json::object& object() const {
        if (!value_->is_object()) refuse("is not an object");
        return value_->get_object();
    }
    std::string string() const {
        if (!value_->is_string()) refuse("is not a text");
        return std::string(value_->get_string());
    }
    std::uint64_t whole_number() const {
        boost::system::error_code error;
        const auto out = value_->to_number<std::uint64_t>(error);
        if (error) refuse("is not a whole number from 0");
        return out;
    }
    model::weight weight() const {
        boost::system::error_code error;
        auto why = model::weight_error::not_a_number;
        const auto percent = value_->to_number<double>(error);
        const auto out = error ? std::nullopt : model::to_weight(percent, &why);
        if (!out) refuse(to_text(why));
        return *out;
    }
    canary::wall_time time() const {
        const auto out = parse_time(string());
        if (!out) refuse("is not a time such as 2026-03-01T12:00:00Z");
        return *out;
    }

    // A null is as good as nothing.
    std::optional<item> find(std::string_view key) const {
        const auto* found = object().if_contains(key);
        if (!found || found->is_null()) return std::nullopt;
        return item(*found, name_.empty() ? std::string(key) : name_ + '.' + std::string(key));
    }
    item require(std::string_view key) const {
        auto out = find(key);
        if (!out) refuse('"' + std::string(key) + "\" is missing");
        return *out;
    }
    template <class Each>
    void for_each_member(Each each) const {
        for (const auto& one : object())
            each(std::string(one.key()), item(one.value(), name_ + '.' + std::string(one.key())));
    }
    template <class Each>
    void for_each_element(Each each) const {
        if (!value_->is_array()) refuse("is not a list");
        std::size_t at = 0;
        for (const auto& one : value_->get_array()) each(item(one, name_ + '[' + std::to_string(at++) + ']'));
    }

private:
    const json::value* value_;
    std::string name_;
};

canary::weight_map read_weights(const item& from) {
    canary::weight_map out;
    std::uint32_t sum = 0;
    from.for_each_member([&](const std::string& track, const item& one) {
        const auto weight = one.weight();
        sum += weight.hundredths;
        out.insert_or_assign(track, weight);
    });
    if (sum > model::weight::whole) from.refuse("the weights add up to more than 100");
    return out;
}

canary::deed read_deed(const item& from) {
    canary::deed out;
    if (const auto by = from.find("by")) out.by = by->string();
    if (const auto at = from.find("at")) out.at = at->time();
    return out;
}

canary::weight_override read_override(const item& from) {
    canary::weight_override out;
    out.route = from.require("route").string();
    out.weights = read_weights(from.require("weights"));
    out.declared = read_weights(from.require("declared"));
    out.done = read_deed(from);
    return out;
}

canary::kill_order read_kill(const item& from) {
    canary::kill_order out;
    if (const auto everything = from.find("everything")) {
        out.everything = true;
        out.done = read_deed(*everything);
    }
    if (const auto routes = from.find("routes"))
        routes->for_each_member([&](const std::string& route, const item& one) {
            out.routes.insert_or_assign(route, read_deed(one));
        });
    return out;
}

canary::authority_state read_state(const item& root) {
    if (const auto version = root.require("version"); version.whole_number() != current_version)
        version.refuse(
            "is " + std::to_string(version.whole_number()) +
            ", and only 1 is known here: a later adit wrote this"
        );
    canary::authority_state out;
    if (const auto generation = root.find("generation")) out.generation = generation->whole_number();
    if (const auto overrides = root.find("overrides"))
        overrides->for_each_element([&](const item& one) { out.overrides.push_back(read_override(one)); });
    if (const auto kill = root.find("kill")) out.kill = read_kill(*kill);
    return out;
}

} // namespace

std::string write_weights_document(const canary::authority_state& state) {
    json::array overrides;
    for (const auto& one : state.overrides) {
        auto entry = deed_json(one.done);
        entry["route"] = text(one.route);
        entry["weights"] = weights_json(one.weights);
        entry["declared"] = weights_json(one.declared);
        overrides.push_back(std::move(entry));
    }
    const json::object out{
        {"version", current_version},
        {"generation", state.generation},
        {"overrides", std::move(overrides)},
        {"kill", kill_json(state.kill)}};
    return admin::json_text(out, admin::layout::indented) + '\n';
}

std::optional<canary::authority_state> read_weights_document(std::string_view text, std::string& error) {
    boost::system::error_code wrong;
    const auto parsed = json::parse(text, wrong);
    if (wrong) {
        error = "the document is not JSON: " + wrong.message();
        return std::nullopt;
    }
    try {
        return read_state(item(parsed, {}));
    } catch (const unreadable& why) {
        error = why.what();
        return std::nullopt;
    }
}

} // namespace adit::cli
