#include "observe/scribe.hpp"

#include "unit/core/temporary_directory.hpp"
#include "unit/observe/allocations.hpp"
#include "unit/observe/records.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace adit::observe {
namespace {

std::string contents(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool leave(record_ring& ring, std::string_view path) {
    auto* one = ring.take();
    if (!one) return false;
    one->for_log = true;
    one->end = "done";
    one->put(text::method, "GET", 32);
    one->put(text::path, path, 512);
    ring.give(one);
    return true;
}

std::shared_ptr<log_output> opened(const std::string& path) {
    std::string error;
    std::shared_ptr<log_output> out = log_output::open(path, error);
    EXPECT_TRUE(out) << error;
    return out;
}

TEST(record_ring, gives_back_what_was_read_and_never_waits) {
    record_ring ring(4 * sizeof(exchange_record), std::make_shared<wakeup>());
    ASSERT_EQ(ring.capacity(), 4u);
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 4; ++i) EXPECT_TRUE(leave(ring, "/" + std::to_string(i)));
        EXPECT_FALSE(leave(ring, "/full"));
        std::string seen;
        EXPECT_EQ(ring.read([&](const exchange_record& one) { seen += one.get(text::path); }), 4u);
        EXPECT_EQ(seen, "/0/1/2/3");
    }
    EXPECT_EQ(ring.read([](const exchange_record&) { FAIL(); }), 0u);
}

TEST(record_ring, allocates_nothing_after_it_was_made) {
    record_ring ring(8 * sizeof(exchange_record), std::make_shared<wakeup>());
    const auto before = allocations();
    for (int i = 0; i < 100; ++i) {
        leave(ring, "/path");
        ring.read([](const exchange_record&) {});
    }
    EXPECT_EQ(allocations(), before);
}

TEST(record_ring, begins_each_record_empty) {
    record_ring ring(2 * sizeof(exchange_record), std::make_shared<wakeup>());
    for (int i = 0; i < 4; ++i) {
        auto* one = ring.take();
        ASSERT_NE(one, nullptr);
        EXPECT_TRUE(one->get(text::path).empty());
        EXPECT_EQ(one->bucket, exchange_record::no_bucket);
        one->put(text::path, "/x", 512);
        one->bucket = 7;
        ring.give(one);
        ring.read([](const exchange_record&) {});
    }
}

TEST(scribe, loses_nothing_that_was_given_before_it_stops) {
    const temporary_directory folder;
    const auto path = folder.path() + "/access.log";
    constexpr int each = 20'000, workers = 3;
    scribe one;
    std::vector<std::shared_ptr<record_ring>> rings;
    for (int i = 0; i < workers; ++i) rings.push_back(std::make_shared<record_ring>(64 * 1024, one.wakeup()));
    one.start();
    one.assign({.rings = rings, .output = opened(path), .layout = {}, .parts = {}, .listeners = {}});
    std::vector<std::thread> threads;
    std::atomic<int> full{0};
    for (const auto& ring : rings)
        threads.emplace_back([&, ring] {
            for (int i = 0; i < each; ++i)
                while (!leave(*ring, "/" + std::to_string(i))) ++full, std::this_thread::yield();
        });
    for (auto& thread : threads) thread.join();
    one.stop();
    const auto text = contents(path);
    EXPECT_EQ(lines_of(text), static_cast<std::size_t>(each * workers));
    EXPECT_EQ(one.counters().lines.value(), static_cast<std::uint64_t>(each * workers));
    EXPECT_TRUE(text.starts_with("{\"time\":"));
    struct stat about {};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777 & ~0640U, 0u) << "others can read it";
}

TEST(scribe, reads_rings_that_are_let_go_to_their_end) {
    const temporary_directory folder;
    const auto path = folder.path() + "/access.log";
    scribe one;
    const auto before = std::make_shared<record_ring>(64 * 1024, one.wakeup());
    const auto output = opened(path);
    one.start();
    one.assign({.rings = {before}, .output = output, .layout = {}, .parts = {}, .listeners = {}});
    leave(*before, "/before");
    const auto after = std::make_shared<record_ring>(64 * 1024, one.wakeup());
    leave(*after, "/after");
    one.assign({.rings = {after}, .output = output, .layout = {}, .parts = {}, .listeners = {}});
    one.stop();
    EXPECT_EQ(lines_of(contents(path)), 2u) << contents(path);
}

