// What is told of mistakes in `access_log`, and what is read.
#include "source/file/read.hpp"

#include <gtest/gtest.h>

#include <string>

namespace adit::source {
namespace {

constexpr const char* routes = "routes: [{name: a, tracks: {stable: {endpoints: [b]}}}]\n";

reading read(const std::string& log, const char* file = "/etc/adit/adit.yaml") {
    return read_text(routes + ("access_log: " + log) + '\n', file);
}

TEST(access_log, is_read) {
    EXPECT_FALSE(read_text(routes, "f").gateway->access_log);
    const auto log = read("{path: logs/access.log, sample: 0.5}").gateway.value().access_log.value();
    EXPECT_EQ(log.path, "/etc/adit/logs/access.log");
    EXPECT_EQ(log.sample.hundredths, 50U);
    EXPECT_EQ(log.at.line, 2);
    EXPECT_EQ(read("{path: /var/log/a}").gateway->access_log->path, "/var/log/a");
    EXPECT_EQ(read("{path: stdout}").gateway->access_log->path, "stdout");
    const auto none = read("{path: stdout, fields: []}").gateway->access_log->fields;
    EXPECT_FALSE(none.query || none.referer || none.user_agent || none.user || none.peer);
}

TEST(access_log, tells_mistakes_with_their_place) {
    const std::pair<const char*, const char*> rows[]{
        {"{}", "f:2:13: error: access_log.path: the key is missing (e.g. path: stdout)\n"},
        {"{path: \"\"}",
         "f:2:20: error: access_log.path: it names no file (e.g. path: /var/log/adit/access.log, or path: "
         "stdout)\n"},
        {"{path: stdout, format: nginx}",
         "f:2:36: error: access_log.format: `nginx` is not known here (one of json, ecs, combined)\n"},
        {"{path: stdout, fields: [query, cookie]}", "f:2:44: error: access_log.fields[1]: `cookie` is not "
                                                    "known here (one of query, referer, user_agent, "
                                                    "user, peer)\n"},
        {"{path: stdout, sample: 101}",
         "f:2:36: error: access_log.sample: a share is at most 100, not `101` (a "
         "number from 0 to 100, e.g. 12.5)\n"},
        {"{path: stdout, sample: 0, always_errors: false}",
         "f:2:36: warning: access_log.sample: no exchange would be written down (remove access_log, or write "
         "always_errors: true)\n"},
        {"{path: stdout, buffer: 1KiB}",
         "f:2:36: error: access_log.buffer: 1KiB is out of range (from 64KiB to 1GiB)\n"},
        {"{path: stdout, file: x}",
         "f:2:28: error: access_log.file: unknown key (known here: path, format, fields, "
         "sample, always_errors, buffer)\n"},
    };
    for (const auto& [log, wanted] : rows) {
        std::string told;
        for (const auto& one : read(log, "f").problems) told += to_text(one) + '\n';
        EXPECT_EQ(told, wanted) << log;
    }
}

} // namespace
} // namespace adit::source
