#include "policy/content_coding.hpp"

#include <array>

namespace adit::policy {

namespace {

constexpr int unsaid = -1; // of a weight, which is in thousandths otherwise

// qvalue of RFC 9110 §12.4.2; what is malformed weighs nothing.
int parse_weight(std::string_view text) noexcept {
    if (text.empty() || (text[0] != '0' && text[0] != '1')) return 0;
    int value = (text[0] - '0') * 1000;
    if (text.size() == 1) return value;
    if (text[1] != '.' || text.size() > 5) return 0;
    int unit = 100;
    for (const char c : text.substr(2)) {
        if (c < '0' || c > '9') return 0;
        value += (c - '0') * unit;
        unit /= 10;
    }
    return value > 1000 ? 0 : value;
}

int weight_of(std::string_view parameters) noexcept {
    while (const auto one = next_element(parameters, ';'))
        if (one->size() >= 2 && lower((*one)[0]) == 'q' && (*one)[1] == '=')
            return parse_weight(one->substr(2));
    return 1000;
}

struct wishes {
    int any = unsaid, identity = unsaid;
    std::array<int, 3> coding{unsaid, unsaid, unsaid}; // by content_coding

    int& at(content_coding one) noexcept { return coding[static_cast<std::size_t>(one)]; }

    void add(std::string_view element) noexcept {
        const auto name = next_element(element, ';').value_or("");
        const int weight = weight_of(element);
        if (name == "*")
            any = weight;
        else if (iequals(name, "identity"))
            identity = weight;
        else if (iequals(name, "gzip") || iequals(name, "x-gzip")) // RFC 9110 §8.4.1.3
            at(content_coding::gzip) = weight;
        else if (iequals(name, "br"))
            at(content_coding::br) = weight;
    }
    int of(content_coding one) noexcept {
        const int said = at(one);
        return said != unsaid ? said : any != unsaid ? any : 0;
    }
};

} // namespace

std::string_view to_text(content_coding one) noexcept {
    switch (one) {
    case content_coding::gzip: return "gzip";
    case content_coding::br: return "br";
    case content_coding::identity: break;
    }
    return "identity";
}

content_coding
choose_coding(const http::request_head& request, std::span<const content_coding> offered) noexcept {
    if (!request.has(http::field_id::accept_encoding)) return content_coding::identity;
    wishes said;
    for (const auto& f : request.fields()) {
        if (f.id != http::field_id::accept_encoding || f.dropped) continue;
        auto list = request.value(f);
        while (const auto element = next_element(list)) said.add(*element);
    }
    auto best = content_coding::identity;
    // Identity is always acceptable unless it is refused, but only a stated wish for it beats a coding, and
    // one that is wished for as much leaves the choice to us.
    int most = said.identity == unsaid ? 0 : said.identity;
    for (const auto one : offered) {
        const int weight = said.of(one);
        const bool better = best == content_coding::identity ? weight > 0 && weight >= most : weight > most;
        if (better) best = one, most = weight;
    }
    return best;
}

} // namespace adit::policy
