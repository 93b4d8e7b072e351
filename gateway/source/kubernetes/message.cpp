#include "source/kubernetes/message.hpp"

#include "source/cluster/field.hpp"

#include <array>
#include <utility>

namespace adit::source::kubernetes {

namespace {

using cluster::field;

constexpr tree_bounds bounds{.depth = 100, .nodes = 8'000'000, .first_line = 1};
constexpr std::int64_t longest_wait = 86'400; // seconds that a refusal may ask for

std::optional<tree> parse(std::string_view text, std::string& why) {
    complaint problem;
    auto out = tree::parse_json(text, {}, problem, bounds);
    if (!out) why = std::move(problem.message);
    return out;
}

// Objects and broken ones of that kind, each with what is wrong with it. Complaints name the object they are
// about; those that name none stand for an object of their own.
std::vector<received> take_apart(cluster::decoded from, std::string_view kind) {
    std::vector<received> out;
    const auto begins = std::string(kind) + ' ';
    std::map<std::string, std::size_t, std::less<>> at; // by title
    for (auto& one : from.objects) {
        if (cluster::kind_of(one) != kind) continue;
        at.emplace(cluster::title_of(one), out.size());
        auto name = cluster::meta_of(one).key();
        out.push_back({std::move(name), std::move(one), {}});
    }
    for (const auto& title : from.broken)
        if (title.starts_with(begins) && at.emplace(title, out.size()).second)
            out.push_back({title.substr(begins.size()), {}, {}});
    for (auto& one : from.problems) {
        const auto title = one.key.substr(0, one.key.find(": "));
        const auto known = at.find(title);
        if (known == at.end()) out.push_back({});
        auto& owner = known == at.end() ? out.back() : out[known->second];
        owner.problems.push_back(std::move(one));
    }
    return out;
}

refusal read_status(const field& from) {
    refusal out;
    const auto code = from["code"].number(0, 999);
    out.code = static_cast<unsigned>(code);
    out.message = from["message"].text();
    if (out.message.empty()) out.message = from["reason"].text();
    if (const auto wait = from["details"]["retryAfterSeconds"])
        out.retry_after = std::chrono::seconds(wait.number(0, longest_wait));
    return out;
}

std::optional<reflector::change> change_of(std::string_view type) {
    using change = reflector::change;
    constexpr std::array<std::pair<std::string_view, change>, 4> known{
        {{"ADDED", change::added},
         {"MODIFIED", change::modified},
         {"DELETED", change::deleted},
         {"BOOKMARK", change::bookmark}}};
    for (const auto& [name, what] : known)
        if (name == type) return what;
    return std::nullopt;
}

const node* member(const node& of, std::string_view name) {
    for (const auto& one : of.members)
        if (one.key == name) return one.value;
    return nullptr;
}

// The version is worth having though the object may be broken.
std::string version_of(const field& object) {
    try {
        return object["metadata"]["resourceVersion"].text();
    } catch (const cluster::refused&) {
        return {};
    }
}

std::optional<event> read_event(const node& root, std::string_view kind, std::string& why) {
    const field from(root, {});
    const auto type = from["type"].text();
    const auto* object = member(root, "object");
    if (!object) return why = "an event without an object", std::nullopt;
    event out;
    if (type == "ERROR") {
        out.refused = read_status(field(*object, "object"));
        return out;
    }
    out.what = change_of(type);
    if (!out.what) return why = "an event of the unknown type `" + type + '`', std::nullopt;
    out.version = version_of(field(*object, "object"));
    if (out.what == reflector::change::bookmark) return out;
    cluster::decoded read;
    cluster::decode(*object, {}, read);
    auto all = take_apart(std::move(read), kind);
    if (!all.empty()) out.object = std::move(all.front());
    return out;
}

} // namespace

std::optional<page> read_page(std::string_view body, std::string_view kind, std::string& why) {
    const auto parsed = parse(body, why);
    if (!parsed) return std::nullopt;
    try {
        const field root(parsed->root(), {});
        page out;
        out.version = root["metadata"]["resourceVersion"].text();
        out.more = root["metadata"]["continue"].text();
        const auto wanted = std::string(kind) + "List";
        if (const auto got = root["kind"].text(); got != wanted)
            return why = "a list of the kind `" + got + "`, not " + wanted, std::nullopt;
        if (out.version.empty()) return why = "a list without a resourceVersion", std::nullopt;
        // What is no list would be taken for an empty one.
        if (!member(parsed->root(), "items")) return why = "a list without items", std::nullopt;
        cluster::decoded read;
        if (!root["items"].items().empty()) cluster::decode(parsed->root(), {}, read);
        out.objects = take_apart(std::move(read), kind);
        return out;
    } catch (const cluster::refused& wrong) {
        return why = wrong.path + ": " + wrong.message, std::nullopt;
    }
}

refusal read_refusal(std::string_view body) {
    std::string why;
    const auto parsed = parse(body, why);
    if (!parsed) return {};
    try {
        return read_status(field(parsed->root(), {}));
    } catch (const cluster::refused&) {
        return {};
    }
}

std::optional<lease> read_lease(std::string_view body, std::string& why) {
    const auto parsed = parse(body, why);
    if (!parsed) return std::nullopt;
    try {
        const field root(parsed->root(), {});
        lease out;
        out.version = root["metadata"]["resourceVersion"].text();
        if (out.version.empty()) return why = "a Lease without a resourceVersion", std::nullopt;
        const auto spec = root["spec"];
        out.holder = spec["holderIdentity"].text();
        out.renewed = spec["renewTime"].text();
        out.lasts = std::chrono::seconds(spec["leaseDurationSeconds"].number(0, longest_wait));
        return out;
    } catch (const cluster::refused& wrong) {
        return why = wrong.path + ": " + wrong.message, std::nullopt;
    }
}

std::optional<event> read_event(std::string_view line, std::string_view kind, std::string& why) {
    const auto parsed = parse(line, why);
    if (!parsed) return std::nullopt;
    try {
        return read_event(parsed->root(), kind, why);
    } catch (const cluster::refused& wrong) {
        return why = wrong.path + ": " + wrong.message, std::nullopt;
    }
}

void line_cutter::feed(std::string_view bytes, const std::function<bool(std::string_view)>& hear) {
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto piece = bytes.substr(0, end);
        if (!skipping_ && rest_.size() + piece.size() > most_) {
            skipping_ = true;
            ++passed_over_;
            rest_ = {};
        }
        if (end == bytes.npos) {
            if (!skipping_) rest_ += piece;
            return;
        }
        bytes.remove_prefix(end + 1);
        if (std::exchange(skipping_, false)) continue;
        const auto line = std::exchange(rest_, {}).append(piece);
        if (!line.empty() && !hear(line)) return;
    }
}

} // namespace adit::source::kubernetes
