#include "source/manifests/folder.hpp"

#include "source/file/load.hpp"
#include "source/manifests/read.hpp"

#include <xxhash.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

namespace adit::source {

namespace {

namespace fs = std::filesystem;

// Objects of the last reading that this one may not drop: those that are there but broken, and, where a
// document could not even be parsed, all that are not met elsewhere.
void keep_last_good(const std::vector<cluster::object>& before, cluster::decoded& now) {
    std::set<std::string> met, broken(now.broken.begin(), now.broken.end());
    for (const auto& one : now.objects) met.insert(cluster::title_of(one));
    const bool unparsed = std::any_of(now.problems.begin(), now.problems.end(), [](const auto& one) {
        return one.level == complaint::severity::error && one.key.empty();
    });
    for (const auto& one : before) {
        const auto title = cluster::title_of(one);
        if (!met.contains(title) && (unparsed || broken.contains(title))) now.objects.push_back(one);
    }
}

} // namespace

// False where the bytes are those of before.
bool manifest_folder::read(const std::string& name, file& into, const trace& now) {
    const auto path = (folder_ / name).string();
    into.seen = now;
    model::fault why;
    const auto text = load_regular(path, max_manifest_size, &why);
    if (!text) {
        complaints problems{
            {complaint::severity::error, {path, 0, 0}, {}, "the file " + why.message, why.hint}};
        const bool news = into.problems.empty() || into.problems.front().message != problems.front().message;
        into.problems = std::move(problems);
        into.digest = {};
        return news;
    }
    const auto hash = XXH3_128bits(text->data(), text->size());
    const std::array<std::uint64_t, 2> digest{hash.low64, hash.high64};
    if (into.was_read && digest == into.digest) return false;
    into.was_read = true;
    into.digest = digest;
    auto decoded = read_manifest(*text, path);
    keep_last_good(into.objects, decoded);
    into.objects = std::move(decoded.objects);
    into.problems = std::move(decoded.problems);
    return true;
}

bool manifest_folder::look() {
    std::error_code failed;
    std::set<std::string> names;
    fs::directory_iterator at(folder_, failed);
    for (; !failed && at != fs::directory_iterator{}; at.increment(failed))
        if (auto name = at->path().filename().string(); is_manifest_name(name)) names.insert(std::move(name));
    if (failed) {
        const auto why = failed.message();
        const bool news = why != unreadable_;
        unreadable_ = why;
        if (news) gather();
        return news;
    }
    bool changed = !found_ || !unreadable_.empty();
    found_ = true;
    unreadable_.clear();
    changed =
        std::erase_if(files_, [&](const auto& one) { return !names.contains(one.first); }) != 0 || changed;
    for (const auto& name : names) {
        const auto now = trace_of(folder_ / name);
        if (now.size < 0) { // a folder, or gone again
            changed = files_.erase(name) != 0 || changed;
            continue;
        }
        const auto [known, is_new] = files_.try_emplace(name);
        if (is_new || known->second.seen != now) changed = read(name, known->second, now) || changed;
    }
    if (changed) gather();
    return changed;
}

void manifest_folder::gather() {
    problems_.clear();
    if (!unreadable_.empty())
        problems_.push_back(
            {complaint::severity::error,
             {folder_.string(), 0, 0},
             {},
             "the folder cannot be read: " + unreadable_,
             "what it held before stays in force"}
        );
    cluster::state now;
    for (const auto& [name, one] : files_) {
        problems_.insert(problems_.end(), one.problems.begin(), one.problems.end());
        for (const auto& each : one.objects) {
            if (now.put(each)) {
                const auto title = cluster::title_of(each);
                problems_.push_back(
                    {complaint::severity::warning,
                     cluster::meta_of(each).at,
                     title,
                     "the object is written more than once; the last one in the order of file names counts",
                     {}}
                );
            }
        }
    }
    objects_.become(std::move(now));
}

} // namespace adit::source
