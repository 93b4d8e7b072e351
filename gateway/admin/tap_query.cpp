#include "admin/tap_query.hpp"

#include "core/bytes.hpp"
#include "model/suggest.hpp"
#include "model/units.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace adit::admin {

namespace {

constexpr std::array<std::string_view, 9> known{"route",        "track",  "status", "method", "path",
                                                "min_duration", "reason", "end",    "rate"};

problem wrong(const std::string& key, std::string detail, std::string hint) {
    return {
        .status = 400,
        .name = "bad-request",
        .title = "The request is malformed",
        .detail = std::move(detail),
        .hint = std::move(hint),
        .key = key};
}

std::string unknown_hint(const std::string& key) {
    if (const auto near = model::nearest(key, known)) return "did you mean " + std::string(*near) + '?';
    std::string out = "known here: ";
    for (const auto one : known) out += (one == known.front() ? "" : ", ") + std::string(one);
    return out;
}

} // namespace

std::variant<observe::tap_wish, problem>
read_tap_query(const std::vector<std::pair<std::string, std::string>>& query) {
    observe::tap_wish out;
    auto& filter = out.filter;
    const std::pair<std::string_view, std::string*> texts[]{
        {"route", &filter.route}, {"track", &filter.track}, {"method", &filter.method},
        {"path", &filter.path},   {"end", &filter.end},     {"reason", &filter.reason}};
    for (const auto& [key, value] : query) {
        const auto text = std::find_if(std::begin(texts), std::end(texts), [&key = key](const auto& one) {
            return one.first == key;
        });
        if (text != std::end(texts)) {
            *text->second = value;
        } else if (key == "status") {
            if (!observe::read_status(value, filter))
                return wrong(key, '"' + value + "\" is no status", "a status or a class: 404, 5xx");
        } else if (key == "min_duration") {
            model::fault why;
            const auto least = model::parse_duration(value, &why);
            if (!least) return wrong(key, why.message, why.hint);
            filter.least = *least;
        } else if (key == "rate") {
            const auto rate = parse_decimal(value);
            if (!rate || *rate == 0 || *rate > observe::tap_wish::most_rate)
                return wrong(
                    key, '"' + value + "\" is no rate",
                    "exchanges a second, 1 to " + std::to_string(observe::tap_wish::most_rate)
                );
            out.rate = static_cast<std::uint32_t>(*rate);
        } else {
            return wrong(key, "there is no filter \"" + key + '"', unknown_hint(key));
        }
    }
    return out;
}

std::string tap_frames(const observe::tap_batch& batch) {
    std::string out;
    for (const auto& one : batch.exchanges) out.append("event: exchange\ndata: ").append(one).append("\n\n");
    if (batch.over_rate + batch.late + batch.unseen > 0)
        out += "event: lost\ndata: {\"over_rate\":" + std::to_string(batch.over_rate) +
               ",\"late\":" + std::to_string(batch.late) + ",\"unseen\":" + std::to_string(batch.unseen) +
               "}\n\n";
    return out;
}

} // namespace adit::admin
