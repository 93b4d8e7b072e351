#include "source/ingress/migration.hpp"

#include "source/ingress/annotations.hpp"
#include "source/ingress/migration_words.hpp"
#include "source/ingress/select.hpp"
#include "source/ingress/translate.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

namespace adit::source::ingress {

namespace {

constexpr std::string_view usual_config_map = "ingress-nginx-controller";
// The hint of every refusal, which says nothing of a controller that has never run.
constexpr std::string_view last_good_hint = "the last good version of the object stays in force";

// "Ingress shop/store: spec.tls[0]" in its parts; `title` is empty where no object is meant.
struct subject {
    std::string title, what;
};

subject subject_of(const complaint& one) {
    for (const auto kind : {cluster::ingress::kind, cluster::config_map::kind}) {
        if (!one.key.starts_with(std::string(kind) + ' ')) continue;
        const auto cut = one.key.find(": ");
        if (cut == std::string::npos) return {one.key, {}};
        return {one.key.substr(0, cut), one.key.substr(cut + 2)};
    }
    return {};
}

class judge {
public:
    judge(cluster::state from, options by, const trial& try_out)
        : from_(std::move(from)), by_(std::move(by)), try_out_(try_out) {}

    migration_report run(const complaints& unread) {
        take_for_granted();
        find_config_map();
        list_ingresses();
        list_settings();
        complaints found = translate(by_);
        auto strict = by_;
        strict.mode = compat::strict;
        if (!by_.strict())
            for (const auto& one : translate(strict)) as_ever_.insert(one.key + '\n' + one.message);
        for (const auto& one : unread) attach(one);
        for (const auto& one : found) attach(one);
        if (objects_.empty() && out_.problems.empty())
            out_.problems.push_back({complaint::severity::error, {}, {}, "there is no Ingress to look at", {}}
            );
        out_.objects.reserve(objects_.size());
        for (auto& [title, one] : objects_) out_.objects.push_back(std::move(one));
        return std::move(out_);
    }

private:
    complaints translate(const options& by) const {
        auto made = translator(by, {}).run(from_);
        try_out_(made.wish, made.found);
        return std::move(made.found);
    }

    void take_for_granted() {
        if (from_.all<cluster::ingress_class>().empty()) {
            auto one = std::make_shared<cluster::ingress_class>();
            one->meta.name = by_.ingress_class;
            one->controller = by_.controller_class;
            from_.put(cluster::ref<cluster::ingress_class>(std::move(one)));
            out_.notes.push_back(
                "there is no IngressClass: `" + by_.ingress_class + "` is taken for that of " +
                by_.controller_class
            );
        }
        by_.secrets_unseen = from_.all<cluster::secret>().empty();
        by_.services_unseen = from_.all<cluster::service>().empty();
        if (by_.secrets_unseen)
            out_.notes.emplace_back("there is no Secret: those that are named are taken for good");
        if (by_.services_unseen) out_.notes.emplace_back("there is no Service: endpoints are not looked at");
    }

    // Helm charts name it after the release.
    void find_config_map() {
        if (!by_.config_map.empty()) return;
        std::vector<std::string> all;
        for (const auto& [key, one] : from_.all<cluster::config_map>())
            if (one->meta.name.ends_with(usual_config_map)) all.push_back(key);
        if (all.size() == 1) {
            by_.config_map = all.front();
            out_.notes.push_back("ConfigMap " + all.front() + " is taken for the controller's");
        } else {
            out_.notes.emplace_back(
                all.empty()
                    ? "no ConfigMap is the controller's, as far as names tell: all keys have their defaults"
                    : "several ConfigMaps may be the controller's: name it with --configmap"
            );
        }
    }

    // ConfigMaps stand before Ingresses in a map of titles.
    migrated_object& object(const std::string& title) { return objects_[title]; }

    migrated_object& add(std::string_view kind, const cluster::metadata& meta) {
        auto& out = object(std::string(kind) + ' ' + meta.key());
        out.kind = kind;
        out.key = meta.key();
        out.at = meta.at;
        return out;
    }

    void list_ingresses() {
        complaints ignored;
        std::set<std::string> ours;
        for (const auto& one : select(from_, by_, ignored)) ours.insert(one->meta.key());
        for (const auto& [key, one] : from_.all<cluster::ingress>()) {
            auto& made = add(cluster::ingress::kind, one->meta);
            if (ours.contains(key))
                list_annotations(one->meta, made);
            else
                made.why_not = why_not(*one);
        }
    }

    std::string why_not(const cluster::ingress& of) const {
        if (!by_.name_space.empty() && of.meta.name_space != by_.name_space)
            return "its namespace is not " + by_.name_space;
        if (!of.class_name.empty()) {
            const auto* known = from_.find<cluster::ingress_class>(of.class_name);
            return "its class, " + of.class_name + ", " +
                   (known ? "is another controller's" : "is not known");
        }
        const auto* named = cluster::find_note(of.meta.annotations, "kubernetes.io/ingress.class");
        if (named && !named->value.empty())
            return "its class, " + named->value + ", is not " + by_.ingress_class;
        return "it names no class; --watch-ingress-without-class counts it in";
    }

