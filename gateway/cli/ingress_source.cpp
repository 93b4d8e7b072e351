#include "cli/ingress_source.hpp"

#include "cli/compiled.hpp"
#include "cli/upstream_targets.hpp"

#include <algorithm>
#include <utility>

namespace adit::cli {

ingress_source::offer ingress_source::translate() {
    auto step = translator_.update(objects(), take_touched());
    if (step.frame) pending_.frame = std::move(step.frame);
    auto& groups = pending_.groups;
    for (auto& one : step.groups.removed) {
        if (auto known = mended_.extract(one)) {
            one = std::move(known.mapped().whole);
            step.gone.insert(step.gone.end(), known.mapped().left_out.begin(), known.mapped().left_out.end());
        }
        // What was offered in vain need not be taken out.
        const auto offered = std::find(groups.added.begin(), groups.added.end(), one);
        if (offered != groups.added.end())
            groups.added.erase(offered);
        else
            groups.removed.push_back(std::move(one));
    }
    groups.added.insert(groups.added.end(), step.groups.added.begin(), step.groups.added.end());
    offer out;
    count(step.come, step.gone, out.news);
    auto now = problems();
    count(now, problems_, out.news);
    problems_ = std::move(now);
    out.change = pending_;
    return out;
}

void ingress_source::taken() {
    pending_ = {};
}

void ingress_source::count(const complaints& come, const complaints& gone, complaints& news) {
    std::vector<std::pair<std::string, const complaint*>> fresh;
    for (const auto& one : come) {
        auto text = to_text(one);
        auto& known = standing_[text];
        if (known.times++ == 0) {
            known.what = one;
            fresh.emplace_back(text, &one);
        }
        if (one.level == complaint::severity::error) errors_.insert(std::move(text));
    }
    for (const auto& one : gone) {
        const auto text = to_text(one);
        const auto known = standing_.find(text);
        if (known == standing_.end() || --known->second.times > 0) continue;
        standing_.erase(known);
        errors_.erase(text);
    }
    for (const auto& [text, one] : fresh) news.push_back(*one);
}

complaints ingress_source::all() const {
    complaints out;
    for (const auto& [text, one] : standing_) out.push_back(one.what);
    return out;
}

std::string ingress_source::first_error() const {
    return errors_.empty() ? std::string{} : *errors_.begin();
}

namespace {

// Whether it compiles, with nothing beside it.
bool stands_alone(const model::route& one, model::gateway& alone, complaints& found) {
    alone.routes = {one};
    complaints wrong;
    compile(alone, nullptr, wrong);
    upstream_targets::load(alone, wrong);
    if (!has_errors(wrong)) return true;
    if (one.counted_as.find('/') != std::string::npos)
        for (auto& each : wrong) each.key = "Ingress " + one.counted_as + ": " + each.key;
    found.insert(found.end(), wrong.begin(), wrong.end());
    return false;
}

} // namespace

bool ingress_source::mend(complaints& found) {
    model::gateway alone;
    bool any = false;
    for (auto& group : pending_.groups.added) {
        auto whole = std::make_shared<model::route_group>();
        complaints left_out, news;
        for (const auto& one : *group)
            if (stands_alone(one, alone, left_out)) whole->push_back(one);
        if (whole->size() == group->size()) continue;
        any = true;
        found.insert(found.end(), left_out.begin(), left_out.end());
        count(left_out, {}, news);
        mended_[group] = {whole, std::move(left_out)};
        group = std::move(whole);
    }
    return any;
}

bool drop_broken_routes(model::gateway& wish, complaints& found) {
    model::gateway alone;
    alone.incoming_colour = wish.incoming_colour;
    return std::erase_if(wish.routes, [&](const model::route& one) {
               return !stands_alone(one, alone, found);
           }) != 0;
}

} // namespace adit::cli
