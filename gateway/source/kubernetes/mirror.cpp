#include "source/kubernetes/mirror.hpp"

#include "source/kubernetes/follower.hpp"

#include <algorithm>

namespace adit::source::kubernetes {

namespace {

std::string title_of(const scope& of, const std::string& name) {
    return name.empty() ? of.title() : std::string(of.of.kind) + ' ' + name;
}

} // namespace

mirror::mirror(
    boost::asio::io_context& context, access of, const std::vector<scope>& what, hooks tell,
    reflector_rules rules
)
    : place_(of.place()), tell_(std::move(tell)), as_(std::make_shared<credentials>(std::move(of))) {
    for (const auto& one : what) {
        follower::hooks hear;
        hear.found = [this, one](received object) { found(one, std::move(object)); };
        hear.gone = [this, one](const std::string& name) { gone(one, name); };
        hear.noted = [this, one](std::string problem) { noted(one, std::move(problem)); };
        hear.turned = [this] { turned(); };
        followers_.push_back(std::make_unique<follower>(context, as_, one, std::move(hear), rules));
    }
    for (const auto& one : followers_) one->start();
}

mirror::~mirror() = default;

void mirror::found(const scope& of, received one) {
    const auto title = title_of(of, one.name);
    bool news = false;
    if (one.problems.empty()) {
        news = problems_.erase(title) != 0;
    } else {
        problems_[title] = std::move(one.problems);
        news = true;
    }
    // Most changes of most objects are none for a gateway: leases, statuses, times of a trigger.
    if (one.object) {
        news = !objects_.holds(*one.object) || news;
        objects_.put(*one.object);
    }
    tell_.touched();
    if (news) tell_.changed();
}

void mirror::gone(const scope& of, const std::string& name) {
    const bool told = problems_.erase(title_of(of, name)) != 0;
    if (objects_.remove(of.of.kind, name) || told) tell_.changed();
}

// There can be many; the last one is as good as any.
void mirror::noted(const scope& of, std::string problem) {
    if (problem.empty()) {
        if (problems_.erase(of.title()) != 0) tell_.changed();
        return;
    }
    problems_[of.title()] = {{complaint::severity::error, {}, of.title(), std::move(problem), {}}};
    tell_.changed();
}

void mirror::turned() {
    if (!was_complete_ && complete()) {
        was_complete_ = true;
        tell_.touched();
        tell_.changed();
    }
    tell_.turned();
}

complaints mirror::problems() const {
    complaints out;
    for (const auto& [title, some] : problems_) out.insert(out.end(), some.begin(), some.end());
    return out;
}

bool mirror::complete() const {
    return std::all_of(followers_.begin(), followers_.end(), [](const auto& one) {
        return one->state().complete();
    });
}

bool mirror::troubled() const {
    return std::any_of(followers_.begin(), followers_.end(), [](const auto& one) {
        return !one->trouble().empty();
    });
}

std::string mirror::text() const {
    std::string waiting, troubled;
    for (const auto& one : followers_) {
        if (!one->trouble().empty()) {
            // They fail together most of the time: one of them says it all.
            if (troubled.empty()) troubled = one->of().title() + ": " + one->trouble();
        } else if (!one->state().complete()) {
            waiting += (waiting.empty() ? "" : ", ") + one->of().title();
        }
    }
    const auto& files = as_->problem();
    if (!troubled.empty())
        return "API server " + place_ + ": " + troubled +
               (complete() ? "; what was last known stays in force" : "");
    if (!waiting.empty()) return "API server " + place_ + ": not yet read: " + waiting;
    return "following " + place_ + (files.empty() ? "" : "; " + files);
}

mirror::figures mirror::count() const {
    figures out;
    for (const auto& one : followers_) {
        out.events += one->events();
        out.lists += one->state().lists();
        out.failures += one->state().failures();
    }
    return out;
}

} // namespace adit::source::kubernetes
