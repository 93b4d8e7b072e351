#include "source/file/watch.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

namespace adit::source {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class watching : public ::testing::Test {
protected:
    watching() {
        std::string name = (fs::temp_directory_path() / "adit-watch-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder_ = name;
    }
    ~watching() override {
        watch_.reset();
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }

    static void write(const fs::path& file, std::string_view text) { std::ofstream(file) << text; }

    // Without inotify's help when `poll` is short and `quiet` long, and the other way round.
    void start(const fs::path& file, watch_settings settings = {5ms, 50ms, 1h}) {
        watch_.emplace(
            io_, file, [this] { ++calls_; }, settings
        );
    }

    // Runs handlers until `calls` have been made; false after ten seconds.
    bool wait_for(int calls) {
        const auto give_up = std::chrono::steady_clock::now() + 10s;
        while (calls_ < calls && std::chrono::steady_clock::now() < give_up) io_.run_one_for(100ms);
        return calls_ >= calls;
    }

    // Runs handlers until whatever was written before has certainly been looked at: a second watch of the
    // same folder has then heard, and waited out, two changes that came later.
    void settle() {
        const auto file = folder_ / "settle";
        int heard = 0;
        const watch beside(io_, file, [&] { ++heard; }, {10ms, 100ms, 1h});
        for (int i = 1; i <= 2; ++i) {
            write(file, std::to_string(i));
            const auto give_up = std::chrono::steady_clock::now() + 10s;
            while (heard < i && std::chrono::steady_clock::now() < give_up) io_.run_one_for(100ms);
            ASSERT_EQ(heard, i);
        }
    }

    fs::path folder_;
    boost::asio::io_context io_;
    int calls_ = 0;
    std::optional<watch> watch_;
};

TEST_F(watching, hears_of_writing_in_place) {
    const auto file = folder_ / "adit.yaml";
    write(file, "one");
    start(file);
    EXPECT_EQ(calls_, 0);
    write(file, "two");
    EXPECT_TRUE(wait_for(1));
    write(file, "six"); // the same size
    EXPECT_TRUE(wait_for(2));
    EXPECT_EQ(calls_, 2);
}

TEST_F(watching, hears_of_an_editor_that_renames) {
    const auto file = folder_ / "adit.yaml";
    write(file, "one");
    start(file);
    for (int i = 1; i <= 3; ++i) {
        write(folder_ / ".adit.yaml.swp", "version " + std::to_string(i));
        fs::rename(folder_ / ".adit.yaml.swp", file);
        EXPECT_TRUE(wait_for(i)) << i;
    }
}

TEST_F(watching, hears_of_a_config_map_that_swaps) {
    fs::create_directory(folder_ / "..2026_1");
    write(folder_ / "..2026_1" / "adit.yaml", "one");
    fs::create_directory_symlink("..2026_1", folder_ / "..data");
    fs::create_symlink("..data/adit.yaml", folder_ / "adit.yaml");
    start(folder_ / "adit.yaml");
    for (int i = 2; i <= 4; ++i) {
        const auto next = "..2026_" + std::to_string(i);
        fs::create_directory(folder_ / next);
        write(folder_ / next / "adit.yaml", "version " + std::to_string(i));
        fs::create_directory_symlink(next, folder_ / "..data_tmp");
        fs::rename(folder_ / "..data_tmp", folder_ / "..data");
        fs::remove_all(folder_ / ("..2026_" + std::to_string(i - 1)));
        EXPECT_TRUE(wait_for(i - 1)) << i;
    }
    EXPECT_EQ(calls_, 3);
}

TEST_F(watching, hears_of_a_file_behind_a_link) {
    fs::create_directory(folder_ / "there");
    write(folder_ / "there" / "real.yaml", "one");
    fs::create_symlink("there/real.yaml", folder_ / "adit.yaml");
    start(folder_ / "adit.yaml");
    write(folder_ / "there" / "real.yaml", "two");
    EXPECT_TRUE(wait_for(1));
}

TEST_F(watching, says_nothing_of_the_same_content) {
    const auto file = folder_ / "adit.yaml";
    write(file, "one");
    start(file);
    write(file, "one");
    write(folder_ / "other", "x");
    settle();
    fs::last_write_time(file, fs::file_time_type::clock::now() - 1h);
    settle();
    fs::rename(file, folder_ / "aside");
    fs::rename(folder_ / "aside", file);
    settle();
    EXPECT_EQ(calls_, 0);
    write(file, "two");
    EXPECT_TRUE(wait_for(1));
}

TEST_F(watching, takes_a_burst_for_one_change) {
    const auto file = folder_ / "adit.yaml";
    write(file, "0");
    start(file, {1ms, 10s, 1h});
    for (int i = 1; i < 20; ++i) write(file, std::to_string(i));
    EXPECT_TRUE(wait_for(1));
    settle();
    EXPECT_EQ(calls_, 1);
}

TEST_F(watching, waits_no_longer_than_its_patience) {
    const auto file = folder_ / "adit.yaml";
    write(file, "0");
    start(file, {1h, 30ms, 1h}); // it would never be quiet enough
    write(file, "1");
    EXPECT_TRUE(wait_for(1));
}

TEST_F(watching, survives_the_folder_and_finds_it_again) {
    const auto home = folder_ / "home";
    const auto file = home / "adit.yaml";
    fs::create_directory(home);
    write(file, "one");
    start(file, {5ms, 50ms, 20ms});
    fs::remove_all(home);
    EXPECT_TRUE(wait_for(1)); // gone
    fs::create_directory(home);
    write(file, "two");
    EXPECT_TRUE(wait_for(2));
    write(file, "three");
    EXPECT_TRUE(wait_for(3));
    fs::rename(home, folder_ / "moved");
    EXPECT_TRUE(wait_for(4));
    fs::rename(folder_ / "moved", home);
    EXPECT_TRUE(wait_for(5));
}

TEST_F(watching, waits_for_a_file_that_is_not_there_yet) {
    const auto file = folder_ / "later" / "adit.yaml";
    start(file, {5ms, 50ms, 20ms});
    fs::create_directory(folder_ / "later");
    write(file, "one");
    EXPECT_TRUE(wait_for(1));
}

TEST_F(watching, polls_where_no_event_comes) {
    // Two links: the folder between them is not watched.
    fs::create_directory(folder_ / "a");
    fs::create_directory(folder_ / "b");
    fs::create_directory(folder_ / "c");
    write(folder_ / "b" / "one.yaml", "one");
    write(folder_ / "b" / "two.yaml", "two");
    fs::create_symlink("../b/one.yaml", folder_ / "c" / "middle");
    fs::create_symlink("../c/middle", folder_ / "a" / "adit.yaml");
    start(folder_ / "a" / "adit.yaml", {5ms, 50ms, 20ms});
    fs::create_symlink("../b/two.yaml", folder_ / "c" / "tmp");
    fs::rename(folder_ / "c" / "tmp", folder_ / "c" / "middle");
    EXPECT_TRUE(wait_for(1));
}

TEST_F(watching, never_reads_a_pipe) {
    const auto file = folder_ / "adit.yaml";
    write(file, "one");
    start(file);
    ASSERT_EQ(std::system(("mkfifo '" + (folder_ / "pipe").string() + "'").c_str()), 0);
    fs::rename(folder_ / "pipe", file);
    EXPECT_TRUE(wait_for(1)); // counts as gone
}

TEST_F(watching, takes_a_name_without_a_folder) {
    const auto before = fs::current_path();
    fs::current_path(folder_);
    write("adit.yaml", "one");
    start("adit.yaml");
    write("adit.yaml", "two");
    EXPECT_TRUE(wait_for(1));
    fs::current_path(before);
}

TEST_F(watching, may_be_destroyed_by_its_own_call) {
    const auto file = folder_ / "adit.yaml";
    write(file, "one");
    watch_.emplace(
        io_, file,
        [this] {
            ++calls_;
            watch_.reset();
        },
        watch_settings{5ms, 50ms, 20ms}
    );
    write(file, "two");
    EXPECT_TRUE(wait_for(1));
    write(file, "three");
    io_.run(); // no work is left
    EXPECT_EQ(calls_, 1);
}

TEST_F(watching, is_silent_once_destroyed) {
    const auto file = folder_ / "adit.yaml";
    write(file, "one");
    start(file, {1ms, 1ms, 1ms});
    write(file, "two");
    watch_.reset();
    io_.run();
    EXPECT_EQ(calls_, 0);
}

} // namespace
} // namespace adit::source