TEST(scribe, shows_listeners_what_is_meant_for_them) {
    struct ear : record_listener {
        void hear(const exchange_record& one, const record_clock&) override { heard += one.get(text::path); }
        std::string heard;
    };
    scribe one;
    const auto ring = std::make_shared<record_ring>(64 * 1024, one.wakeup());
    const auto listener = std::make_shared<ear>();
    one.start();
    one.assign({.rings = {ring}, .output = nullptr, .layout = {}, .parts = {}, .listeners = {listener}});
    leave(*ring, "/log"); // for a log that is gone
    auto* record = ring->take();
    record->for_tap = true;
    record->put(text::path, "/tap", 512);
    ring->give(record);
    one.stop();
    EXPECT_EQ(listener->heard, "/tap");
}

TEST(log_output, tells_why_it_cannot_be_opened) {
    const temporary_directory folder;
    std::string error;
    EXPECT_EQ(log_output::open(folder.path() + "/none/access.log", error), nullptr);
    EXPECT_EQ(error, "No such file or directory");
    EXPECT_EQ(log_output::open(folder.path(), error), nullptr);
    EXPECT_EQ(error, "Is a directory");
    ASSERT_EQ(::mkfifo((folder.path() + "/pipe").c_str(), 0600), 0);
    EXPECT_EQ(log_output::open(folder.path() + "/pipe", error), nullptr) << "would wait for a reader";
}

TEST(log_output, goes_on_in_a_new_file_after_a_rotation) {
    const temporary_directory folder;
    const auto path = folder.path() + "/access.log";
    const auto output = opened(path);
    log_counters counters;
    *output->line(counters) += "one\n";
    std::filesystem::rename(path, path + ".1");
    *output->line(counters) += "two\n";
    EXPECT_TRUE(output->reopen(counters));
    *output->line(counters) += "three\n";
    EXPECT_TRUE(output->flush(counters));
    EXPECT_EQ(contents(path + ".1"), "one\ntwo\n");
    EXPECT_EQ(contents(path), "three\n");
    EXPECT_EQ(counters.reopenings.value(), 1u);
}

TEST(log_output, stays_with_its_file_when_there_can_be_no_new_one) {
    const temporary_directory folder;
    std::filesystem::create_directory(folder.path() + "/a");
    const auto path = folder.path() + "/a/access.log";
    const auto output = opened(path);
    log_counters counters;
    std::filesystem::rename(folder.path() + "/a", folder.path() + "/b");
    EXPECT_FALSE(output->reopen(counters));
    *output->line(counters) += "one\n";
    EXPECT_TRUE(output->flush(counters));
    EXPECT_EQ(contents(folder.path() + "/b/access.log"), "one\n");
    std::filesystem::create_directory(folder.path() + "/a");
    EXPECT_TRUE(output->reopen(counters));
}

TEST(log_output, counts_what_a_full_disk_does_not_take) {
    if (::access("/dev/full", W_OK) != 0)
        GTEST_SKIP() << "no /dev/full here; mknod -m 666 /dev/full c 1 7 makes it";
    const auto output = opened("/dev/full");
    log_counters counters;
    const std::string line(10'000, 'x');
    std::uint64_t kept = 0;
    while (auto* to = output->line(counters)) {
        *to += line + '\n';
        ++kept;
        EXPECT_FALSE(output->flush(counters));
    }
    EXPECT_EQ(counters.failures.value(), kept);
    EXPECT_EQ(counters.lost.value(), 1u);
    output->finish(counters, std::chrono::milliseconds(10'000)); // does not wait for a disk
    EXPECT_EQ(counters.lost.value(), kept + 1);
    EXPECT_EQ(output->kept(), 0u);
}

// A pipe that nobody reads.
TEST(log_output, never_waits_for_a_reader_and_writes_whole_lines_to_it) {
    std::signal(SIGPIPE, SIG_IGN); // as the daemon does
    const temporary_directory folder;
    const auto path = folder.path() + "/pipe";
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    ASSERT_GE(reader, 0);
    const auto output = opened(path);
    log_counters counters;
    std::string line(1000, 'x');
    line.back() = '\n';
    for (int i = 0; i < 200; ++i) *output->line(counters) += line;
    EXPECT_FALSE(output->flush(counters));
    EXPECT_GT(output->kept(), 0u);
    EXPECT_EQ(counters.failures.value(), 0u) << "a full pipe is no failure";
    std::string got;
    char buffer[65536];
    for (ssize_t size; (size = ::read(reader, buffer, sizeof buffer)) > 0;) {
        got.append(buffer, static_cast<std::size_t>(size));
        output->flush(counters);
    }
    EXPECT_EQ(output->kept(), 0u);
    EXPECT_EQ(lines_of(got), 200u);
    EXPECT_EQ(got.size(), 200 * line.size());
    ::close(reader);
    *output->line(counters) += line; // and now nobody has it open
    EXPECT_FALSE(output->flush(counters));
    EXPECT_EQ(counters.failures.value(), 1u);
}

} // namespace
} // namespace adit::observe
