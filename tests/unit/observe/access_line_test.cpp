#include "observe/access_line.hpp"

#include "core/json_escape.hpp"
#include "unit/observe/records.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace adit::observe {
namespace {

using layout = model::access_log::layout;
using parts = model::access_log::parts;

constexpr parts all{true, true, true, true, true};
constexpr parts none{false, false, false, false, false};

std::string line(const exchange_record& one, layout as, const parts& with = {}) {
    std::string out;
    write_access_line(out, one, some_clock(), as, with);
    EXPECT_TRUE(out.ends_with('\n'));
    EXPECT_EQ(out.find('\n'), out.size() - 1) << "more than one line";
    out.pop_back();
    return out;
}

bool holds(const std::string& line, std::string_view part) {
    return line.find(part) != std::string::npos;
}

TEST(access_line, json_tells_all) {
    EXPECT_EQ(
        line(*some_record(), layout::json, all),
        R"({"time":"2026-01-31T09:05:00.001Z","request_id":"abc123","client":"192.0.2.7","peer":"10.0.0.1",)"
        R"("user":"ann","method":"GET","host":"shop.test:8443","path":"/cart","query":"id=7",)"
        R"("protocol":"HTTP/1.1","status":200,"end":"done","route":"shop","track":"canary",)"
        R"("reason":"cohort","bucket":42,"weight":12.5,"endpoint":"10.1.0.9:8080","attempts":1,)"
        R"("waited_ms":0.1,"connect_ms":0.2,"first_byte_ms":0.7,"duration_ms":1.5,"bytes_in":321,)"
        R"("bytes_out":1234,"body_bytes_out":1000,"referer":"https://shop.test/","user_agent":"curl/8.0"})"
    );
}

TEST(access_line, json_always_has_what_may_be_missing) {
    auto one = empty_record();
    one->started = one->ended = 10 * second;
    one->end = "bad-request-line";
    one->status = 400;
    EXPECT_EQ(
        line(*one, layout::json, all),
        R"({"time":"2026-01-31T09:05:00.000Z","request_id":null,"client":"::","peer":"::","method":null,)"
        R"("host":null,"path":null,"protocol":"HTTP/1.1","status":400,"end":"bad-request-line",)"
        R"("route":null,"track":null,"reason":null,"endpoint":null,"attempts":0,"waited_ms":null,)"
        R"("connect_ms":null,"first_byte_ms":null,"duration_ms":0,"bytes_in":0,"bytes_out":0,)"
        R"("body_bytes_out":0})"
    );
}

TEST(access_line, json_tells_what_only_some_exchanges_have) {
    auto one = some_record();
    one->tls = "TLSv1.3";
    one->minor_version = 0;
    one->rule = 2;
    one->put(text::chosen, "beta", 255);
    one->trace_id = {0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6,
                     0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36};
    one->span_id = {0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7};
    const auto told = line(*one, layout::json);
    EXPECT_TRUE(holds(told, R"("protocol":"HTTP/1.0","tls":"TLSv1.3",)")) << told;
    EXPECT_TRUE(holds(told, R"("chosen":"beta","reason":"cohort","rule":2,)")) << told;
    EXPECT_TRUE(holds(told, R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"})"))
        << told;
    one->parent_id = {1};
    EXPECT_TRUE(holds(line(*one, layout::json), R"("parent_id":"0100000000000000")"));
}

TEST(access_line, leaves_out_what_is_not_asked_for) {
    for (const auto as : {layout::json, layout::ecs, layout::combined}) {
        const auto told = line(*some_record(), as, none);
        for (const auto* part : {"id=7", "https://shop.test/", "curl", "ann", "10.0.0.1\""})
            EXPECT_FALSE(holds(told, part)) << part << " in " << told;
    }
}

TEST(access_line, ecs_has_its_names) {
    auto one = some_record();
    one->tls = "TLSv1.2";
    EXPECT_EQ(
        line(*one, layout::ecs, all),
        R"({"@timestamp":"2026-01-31T09:05:00.001Z","ecs":{"version":"8.11.0"},"event":{"kind":"event",)"
        R"("category":["web"],"type":["access"],"dataset":"adit.access","outcome":"success",)"
        R"("reason":"done","duration":1500000},"http":{"version":"1.1","request":{"id":"abc123",)"
        R"("method":"GET","bytes":321,"referrer":"https://shop.test/"},"response":{"status_code":200,)"
        R"("bytes":1234,"body":{"bytes":1000}}},"url":{"domain":"shop.test","port":8443,"path":"/cart",)"
        R"("query":"id=7","scheme":"https"},"tls":{"version":"1.2","version_protocol":"tls"},)"
        R"("client":{"ip":"192.0.2.7"},"source":{"ip":"10.0.0.1"},)"
        R"("destination":{"address":"10.1.0.9:8080"},"user":{"name":"ann"},)"
        R"("user_agent":{"original":"curl/8.0"},"adit":{"route":"shop","track":"canary",)"
        R"("reason":"cohort","bucket":42,"weight":12.5,"endpoint":"10.1.0.9:8080","attempts":1,)"
        R"("waited_ms":0.1,"connect_ms":0.2,"first_byte_ms":0.7}})"
    );
    one->failed = true;
    one->span_id = {1};
    one->trace_id = {2};
    const auto told = line(*one, layout::ecs);
    EXPECT_TRUE(holds(told, R"("outcome":"failure")")) << told;
    EXPECT_TRUE(holds(told, R"("trace":{"id":"02000000000000000000000000000000"},"span":{"id":"0100)"))
        << told;
}

TEST(access_line, combined_is_as_nginx_writes_it) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    EXPECT_EQ(
        line(*some_record(), layout::combined),
        R"(192.0.2.7 - - [31/Jan/2026:09:05:00 +0000] "GET /cart?id=7 HTTP/1.1" 200 1000 )"
        R"("https://shop.test/" "curl/8.0")"
    );
    EXPECT_EQ(
        line(
            *some_record(), layout::combined,
            {.query = false, .referer = false, .user_agent = false, .user = true}
        ),
        R"(192.0.2.7 - ann [31/Jan/2026:09:05:00 +0000] "GET /cart HTTP/1.1" 200 1000 "-" "-")"
    );
    auto one = empty_record();
    one->status = 400;
    one->ended = 10 * second;
    EXPECT_EQ(line(*one, layout::combined), R"(:: - - [31/Jan/2026:09:05:00 +0000] "-" 400 0 "-" "-")");
}

TEST(access_line, combined_knows_the_time_zone) {
    ::setenv("TZ", "<+0530>-05:30", 1);
    ::tzset();
    EXPECT_TRUE(holds(line(*some_record(), layout::combined), "[31/Jan/2026:14:35:00 +0530]"));
    ::setenv("TZ", "UTC", 1);
    ::tzset();
}

TEST(access_line, escapes_what_clients_send) {
    struct row {
        std::string_view sent, json, combined;
    };
    const row rows[]{
        {"a\"b\\c", R"(a\"b\\c)", R"(a\x22b\x5Cc)"},
        {"a\nb\rc\td", R"(a\nb\rc\td)", R"(a\x0Ab\x0Dc\x09d)"},
        {std::string_view("a\0b\x1b[31m\x7f", 9), R"(a\u0000b\u001b[31m\u007f)", R"(a\x00b\x1B[31m\x7F)"},
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", R"(gr\xC3\xBC\xC3\x9F)"},
        {"\xff\xc3(", R"(\ufffd\ufffd()", R"(\xFF\xC3()"},
        {"\xed\xa0\x80", R"(\ufffd\ufffd\ufffd)", R"(\xED\xA0\x80)"}, // a surrogate
        {"\xf0\x9f\xa6\x86", "\xf0\x9f\xa6\x86", R"(\xF0\x9F\xA6\x86)"},
        {"\xf0\x9f\xa6", R"(\ufffd\ufffd\ufffd)", R"(\xF0\x9F\xA6)"}, // cut in the middle
    };
    for (const auto& one : rows) {
        auto record = empty_record();
        record->put(text::method, "GET", 32);
        record->put(text::path, "/", 512);
        record->put(text::user_agent, one.sent, 256);
        EXPECT_TRUE(holds(line(*record, layout::json), "\"user_agent\":\"" + std::string(one.json) + "\"}"))
            << line(*record, layout::json);
        EXPECT_TRUE(line(*record, layout::combined).ends_with(" \"" + std::string(one.combined) + '"'))
            << line(*record, layout::combined);
    }
}

TEST(access_line, marks_what_was_cut) {
    auto one = some_record();
    one->put(text::path, "/a/long/way", 4);
    EXPECT_TRUE(holds(line(*one, layout::json), R"("path":"/a/l…")"));
    EXPECT_TRUE(holds(line(*one, layout::combined), "GET /a/l...?id=7 HTTP/1.1"));
}

TEST(access_line, milliseconds_keep_three_digits) {
    auto one = some_record();
    const std::pair<instant, const char*> rows[]{{0, "0"},
                                                 {499, "0"},
                                                 {500, "0.001"},
                                                 {10'000, "0.01"},
                                                 {123'456'789, "123.457"},
                                                 {2 * second, "2000"}};
    for (const auto& [took, wanted] : rows) {
        one->ended = one->started + took;
        EXPECT_TRUE(holds(line(*one, layout::json), std::string("\"duration_ms\":") + wanted + ','))
            << line(*one, layout::json);
    }
    one->sent_at = 0; // the connection never stood
    EXPECT_TRUE(holds(line(*one, layout::json), R"("connect_ms":null,"first_byte_ms":null)"));
}

TEST(exchange_record, keeps_names_whole_whatever_a_client_sends) {
    auto one = empty_record();
    const std::string much(70'000, 'x');
    one->put(text::request_id, much, 128);
    for (const auto which : {text::route, text::track, text::chosen})
        one->put(which, much.substr(0, 255), 255);
    one->put(text::endpoint, "[2001:db8::1]:8080", 96);
    one->put(text::method, much, 32);
    one->put(text::host, much, 255);
    for (const auto which : {text::path, text::query, text::referer, text::user_agent})
        one->put(which, much, 512);
    EXPECT_EQ(one->get(text::request_id).size(), 128u);
    EXPECT_TRUE(one->is_cut(text::request_id));
    EXPECT_EQ(one->get(text::chosen).size(), 255u);
    EXPECT_FALSE(one->is_cut(text::chosen));
    EXPECT_EQ(one->get(text::endpoint), "[2001:db8::1]:8080");
    EXPECT_GT(one->get(text::path).size(), 200u);
    EXPECT_TRUE(one->is_cut(text::user_agent));
    EXPECT_LE(one->used, exchange_record::room_size);
}

} // namespace
} // namespace adit::observe
