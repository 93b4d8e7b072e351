#include "source/file/read_access_log.hpp"

#include "source/file/read_percent.hpp"
#include "source/file/word.hpp"

#include <filesystem>

namespace adit::source {

namespace {

using parts = model::access_log::parts;

parts read_parts(const value& from) {
    parts out{false, false, false, false, false};
    for (const auto& one : from.items()) {
        bool parts::*which = nullptr;
        read_word<bool parts::*>(
            one, which,
            {{"query", &parts::query},
             {"referer", &parts::referer},
             {"user_agent", &parts::user_agent},
             {"user", &parts::user},
             {"peer", &parts::peer}}
        );
        if (which) out.*which = true;
    }
    return out;
}

} // namespace

model::access_log read_access_log(const value& from) {
    using layout = model::access_log::layout;
    model::access_log out;
    out.at = from.at();
    const section map(from);
    if (const auto found = map.require("path", "e.g. path: stdout"))
        if (auto text = found->text()) {
            out.path = std::move(*text);
            if (!out.path.empty() && out.path != model::access_log::standard_output)
                out.path = (std::filesystem::path(from.at().file).parent_path() / out.path).string();
        }
    if (const auto found = map.find("format"))
        read_word<layout>(
            *found, out.format, {{"json", layout::json}, {"ecs", layout::ecs}, {"combined", layout::combined}}
        );
    if (const auto found = map.find("fields")) out.fields = read_parts(*found);
    if (const auto found = map.find("sample")) out.sample = read_percent(*found, "a share");
    map.read("always_errors", out.always_errors, &value::flag);
    map.read("buffer", out.buffer, &value::size);
    return out;
}

} // namespace adit::source
