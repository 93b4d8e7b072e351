#include "source/file/folder_watch.hpp"
#include "source/manifests/folder.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace adit::source {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string name_space(const std::string& name) {
    return "---\n{apiVersion: v1, kind: Namespace, metadata: {name: " + name + "}}\n";
}

class manifests : public ::testing::Test {
protected:
    manifests() {
        std::string name = (fs::temp_directory_path() / "adit-manifests-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~manifests() override {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    // In one step, as kubelet and editors do.
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / ".part") << text;
        fs::rename(path_ / ".part", path_ / name);
    }
    static std::string names(const manifest_folder& of) {
        std::string out;
        for (const auto& [key, one] : of.objects().all<cluster::name_space>())
            out += (out.empty() ? "" : " ") + key;
        return out;
    }

    fs::path path_;
};

TEST_F(manifests, are_read_by_their_names) {
    write("a.yaml", name_space("a1") + name_space("a2"));
    write("b.json", R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "b"}})");
    write("c.yml", name_space("c"));
    write("d.txt", name_space("d"));
    write(".hidden.yaml", name_space("hidden"));
    fs::create_directory(path_ / "sub.yaml");
    manifest_folder folder(path_);
    EXPECT_TRUE(folder.look());
    EXPECT_EQ(names(folder), "a1 a2 b c");
    EXPECT_FALSE(folder.look());
    EXPECT_TRUE(folder.problems().empty());
}

TEST_F(manifests, follow_a_mounted_config_map) {
    const auto mount = [&](const std::string& version, const std::string& object) {
        fs::create_directory(path_ / version);
        std::ofstream(path_ / version / "a.yaml") << name_space(object);
        fs::create_symlink(version, path_ / "..tmp");
        fs::rename(path_ / "..tmp", path_ / "..data");
    };
    mount("..2026_1", "one");
    fs::create_symlink("..data/a.yaml", path_ / "a.yaml");
    manifest_folder folder(path_);
    EXPECT_TRUE(folder.look());
    EXPECT_EQ(names(folder), "one");
    mount("..2026_2", "two");
    EXPECT_TRUE(folder.look());
    EXPECT_EQ(names(folder), "two");
}

TEST_F(manifests, change_appear_and_go) {
    write("a.yaml", name_space("a"));
    manifest_folder folder(path_);
    folder.look();
    write("a.yaml", name_space("z")); // the same size
    write("b.yaml", name_space("b"));
    EXPECT_TRUE(folder.look());
    EXPECT_EQ(names(folder), "b z");
    fs::remove(path_ / "a.yaml");
    EXPECT_TRUE(folder.look());
    EXPECT_EQ(names(folder), "b");
    write("b.yaml", name_space("b")); // another file, the same bytes
    EXPECT_FALSE(folder.look());
}

TEST_F(manifests, keep_the_last_good_version_of_what_is_broken) {
    write("a.yaml", name_space("a1") + name_space("a2"));
    manifest_folder folder(path_);
    folder.look();
    write(
        "a.yaml", "--- {apiVersion: v1, kind: Namespace, metadata: {name: a1, creationTimestamp: soon}}\n" +
                      name_space("a3")
    );
    EXPECT_TRUE(folder.look());
    EXPECT_EQ(names(folder), "a1 a3"); // a2 is gone, a1 only wrong
    ASSERT_EQ(folder.problems().size(), 1U);
    write("a.yaml", name_space("a4") + "--- {apiVersion: v1, kind");
    EXPECT_TRUE(folder.look());
    EXPECT_EQ(names(folder), "a1 a3 a4"); // nobody knows what that was
    EXPECT_TRUE(has_errors(folder.problems()));
    write("a.yaml", name_space("a4"));
    EXPECT_TRUE(folder.look());
    EXPECT_EQ(names(folder), "a4");
    EXPECT_TRUE(folder.problems().empty());
}

TEST_F(manifests, warn_of_an_object_that_is_written_twice) {
    write("a.yaml", "--- {apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {from: a}}");
    write("b.yaml", "--- {apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {from: b}}");
    manifest_folder folder(path_);
    folder.look();
    EXPECT_EQ(folder.objects().find<cluster::config_map>("default/m")->data.at("from"), "b");
    ASSERT_EQ(folder.problems().size(), 1U);
    EXPECT_EQ(folder.problems()[0].level, complaint::severity::warning);
}

TEST_F(manifests, outlive_their_folder) {
    write("a.yaml", name_space("a"));
    manifest_folder folder(path_);
    folder.look();
    fs::remove_all(path_);
    EXPECT_TRUE(folder.look());
    EXPECT_EQ(names(folder), "a");
    EXPECT_TRUE(has_errors(folder.problems()));
    EXPECT_FALSE(folder.look());
    fs::create_directory(path_);
    write("b.yaml", name_space("b"));
    EXPECT_TRUE(folder.look());
    EXPECT_EQ(names(folder), "b");
    EXPECT_TRUE(folder.problems().empty());
    EXPECT_FALSE(manifest_folder(path_ / "nowhere").found());
}

TEST_F(manifests, are_heard_of_by_events_and_by_the_beat) {
    const auto later = path_ / "later"; // not there yet: only the beat can find that it came
    const std::pair<fs::path, watch_settings> rows[] = {{path_, {5ms, 50ms, 1h}}, {later, {5ms, 50ms, 20ms}}};
    for (const auto& [path, settings] : rows) {
        boost::asio::io_context io;
        manifest_folder folder(path);
        folder.look();
        int changes = 0;
        const folder_watch watch(
            io, {[&path = path] { return std::vector{path}; }, {}, [&] { changes += folder.look() ? 1 : 0; }},
            settings
        );
        const auto wait = [&](int wanted) {
            const auto give_up = std::chrono::steady_clock::now() + 10s;
            while (changes < wanted && std::chrono::steady_clock::now() < give_up) io.run_one_for(50ms);
            return changes >= wanted;
        };
        const auto made = path_ / ".made"; // moved into place, so that it comes in one step
        fs::create_directory(made);
        std::ofstream(made / "a.yaml") << name_space("x");
        if (path == path_)
            fs::rename(made / "a.yaml", path / "a.yaml");
        else
            fs::rename(made, path);
        EXPECT_TRUE(wait(1)) << path;
        fs::remove(path / "a.yaml");
        EXPECT_TRUE(wait(2)) << path;
    }
}

} // namespace
} // namespace adit::source
