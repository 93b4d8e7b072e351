// A request of the admin API and its answer, without the wire.
#pragma once

#include "admin/control.hpp"
#include "admin/problem.hpp"

#include <boost/json/value.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adit::admin {

struct call {
    std::string route{};                                      // the {name} of the path, decoded
    std::string name_space{};                                 // the {namespace}
    std::vector<std::pair<std::string, std::string>> query{}; // decoded, in order
    std::string body{};
    std::optional<std::string> if_match{}; // the field as it came
    actor by{};

    const std::string* find_query(std::string_view name) const {
        for (const auto& [key, value] : query)
            if (key == name) return &value;
        return nullptr;
    }
    // "?verbose", "?verbose=1" and "?verbose=true" ask for it, "?verbose=false" and "?verbose=0" do not.
    bool has_flag(std::string_view name) const {
        const auto* value = find_query(name);
        return value && *value != "false" && *value != "0";
    }
};

struct response {
    unsigned status = 200;
    std::string type{}; // Content-Type
    std::string body{};
    std::vector<std::pair<std::string, std::string>> fields{};
};
using respond = std::function<void(response)>;

response json_response(unsigned status, const boost::json::value& body, bool indented = false);
response text_response(unsigned status, std::string text);
// application/problem+json.
response problem_response(const problem& what);

// "/a%2Fb" to "/a/b"; nullopt for a broken escape or a NUL. '+' is itself.
std::optional<std::string> percent_decode(std::string_view text);
// Of a query without its '?'; nullopt for a broken escape.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text);

} // namespace adit::admin
