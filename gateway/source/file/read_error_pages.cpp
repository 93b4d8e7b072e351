#include "core/bytes.hpp"
#include "source/file/load.hpp"
#include "source/file/read_bodies.hpp"
#include "source/file/read_endpoints.hpp"

#include <array>
#include <filesystem>

namespace adit::source {

namespace {

constexpr std::size_t longest_page = 1024 * 1024; // bytes of a file

// By the file's ending, as browsers expect it.
std::string type_of(const std::filesystem::path& file) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> types{{
        {".html", "text/html; charset=utf-8"},
        {".htm", "text/html; charset=utf-8"},
        {".txt", "text/plain; charset=utf-8"},
        {".json", "application/json"},
        {".xml", "application/xml"},
        {".svg", "image/svg+xml"},
        {".css", "text/css"},
    }};
    const auto ending = to_lower(file.extension().string());
    for (const auto& [known, type] : types)
        if (ending == known) return std::string(type);
    return "text/html; charset=utf-8";
}

// "404" or "4xx"; a complaint otherwise.
std::optional<model::status_range> read_range(const value& from, const std::string& text) {
    if (text.size() == 3 && text[0] >= '1' && text[0] <= '9') {
        const auto hundreds = static_cast<std::uint16_t>((text[0] - '0') * 100);
        if (iequals(std::string_view{text}.substr(1), "xx"))
            return model::status_range{hundreds, static_cast<std::uint16_t>(hundreds + 99)};
        if (const auto status = parse_decimal(text))
            return model::status_range{
                static_cast<std::uint16_t>(*status), static_cast<std::uint16_t>(*status)};
    }
    from.complain("`" + text + "` is not a status", "e.g. 404, or 5xx for all of a class");
    return std::nullopt;
}

// Files are named from where the configuration lies.
void read_page_file(const value& from, model::error_page& into) {
    const auto name = from.text();
    if (!name) return;
    std::filesystem::path file(*name);
    if (file.is_relative()) file = std::filesystem::path(from.at().file).parent_path() / file;
    model::fault why;
    auto got = load_regular(file, longest_page, &why);
    if (!got) return from.complain("the file " + file.string() + ' ' + why.message, why.hint);
    into.content = std::move(*got);
    into.type = type_of(file);
}

std::optional<model::error_page> read_page(const std::string& name, const value& from) {
    const auto statuses = read_range(from, name);
    model::error_page out;
    out.at = from.at();
    const section map(from);
    const auto what = map.one_of({"file", "text"});
    if (!statuses || !what) return std::nullopt;
    out.statuses = *statuses;
    if (what->key().ends_with(".file"))
        read_page_file(*what, out);
    else if (auto got = what->text())
        out.content = std::move(*got);
    map.read("type", out.type, &value::text);
    return out;
}

} // namespace

model::error_pages read_error_pages(const value& from) {
    model::error_pages out;
    const section map(from);
    if (const auto pages = map.find("pages"))
        for (const auto& [name, what] : pages->members())
            if (auto got = read_page(name, what)) out.pages.push_back(std::move(*got));
    if (const auto list = map.find("intercept"))
        for (const auto& one : list->items())
            if (const auto text = one.text())
                if (const auto got = read_range(one, *text)) out.intercept.push_back(*got);
    if (const auto backend = map.find("backend")) out.backend = read_endpoints(*backend);
    if (const auto headers = map.find("headers"))
        for (const auto& [name, what] : headers->members())
            if (auto got = what.text()) out.backend_headers.emplace_back(name, std::move(*got));
    return out;
}

} // namespace adit::source
