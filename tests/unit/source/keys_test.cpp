// One table of keys, four things that must agree with it: the reader, the schema, the reference and the
// defaults.
#include "source/file/keys.hpp"

#include "describe.hpp"
#include "model/defaults.hpp"
#include "source/file/read.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace adit::source {
namespace {

std::string contents(const std::string& name) {
    std::ifstream in(ADIT_SOURCE_DIR "/" + name);
    EXPECT_TRUE(in) << name;
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

// Pages are found from where the configuration lies.
constexpr auto here = ADIT_SOURCE_DIR "/tests/unit/source/full.yaml";

TEST(known_keys, are_ordered_and_described) {
    std::set<std::string_view> seen;
    for (const auto& one : known_keys()) {
        EXPECT_TRUE(seen.insert(one.path).second) << one.path << " is there twice";
        EXPECT_FALSE(meaning_of(one).empty()) << one.path;
        EXPECT_NE(meaning_of(one).back(), '.') << one.path;
        EXPECT_FALSE(one.type.empty()) << one.path;
        EXPECT_EQ(one.meaning.empty(), model::find_default(one.path) != nullptr)
            << one.path << ": the meaning stands in one table only";
        if (const auto dot = one.path.rfind('.'); dot != std::string_view::npos) {
            auto parent = one.path.substr(0, dot);
            if (parent.ends_with("[]")) parent.remove_suffix(2);
            EXPECT_TRUE(seen.contains(parent)) << one.path << " stands before " << parent;
        }
        EXPECT_EQ(find_key(one.path), &one);
    }
    for (const auto& one : model::defaults()) EXPECT_TRUE(seen.contains(one.key)) << one.key;
    ASSERT_NE(find_key("routes"), nullptr);
    EXPECT_EQ(find_key("routes")->path, "routes");
    EXPECT_EQ(find_key("route"), nullptr);
}

// Maps whose names are free: of tracks, of header fields, of statuses and of attributes.
bool has_free_names(std::string_view path) {
    return path == "routes[].tracks" || path.ends_with("_headers.set") || path.ends_with("_headers.add") ||
           path.ends_with("error_pages.pages") || path.ends_with("error_pages.headers") ||
           path == "tracing.headers" || path == "tracing.resource";
}

// "a.b[].c" for every scalar, list and map of a document; free names become NAME.
void collect(const YAML::Node& from, const std::string& path, std::map<std::string, int>& out) {
    if (from.IsSequence())
        for (const auto& item : from) collect(item, path + "[]", out);
    if (!from.IsMap()) return;
    for (const auto& member : from) {
        const auto name = has_free_names(path) ? "NAME" : member.first.as<std::string>();
        const auto key = path.empty() ? name : path + '.' + name;
        ++out[key];
        collect(member.second, key, out);
    }
}

TEST(known_keys, are_all_in_the_full_example) {
    std::map<std::string, int> used;
    collect(YAML::Load(contents("tests/unit/source/full.yaml")), "", used);
    for (const auto& one : known_keys()) EXPECT_TRUE(used.contains(std::string(one.path))) << one.path;
    for (const auto& [key, count] : used) EXPECT_NE(find_key(key), nullptr) << key;
}

// Removes the n-th occurrence of `wanted`; false when there are fewer.
bool remove_key(YAML::Node from, const std::string& path, const std::string& wanted, int& n) {
    if (from.IsSequence()) {
        for (auto item : from)
            if (remove_key(item, path + "[]", wanted, n)) return true;
        return false;
    }
    if (!from.IsMap()) return false;
    for (auto member : from) {
        const auto written = member.first.as<std::string>();
        const auto name = has_free_names(path) ? "NAME" : written;
        const auto key = path.empty() ? name : path + '.' + name;
        if (key == wanted && n-- == 0) {
            from.remove(written);
            return true;
        }
        if (remove_key(member.second, key, wanted, n)) return true;
    }
    return false;
}

// `present: true` says what a name alone says; without it nothing changes. Of two versions of TLS the example
// can only have one bound that is not the default.
bool says_nothing_new(std::string_view key) {
    return key.ends_with(".present") || key == "tls.min_version";
}

TEST(known_keys, are_all_read) {
    const auto text = contents("tests/unit/source/full.yaml");
    const auto whole = model::describe(read_text(text, here).gateway.value());
    for (const auto& one : known_keys()) {
        auto root = YAML::Load(text);
        int first = 0;
        ASSERT_TRUE(remove_key(root, "", std::string(one.path), first)) << one.path;
        std::stringstream without;
        without << root;
        const auto got = read_text(without.str(), here);
        const bool same = got.gateway && model::describe(*got.gateway) == whole;
        EXPECT_EQ(same, says_nothing_new(one.path)) << "without " << one.path;
        for (const auto& problem : got.problems)
            EXPECT_EQ(problem.message.find("unknown"), std::string::npos) << to_text(problem);
    }
}

struct schema_entry {
    std::string description, default_value;
};

// JSON is YAML. Follows $ref and the composing words, as a validator would.
void collect_schema(
    const YAML::Node& root, const YAML::Node& from, const std::string& path,
    std::map<std::string, schema_entry>& out
) {
    if (!from.IsMap()) return;
    if (const auto ref = from["$ref"]) {
        const auto name = ref.as<std::string>();
        ASSERT_EQ(name.rfind("#/$defs/", 0), 0U) << name;
        const auto target = root["$defs"][name.substr(8)];
        ASSERT_TRUE(target) << name;
        collect_schema(root, target, path, out);
    }
    const auto enter = [&](const std::string& name, const YAML::Node& to) {
        const auto key = path.empty() ? name : path + '.' + name;
        std::string value;
        if (const auto fallback = to["default"]) {
            if (fallback.IsSequence()) {
                for (const auto& item : fallback)
                    value += (value.empty() ? "[" : ", ") + item.as<std::string>();
                value += ']';
            } else {
                value = fallback.as<std::string>();
            }
        }
        const auto words = to["description"];
        ASSERT_TRUE(words) << key << " has no description";
        // `stable` is a special case of NAME.
        if (!path.ends_with(".tracks") || name == "NAME") out[key] = {words.as<std::string>(), value};
        collect_schema(root, to, has_free_names(path) ? path + ".NAME" : key, out);
    };
    if (const auto properties = from["properties"])
        for (const auto& one : properties) enter(one.first.as<std::string>(), one.second);
    if (const auto patterns = from["patternProperties"])
        for (const auto& one : patterns) enter("NAME", one.second);
    if (const auto type = from["type"]; type && type.IsScalar() && type.as<std::string>() == "object") {
        const auto others = from["additionalProperties"];
        ASSERT_TRUE(others) << path;
        EXPECT_EQ(others.as<std::string>(), "false") << path << " accepts unknown keys";
    }
    if (const auto items = from["items"]) collect_schema(root, items, path + "[]", out);
    for (const auto word : {"anyOf", "oneOf", "allOf"})
        if (const auto list = from[word])
            for (const auto& one : list) collect_schema(root, one, path, out);
}

TEST(schema, has_the_same_keys_meanings_and_defaults) {
    const auto root = YAML::Load(contents("config/adit.schema.json"));
    EXPECT_EQ(root["$schema"].as<std::string>(), "https://json-schema.org/draft/2020-12/schema");
    std::map<std::string, schema_entry> entries;
    collect_schema(root, root, "", entries);
    for (const auto& one : known_keys()) {
        const auto found = entries.find(std::string(one.path));
        ASSERT_NE(found, entries.end()) << one.path << " is not in the schema";
        EXPECT_EQ(found->second.description, meaning_of(one)) << one.path;
        const auto* fallback = model::find_default(one.path);
        EXPECT_EQ(found->second.default_value, fallback ? fallback->value : "") << one.path;
    }
    for (const auto& [key, entry] : entries)
        EXPECT_NE(find_key(key), nullptr) << key << " is only in the schema";
}

std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
    return out;
}

std::string render_reference() {
    std::string out = R"(# Configuration file: every key

One YAML file (`adit serve --config FILE`); [adit.yaml](adit.yaml) is a small example and [adit.schema.json](adit.schema.json)
the JSON Schema for editors. `adit check --config FILE` reads a file as the daemon does and names the file, line, column and key
of every mistake. Unknown keys are mistakes. Absent keys have the default below; what has none is absent or empty.

In paths `[]` stands for any item of a list and `NAME` for a name of your choice. Durations are whole numbers with units from
large to small (`500ms`, `30s`, `1m30s`, `2h`), sizes are bytes or powers of 1024 (`512`, `8KiB`, `1MiB`), percentages are plain
numbers with at most two decimals (`12.5`). Text may be written without quotes where YAML allows it. Anchors and aliases work,
merge keys (`<<`) and tags do not. A file has at most 16 MiB.

| key | type | default | meaning |
|---|---|---|---|
)";
    for (const auto& one : known_keys()) {
        const auto* fallback = model::find_default(one.path);
        out += "| `" + std::string(one.path) + "` | " + cell(one.type) + " | " +
               (fallback ? '`' + cell(fallback->value) + '`' : std::string{}) + " | " +
               cell(meaning_of(one)) + " |\n";
    }
    return out;
}

// ADIT_UPDATE=1 writes the file anew instead of comparing it.
TEST(reference, is_what_the_tables_say) {
    const auto wanted = render_reference();
    if (std::getenv("ADIT_UPDATE") != nullptr)
        std::ofstream(ADIT_SOURCE_DIR "/config/reference.md") << wanted;
    EXPECT_EQ(contents("config/reference.md"), wanted)
        << "run this test with ADIT_UPDATE=1 to write config/reference.md anew";
}

} // namespace
} // namespace adit::source