    void list_annotations(const cluster::metadata& meta, migrated_object& into) const {
        const auto prefix = by_.annotations_prefix + '/';
        const other_value others = [&](std::string_view name) -> std::optional<std::string_view> {
            const auto* found = cluster::find_note(meta.annotations, prefix + std::string(name));
            return found ? std::optional<std::string_view>(found->value) : std::nullopt;
        };
        for (const auto& one : meta.annotations) {
            if (!one.name.starts_with(prefix)) continue;
            const auto name = std::string_view(one.name).substr(prefix.size());
            auto made = judge_annotation(name, one.value, others);
            made.what = one.name;
            made.value = one.value;
            made.at = meta.at;
            if (one.line > 0) made.at.line = one.line;
            made.at.column = 0;
            into.findings.push_back(std::move(made));
        }
    }

    void list_settings() {
        const auto* map = by_.config_map.empty() ? nullptr : from_.find<cluster::config_map>(by_.config_map);
        if (!map) return;
        auto& into = add(cluster::config_map::kind, map->meta);
        const other_value others = [&](std::string_view name) -> std::optional<std::string_view> {
            const auto at = map->data.find(name);
            return at == map->data.end() ? std::nullopt : std::optional<std::string_view>(at->second);
        };
        for (const auto& [name, value] : map->data) {
            auto made = judge_key(name, value, others);
            made.what = name;
            made.value = value;
            made.at = map->meta.at;
            into.findings.push_back(std::move(made));
        }
    }

    void attach(const complaint& one) {
        auto about = subject_of(one);
        const bool known = objects_.contains(about.title);
        // Of an object that is not ours nothing counts but that.
        if (known && object(about.title).is() == migrated_object::state::left_out) return;
        if (one.key == "--configmap") { // it was named, so its keys were to be looked at
            out_.problems.push_back(one);
            out_.problems.back().level = complaint::severity::error;
            return;
        }
        if (about.title.empty() || (!known && one.level == complaint::severity::warning)) {
            out_.problems.push_back(one);
            return;
        }
        auto& into = object(about.title);
        if (!known) { // an object that could not be read
            const auto cut = about.title.find(' ');
            into.kind = about.title.substr(0, cut);
            into.key = about.title.substr(cut + 1);
            into.at = one.at;
        }
        const auto at = std::find_if(into.findings.begin(), into.findings.end(), [&](const auto& each) {
            return each.what == about.what && !about.what.empty();
        });
        if (at == into.findings.end()) {
            migration_finding made;
            made.what = std::move(about.what);
            made.at = one.at;
            into.findings.push_back(std::move(made));
            weigh(one, into.findings.back());
        } else {
            weigh(one, *at);
        }
    }

    static void append(std::string& to, const std::string& sentence) {
        if (to.find(sentence) == std::string::npos) to.append(to.empty() ? "" : "; ").append(sentence);
    }

    verdict weight_of(const complaint& one, const migration_finding& of) const {
        if (one.level == complaint::severity::error) return verdict::unsupported;
        const auto cut = of.what.rfind('/');
        const auto name = of.what.substr(cut == std::string::npos ? 0 : cut + 1);
        if (of.what.starts_with(by_.annotations_prefix))
            if (const auto limit = beyond_limit(name)) return *limit;
        if (of.what == "ssl-protocols") return verdict::unsupported;
        return by_.strict() || as_ever_.contains(one.key + '\n' + one.message) ? verdict::note
                                                                               : verdict::differs;
    }

    void weigh(const complaint& one, migration_finding& into) const {
        const bool is_error = one.level == complaint::severity::error;
        // What the tables have said of it says more.
        if (!is_error && (into.how == verdict::unsupported || into.how == verdict::needless)) return;
        const auto weight = weight_of(one, into);
        if (is_error && into.how != verdict::unsupported) into.detail.clear();
        into.how = std::max(into.how, weight);
        append(into.detail, one.message);
        if (one.hint.empty() || one.hint == last_good_hint) return;
        if (into.how == verdict::unsupported)
            into.instead.push_back(one.hint);
        else
            append(into.detail, one.hint);
    }

    cluster::state from_;
    options by_;
    const trial& try_out_;
    std::map<std::string, migrated_object> objects_; // by title
    std::set<std::string> as_ever_;                  // what is said in strict mode too
    migration_report out_;
};

} // namespace

std::string_view to_text(verdict how) noexcept {
    constexpr std::array<std::string_view, 5> words{
        "supported", "needless", "note", "differs", "unsupported"};
    return words[static_cast<std::size_t>(how)];
}

std::string_view to_text(migrated_object::state is) noexcept {
    constexpr std::array<std::string_view, 4> words{"ready", "differs", "blocked", "left out"};
    return words[static_cast<std::size_t>(is)];
}

migrated_object::state migrated_object::is() const {
    if (!why_not.empty()) return state::left_out;
    auto worst = verdict::supported;
    for (const auto& one : findings) worst = std::max(worst, one.how);
    return worst == verdict::unsupported ? state::blocked
           : worst == verdict::differs   ? state::differs
                                         : state::ready;
}

migration_report::count migration_report::ingresses() const {
    count out;
    for (const auto& one : objects) {
        if (one.kind != cluster::ingress::kind) continue;
        switch (one.is()) {
        case migrated_object::state::ready: ++out.ready; break;
        case migrated_object::state::differs: ++out.differ; break;
        case migrated_object::state::blocked: ++out.blocked; break;
        case migrated_object::state::left_out: ++out.left_out; break;
        }
    }
    return out;
}

bool migration_report::ready() const {
    return !has_errors(problems) && std::none_of(objects.begin(), objects.end(), [](const auto& one) {
        return one.is() == migrated_object::state::blocked;
    });
}

migration_report
judge_migration(cluster::state from, options by, const complaints& unread, const trial& try_out) {
    return judge(std::move(from), std::move(by), try_out).run(unread);
}

} // namespace adit::source::ingress
