#include "core/state_directory.hpp"

#include "unit/core/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <vector>

namespace adit {
namespace {

using testing::HasSubstr;

unsigned mode_of(const std::string& path) {
    struct stat facts {};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0) << path;
    return facts.st_mode & 0777;
}

state_directory open_or_fail(const std::string& path) {
    std::string error;
    auto out = state_directory::open(path, error);
    EXPECT_TRUE(out) << error;
    return std::move(out.value());
}

TEST(state_directory, is_made_for_its_owner_alone) {
    const temporary_directory scratch;
    const auto state = open_or_fail(scratch / "a/b/c/");
    EXPECT_EQ(mode_of(scratch / "a/b/c"), 0700u);
    EXPECT_EQ(mode_of(scratch / "a"), 0700u);
}

TEST(state_directory, keeps_documents) {
    const temporary_directory scratch;
    std::string error;
    const std::string bytes("any\0bytes\n\xff", 11);
    {
        auto state = open_or_fail(scratch / "state");
        EXPECT_EQ(state.read("overrides.json", error), std::nullopt);
        EXPECT_EQ(error, "");
        EXPECT_TRUE(state.write("overrides.json", "first, and longer than the second", error)) << error;
        EXPECT_TRUE(state.write("overrides.json", bytes, error)) << error;
        EXPECT_TRUE(state.write("empty", "", error)) << error;
    }
    auto state = open_or_fail(scratch / "state");
    EXPECT_EQ(state.read("overrides.json", error), bytes);
    EXPECT_EQ(state.read("empty", error), "");
    EXPECT_EQ(mode_of(scratch / "state/overrides.json"), 0600u);
    EXPECT_TRUE(state.remove("overrides.json", error)) << error;
    EXPECT_TRUE(state.remove("overrides.json", error)) << error;
    EXPECT_EQ(state.read("overrides.json", error), std::nullopt);
    EXPECT_EQ(error, "");
}

TEST(state_directory, leaves_nothing_but_documents_and_the_lock) {
    const temporary_directory scratch;
    scratch.put(".new-overrides.json", "half a docum");
    auto state = open_or_fail(scratch.path());
    std::string error;
    EXPECT_TRUE(state.write("a", "1", error)) << error;
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    EXPECT_THAT(names, testing::ElementsAre("a", "lock"));
}

TEST(state_directory, refuses_names_that_are_not_documents) {
    const temporary_directory scratch;
    auto state = open_or_fail(scratch.path());
    std::string error;
    for (const std::string name :
         {"", ".", "..", "../x", "a/b", "/etc/passwd", "lock", ".hidden", "-x", "A", "a b", "a\n"}) {
        EXPECT_FALSE(state.write(name, "x", error)) << name;
        EXPECT_THAT(error, HasSubstr("not a document's name")) << name;
        EXPECT_FALSE(state.read(name, error)) << name;
        EXPECT_THAT(error, HasSubstr("not a document's name")) << name;
        EXPECT_FALSE(state.remove(name, error)) << name;
    }
    EXPECT_FALSE(state.write(std::string(201, 'a'), "x", error));
    EXPECT_TRUE(state.write(std::string(200, 'a'), "x", error)) << error;
}

TEST(state_directory, refuses_what_is_too_large) {
    const temporary_directory scratch;
    auto state = open_or_fail(scratch.path());
    std::string error;
    EXPECT_FALSE(state.write("large", std::string(state_directory::max_document + 1, 'x'), error));
    EXPECT_THAT(error, HasSubstr("larger than 16 MiB"));
    scratch.put("grown", "x");
    std::filesystem::resize_file(scratch / "grown", state_directory::max_document + 1);
    EXPECT_FALSE(state.read("grown", error));
    EXPECT_THAT(error, HasSubstr("larger than 16 MiB"));
}

TEST(state_directory, does_not_follow_links_and_reads_only_files) {
    const temporary_directory scratch;
    auto state = open_or_fail(scratch.path());
    std::string error;
    std::filesystem::create_symlink("/etc/hostname", scratch / "link");
    std::filesystem::create_directory(scratch / "folder");
    EXPECT_FALSE(state.read("link", error));
    EXPECT_NE(error, "");
    EXPECT_FALSE(state.read("folder", error));
    EXPECT_THAT(error, HasSubstr("not a regular file"));
    EXPECT_FALSE(state.write("folder", "x", error));
    EXPECT_THAT(error, HasSubstr("cannot write " + scratch.path() + "/folder: "));
    EXPECT_FALSE(std::filesystem::exists(scratch / ".new-folder"));
}

TEST(state_directory, serves_one_daemon) {
    const temporary_directory scratch;
    std::string error;
    {
        const auto first = open_or_fail(scratch.path());
        EXPECT_FALSE(state_directory::open(scratch.path(), error));
        EXPECT_EQ(
            error, "state directory " + scratch.path() + " is in use by another daemon, process " +
                       std::to_string(::getpid()) + " (give each its own --state-dir)"
        );
    }
    EXPECT_TRUE(state_directory::open(scratch.path(), error)) << error;
}

TEST(state_directory, lock_ends_with_a_killed_daemon) {
    const temporary_directory scratch;
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        std::string error;
        const auto held = state_directory::open(scratch.path(), error);
        const char yes = held ? 'y' : 'n';
        if (::write(ready[1], &yes, 1) == 1) ::pause();
        ::_exit(1);
    }
    char told = 0;
    ASSERT_EQ(::read(ready[0], &told, 1), 1);
    EXPECT_EQ(told, 'y');
    std::string error;
    EXPECT_FALSE(state_directory::open(scratch.path(), error));
    EXPECT_THAT(error, HasSubstr("process " + std::to_string(child)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
    EXPECT_TRUE(state_directory::open(scratch.path(), error)) << error;
}

TEST(state_directory, moves_with_its_lock) {
    const temporary_directory scratch;
    auto first = open_or_fail(scratch.path());
    auto second = std::move(first);
    std::string error;
    EXPECT_FALSE(state_directory::open(scratch.path(), error));
    EXPECT_TRUE(second.write("a", "1", error)) << error;
    second = open_or_fail(scratch / "other");
    EXPECT_TRUE(state_directory::open(scratch.path(), error)) << error;
}

TEST(state_directory, tells_what_is_in_the_way) {
    const temporary_directory scratch;
    scratch.put("file", "x");
    std::string error;
    EXPECT_FALSE(state_directory::open(scratch / "file", error));
    EXPECT_EQ(error, "cannot open state directory " + (scratch / "file") + ": Not a directory");
    EXPECT_FALSE(state_directory::open(scratch / "file/below", error));
    EXPECT_EQ(error, "cannot make state directory " + (scratch / "file/below") + ": Not a directory");
    EXPECT_FALSE(state_directory::open("", error));
    EXPECT_EQ(error, "the state directory's path is empty");
}

} // namespace
} // namespace adit
