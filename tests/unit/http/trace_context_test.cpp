#include "http/trace_context.hpp"

#include "unit/support/request.hpp"

#include <gtest/gtest.h>

namespace adit::http {
namespace {

using tests::request;

constexpr std::string_view trace = "4bf92f3577b34da6a3ce929d0e0e4736", span = "00f067aa0ba902b7";

std::string parent(std::string_view version = "00", std::string_view flags = "01") {
    return std::string(version) + '-' + std::string(trace) + '-' + std::string(span) + '-' +
           std::string(flags);
}

std::string written(const trace_parent& what) {
    char room[100];
    writer out{room, sizeof room};
    write_traceparent(out, what);
    return std::string(out.text());
}

TEST(traceparent, is_read_and_written) {
    struct {
        std::string text, again;
    } const rows[]{
        {parent(), parent()},
        {parent("00", "00"), parent("00", "00")},
        // flags that are not known go, that of level 2 stays
        {parent("00", "ff"), parent("00", "03")},
        {parent("00", "08"), parent("00", "00")},
        // higher versions: what stands where version 00 has it, answered in version 00
        {parent("01"), parent()},
        {parent("fe"), parent()},
        {parent("cc") + "-what-the-future-will-be-like", parent()},
        {parent("cc") + "-", parent()},
        {"00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-01",
         "00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-01"},
        // half of a trace id may be zeros: ids of 64 bits that grew
        {"00-0000000000000000a3ce929d0e0e4736-00f067aa0ba902b7-01",
         "00-0000000000000000a3ce929d0e0e4736-00f067aa0ba902b7-01"},
        {"00-4bf92f3577b34da60000000000000000-00f067aa0ba902b7-01",
         "00-4bf92f3577b34da60000000000000000-00f067aa0ba902b7-01"},
    };
    for (const auto& [text, again] : rows) {
        const auto got = parse_traceparent(text);
        ASSERT_TRUE(got) << text;
        EXPECT_EQ(written(*got), again) << text;
    }
    EXPECT_TRUE(parse_traceparent(parent("00", "01"))->sampled());
    EXPECT_FALSE(parse_traceparent(parent("00", "02"))->sampled());
}

TEST(traceparent, is_refused) {
    const std::string zeros(32, '0');
    const std::vector<std::string> rows{
        "",
        "00",
        parent("ff"),
        parent("0"),
        parent("0x"),
        parent("FE"),
        parent("00", "1"),
        parent("00", "0A"),
        parent("00", "x1"),
        parent("00", "011"),
        parent() + "-",
        parent() + "-extra",
        parent() + " ",
        parent("cc") + ".what-the-future-will-be-like",
        parent("cc") + "0",
        parent("000"),
        " " + parent(),
        "00-" + zeros + "-00f067aa0ba902b7-01",
        "00-" + std::string(trace) + "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e47366-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    };
    for (const auto& row : rows) EXPECT_FALSE(parse_traceparent(row)) << '[' << row << ']';
}

TEST(traceparent, is_one_field) {
    EXPECT_FALSE(read_traceparent(request("/").head()));
    EXPECT_TRUE(read_traceparent(request("/", {{"TraceParent", parent()}}).head()));
    EXPECT_FALSE(read_traceparent(request("/", {{"traceparent", parent()}, {"Traceparent", parent()}}).head())
    );
    // one that ends at this hop does not count
    request nominated("/", {{"traceparent", parent()}});
    nominated.head().fields()[0].dropped = true;
    EXPECT_FALSE(read_traceparent(nominated.head()));
}

std::string list(std::size_t members, std::string_view key = "k") {
    std::string out;
    for (std::size_t i = 0; i < members; ++i)
        out += (i ? "," : "") + std::string(key) + std::to_string(i) + "=" + std::to_string(i);
    return out;
}

struct state_row {
    std::vector<std::string> fields;
    std::string members;
};

std::string read(const std::vector<std::string>& fields, bool& good) {
    request::field_list all;
    for (const auto& one : fields) all.emplace_back("tracestate", one);
    const request from("/", all);
    std::string out = "before";
    good = read_tracestate(from.head(), out);
    return out;
}

TEST(tracestate, is_one_list_without_our_own) {
    const std::string long_key(256, 'k'), tenant(241, '1'), system(14, 's'), value(256, 'v');
    const std::vector<state_row> rows{
        {{}, ""},
        {{""}, ""},
        {{"a=1"}, "a=1"},
        {{"a=1,b=2"}, "a=1,b=2"},
        {{" a=1 \t,\t b=2 "}, "a=1,b=2"},
        {{"a=1", "b=2,c=3", "d=4"}, "a=1,b=2,c=3,d=4"},
        {{"a=1,,b=2", ",", ""}, "a=1,b=2"},
        {{"a= 1 2"}, "a= 1 2"},
        {{"a=1,a=2"}, "a=1,a=2"}, // who wrote it twice may sort it out
        {{"1a=1,t1@s=2,a_-*/=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~"},
         "1a=1,t1@s=2,a_-*/=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~"},
        {{long_key + "=1"}, long_key + "=1"},
        {{tenant + '@' + system + "=1"}, tenant + '@' + system + "=1"},
        {{"a=" + value}, "a=" + value},
        {{"adit=t:canary"}, ""},
        {{"a=1,adit=t:canary", "b=2"}, "a=1,b=2"},
        {{"adit2=x,xadit=y,t@adit=z"}, "adit2=x,xadit=y,t@adit=z"},
        // 32 in all, of which one place is ours
        {{list(31)}, list(31)},
        {{list(31) + ",adit=t:stable"}, list(31)},
        {{list(32)}, list(31)},
        {{list(16), list(16, "m")}, list(16) + "," + list(15, "m")},
    };
    for (const auto& row : rows) {
        bool good = false;
        EXPECT_EQ(read(row.fields, good), row.members);
        EXPECT_TRUE(good) << row.members;
    }
}

TEST(tracestate, is_refused_as_a_whole) {
    const std::vector<std::vector<std::string>> rows{
        {"a"},
        {"a="},
        {"=1"},
        {"a =1"},
        {"A=1"},
        {"a.b=1"},
        {"-a=1"},
        {"@a=1"},
        {"a@=1"},
        {"a@@b=1"},
        {"a@b@c=1"},
        {"a@1=1"},
        {"a=1=2"},
        {"a=1\t2"},
        {"a=\xc3\xa4"},
        {std::string(257, 'k') + "=1"},
        {std::string(242, 't') + "@s=1"},
        {"t@" + std::string(15, 's') + "=1"},
        {"a=" + std::string(257, 'v')},
        {"a=1,b=2,C=3"},
        {"a=1", "b"},
        {list(33)},
        {list(32), "adit=t:stable"},
    };
    for (const auto& row : rows) {
        bool good = true;
        EXPECT_EQ(read(row, good), "") << row[0];
        EXPECT_FALSE(good) << row[0];
    }
}

} // namespace
} // namespace adit::http
