#include "cli/ingress_source.hpp"

#include "cli/compiled.hpp"
#include "cli/upstream_targets.hpp"

#include <algorithm>
#include <iterator>

namespace adit::cli {

ingress_source::offer ingress_source::translate() {
    auto made = translator_.run(objects());
    offer out;
    out.wish = std::move(made.wish);
    out.all = problems();
    out.all.insert(
        out.all.end(), std::make_move_iterator(made.found.begin()), std::make_move_iterator(made.found.end())
    );
    std::set<std::string> now;
    for (const auto& one : out.all)
        if (auto text = to_text(one); now.insert(text).second && !told_.contains(text))
            out.news.push_back(one);
    told_ = std::move(now);
    return out;
}

bool drop_broken_routes(model::gateway& wish, complaints& found) {
    const auto before = wish.routes.size();
    model::gateway alone;
    alone.incoming_colour = wish.incoming_colour;
    std::erase_if(wish.routes, [&](const model::route& one) {
        alone.routes = {one};
        complaints wrong;
        compile(alone, nullptr, wrong);
        upstream_targets::load(alone, wrong);
        const bool broken = has_errors(wrong);
        if (one.counted_as.find('/') != std::string::npos)
            for (auto& each : wrong) each.key = "Ingress " + one.counted_as + ": " + each.key;
        if (broken) found.insert(found.end(), wrong.begin(), wrong.end());
        return broken;
    });
    return wish.routes.size() != before;
}

} // namespace adit::cli
