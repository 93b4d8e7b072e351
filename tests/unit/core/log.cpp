#include "core/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <thread>
#include <vector>

namespace adit {
namespace {

using namespace std::chrono_literals;

// A file without a name that a log writes to.
class sink {
public:
    sink() {
        char name[] = "/tmp/adit-log-XXXXXX";
        descriptor_ = ::mkstemp(name);
        EXPECT_GE(descriptor_, 0);
        ::unlink(name);
    }
    ~sink() { ::close(descriptor_); }
    sink(const sink&) = delete;
    sink& operator=(const sink&) = delete;

    int descriptor() const { return descriptor_; }
    std::string text() const {
        std::string out(static_cast<std::size_t>(::lseek(descriptor_, 0, SEEK_END)), '\0');
        EXPECT_EQ(::pread(descriptor_, out.data(), out.size(), 0), static_cast<ssize_t>(out.size()));
        return out;
    }

private:
    int descriptor_;
};

const event_log::time_point when = event_log::time_point(1'769'850'300s) + 7ms;
constexpr const char* stamp = "2026-01-31T09:05:00.007Z";

std::string line(event_log::form lines, std::string_view message, log_fields fields) {
    sink to;
    event_log log(to.descriptor(), lines);
    log.write(when, log_level::info, message, fields);
    return to.text();
}

std::string json(std::string_view message, log_fields fields = {}) {
    return line(event_log::form::json, message, fields);
}

TEST(event_log, time_is_rfc_3339_with_milliseconds) {
    EXPECT_EQ(format_time(when), stamp);
    EXPECT_EQ(format_time(event_log::time_point(0s)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_time(event_log::time_point(-1ms)), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(format_time(event_log::time_point(1'709'164'800s) + 999'999us), "2024-02-29T00:00:00.999Z");
}

TEST(event_log, json_line) {
    const std::string file = "shop.yaml";
    EXPECT_EQ(
        json(
            "configuration reloaded", {{"file", file},
                                       {"routes", 3u},
                                       {"delta", -2},
                                       {"took_ms", 1.5},
                                       {"changed", true},
                                       {"generation", std::uint64_t{18'446'744'073'709'551'615u}}}
        ),
        std::string("{\"time\":\"") + stamp +
            "\",\"level\":\"info\",\"message\":\"configuration "
            "reloaded\",\"file\":\"shop.yaml\",\"routes\":3,"
            "\"delta\":-2,\"took_ms\":1.5,\"changed\":true,\"generation\":18446744073709551615}\n"
    );
}

TEST(event_log, json_is_one_line_whatever_the_text) {
    EXPECT_THAT(
        json("a\"b\\c\n\r\t\x01\x7f"), testing::EndsWith("\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f\"}\n")
    );
    EXPECT_THAT(json("Grüße 日本 😀"), testing::EndsWith("\"Grüße 日本 😀\"}\n"));
    for (const std::string_view bad :
         {"\xff", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\x80"}) {
        const auto text = json("<" + std::string(bad) + ">");
        EXPECT_THAT(text, testing::HasSubstr("<\\ufffd")) << text;
        for (const char c : text) EXPECT_LT(static_cast<unsigned char>(c), 0x80) << text;
    }
    EXPECT_THAT(json(std::string_view("a\0b", 3)), testing::HasSubstr("a\\u0000b"));
}

TEST(event_log, json_has_no_infinity) {
    EXPECT_THAT(
        json("x", {{"a", std::nan("")}, {"b", std::numeric_limits<double>::infinity()}}),
        testing::EndsWith("\"a\":null,\"b\":null}\n")
    );
}

TEST(event_log, text_line) {
    EXPECT_EQ(
        line(
            event_log::form::text, "listening",
            {{"address", "[::]:8080"}, {"note", "two words"}, {"empty", ""}, {"n", 1}}
        ),
        std::string(stamp) + " info    listening address=[::]:8080 note=\"two words\" empty=\"\" n=1\n"
    );
    EXPECT_EQ(
        line(event_log::form::text, "a\nb\x1b[31m", {}), std::string(stamp) + " info    a\\nb\\u001b[31m\n"
    );
}

TEST(event_log, below_the_level_nothing_is_written) {
    sink to;
    event_log log(to.descriptor(), event_log::form::json);
    log.write(log_level::debug, "no");
    log.set_level(log_level::error);
    EXPECT_FALSE(log.wants(log_level::warning));
    EXPECT_TRUE(log.wants(log_level::error));
    log.write(log_level::warning, "no");
    EXPECT_EQ(to.text(), "");
    log.write(log_level::error, "yes");
    EXPECT_THAT(to.text(), testing::HasSubstr("\"level\":\"error\",\"message\":\"yes\""));
}

TEST(event_log, is_json_where_there_is_no_terminal) {
    sink to;
    event_log log(to.descriptor());
    log.write(log_level::info, "x");
    EXPECT_EQ(to.text().front(), '{');
}

TEST(event_log, level_names) {
    for (const auto level : {log_level::debug, log_level::info, log_level::warning, log_level::error})
        EXPECT_EQ(parse_log_level(to_text(level)), level);
    EXPECT_EQ(parse_log_level("warn"), log_level::warning);
    EXPECT_EQ(parse_log_level("loud"), std::nullopt);
}

TEST(event_log, lines_of_threads_do_not_mix) {
    sink to;
    event_log log(to.descriptor(), event_log::form::json);
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i)
        writers.emplace_back([&log, i] {
            for (int k = 0; k < 250; ++k)
                log.write(log_level::info, "from a thread", {{"thread", i}, {"k", k}});
        });
    for (auto& one : writers) one.join();
    std::istringstream lines(to.text());
    int count = 0;
    for (std::string one; std::getline(lines, one); ++count) {
        EXPECT_TRUE(one.starts_with("{\"time\":\"")) << one;
        EXPECT_TRUE(one.ends_with("}")) << one;
    }
    EXPECT_EQ(count, 1000);
}

TEST(event_log, a_closed_descriptor_harms_nobody) {
    event_log log(-1, event_log::form::json);
    log.write(log_level::error, "nobody hears this");
}

TEST(log_limit, lets_one_through_and_counts_the_rest) {
    log_limit limit(10s);
    const log_limit::clock::time_point start{};
    EXPECT_EQ(limit.pass(start), 0u);
    EXPECT_EQ(limit.pass(start + 1s), std::nullopt);
    EXPECT_EQ(limit.pass(start + 9'999ms), std::nullopt);
    EXPECT_EQ(limit.pass(start + 10s), 2u);
    EXPECT_EQ(limit.pass(start + 11s), std::nullopt);
    EXPECT_EQ(limit.pass(start + 60s), 1u);
    EXPECT_EQ(limit.pass(start + 90s), 0u);
}

} // namespace
} // namespace adit
