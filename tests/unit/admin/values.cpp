// The parts of the API that know no sockets: texts, bodies, tables, guards, tokens.
#include "admin/bodies.hpp"
#include "admin/endpoints.hpp"
#include "admin/guard.hpp"
#include "admin/json_text.hpp"
#include "admin/openapi.hpp"
#include "admin/token.hpp"
#include "admin/views.hpp"
#include "unit/core/temporary_directory.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <set>

namespace adit::admin {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

template <class T>
std::string problem_of(const answer<T>& result) {
    const auto* bad = std::get_if<problem>(&result);
    return bad ? bad->name : "";
}

template <class T>
std::string key_of(const answer<T>& result) {
    const auto* bad = std::get_if<problem>(&result);
    return bad ? bad->key : "no problem";
}

TEST(json_text, numbers_are_written_for_people) {
    EXPECT_EQ(number_text(12.5), "12.5");
    EXPECT_EQ(number_text(5), "5");
    EXPECT_EQ(number_text(0), "0");
    EXPECT_EQ(number_text(0.01), "0.01");
    EXPECT_EQ(number_text(99.99), "99.99");
    EXPECT_EQ(number_text(-3), "-3");
    EXPECT_EQ(number_text(1e300), "1e+300");
    EXPECT_EQ(number_text(std::numeric_limits<double>::infinity()), "null");
}

TEST(json_text, reads_back_as_it_was) {
    const json::value value{
        {"a", {1, 2.5, -3, 1e-9, 1e17, nullptr, true}},
        {"b \"quoted\"\n", json::object{}},
        {"c", json::array{}},
        {"d", {{"e", "\xc3\xa9"}}}};
    EXPECT_EQ(json::parse(json_text(value)), value);
    EXPECT_EQ(json::parse(json_text(value, layout::indented)), value);
    EXPECT_EQ(json_text({{"a", {1, 2}}, {"b", json::object{}}}), R"({"a":[1,2],"b":{}})");
    EXPECT_EQ(
        json_text(json::object{{"a", {1, 2}}}, layout::indented), "{\n  \"a\": [\n    1,\n    2\n  ]\n}"
    );
}

TEST(json_text, places) {
    EXPECT_EQ(line_and_column("abc", 0), std::pair(1, 1));
    EXPECT_EQ(line_and_column("ab\ncd", 4), std::pair(2, 2));
    EXPECT_EQ(line_and_column("ab\n", 99), std::pair(2, 1));
}

TEST(bodies, json_is_one_value) {
    EXPECT_EQ(problem_of(read_json("{}{}")), "malformed-json");
    EXPECT_EQ(problem_of(read_json("{\"a\": 1} \n\t")), "");
    EXPECT_EQ(problem_of(read_json("{\"a\": ")), "malformed-json");
    EXPECT_EQ(problem_of(read_json("\"\xff\"")), "malformed-json");
    EXPECT_EQ(problem_of(read_json(std::string(100, '['))), "malformed-json");
    EXPECT_EQ(problem_of(read_json(std::string_view("{}\0", 3))), "malformed-json");
}

TEST(bodies, weights) {
    const auto good = read_weights(R"({"canary": 12.5, "next": 1, "third": 0.01})");
    ASSERT_EQ(problem_of(good), "");
    EXPECT_THAT(
        (std::get<std::map<std::string, double>>(good)),
        ElementsAre(Pair("canary", 12.5), Pair("next", 1.0), Pair("third", 0.01))
    );
    EXPECT_EQ(problem_of(read_weights(R"({"canary": 1e999})")), "weight-not-a-number");
    EXPECT_EQ(problem_of(read_weights(R"({"canary": null})")), "weight-not-a-number");
    EXPECT_EQ(problem_of(read_weights(R"({"canary": true})")), "weight-not-a-number");
    EXPECT_EQ(problem_of(read_weights("12.5")), "invalid-body");
}

TEST(bodies, kill) {
    EXPECT_FALSE(std::get<kill_body>(read_kill("")).routes);
    EXPECT_FALSE(std::get<kill_body>(read_kill("{}")).routes);
    EXPECT_THAT(*std::get<kill_body>(read_kill(R"({"routes": ["a", "b"]})")).routes, ElementsAre("a", "b"));
    EXPECT_EQ(key_of(read_kill(R"({"routes": []})")), "routes");
    EXPECT_EQ(key_of(read_kill(R"({"routes": "a"})")), "routes");
    EXPECT_EQ(key_of(read_kill(R"({"routes": [1]})")), "routes");
    EXPECT_EQ(key_of(read_kill(R"({"reason": 1})")), "reason");
    EXPECT_EQ(key_of(read_kill(R"({"rutes": ["a"]})")), "rutes");
}

TEST(bodies, explain_in_all_its_spellings) {
    const auto read = [](std::string_view body) { return std::get<explain_request>(read_explain(body)); };
    EXPECT_EQ(read(R"({"url": "HTTPS://shop.test"})").target, "/");
    EXPECT_EQ(read(R"({"url": "http://shop.test?a=b"})").target, "/?a=b");
    EXPECT_EQ(read(R"({"url": "http://[fd00::1]:80/x"})").host, "[fd00::1]:80");
    EXPECT_EQ(read(R"({"host": "shop.test", "path": "/a?b"})").target, "/a?b");
    EXPECT_EQ(read(R"({"host": "shop.test", "method": "POST"})").method, "POST");
    EXPECT_EQ(read(R"({"headers": {"Host": "shop.test"}})").host, "shop.test");
    EXPECT_THAT(
        read(R"({"host": "a", "headers": ["X-A: 1", "x-b:2:3"]})").headers,
        ElementsAre(Pair("X-A", "1"), Pair("x-b", "2:3"))
    );
}

TEST(bodies, explain_that_makes_no_sense) {
    const auto key = [](std::string_view body) { return key_of(read_explain(body)); };
    EXPECT_EQ(key("{}"), "host");
    EXPECT_EQ(key(R"({"url": "shop.test/x"})"), "url");
    EXPECT_EQ(key(R"({"url": "http:///x"})"), "url");
    EXPECT_EQ(key(R"({"url": "http://a@b/x"})"), "url");
    EXPECT_EQ(key(R"({"url": "http://a/", "host": "a"})"), "url");
    EXPECT_EQ(key(R"({"host": "a", "path": "x"})"), "path");
    EXPECT_EQ(key(R"({"host": "a", "path": "/x y"})"), "path");
    EXPECT_EQ(key(R"({"host": "a b"})"), "host");
    EXPECT_EQ(key(R"({"host": "a", "method": "G T"})"), "method");
    EXPECT_EQ(key(R"({"host": "a", "address": "10.0.0"})"), "address");
    EXPECT_EQ(key(R"({"host": "a", "headers": {"X A": "1"}})"), "headers");
    EXPECT_EQ(key(R"({"host": "a", "headers": {"X-A": "1\r\nX-B: 2"}})"), "headers.X-A");
    EXPECT_EQ(key(R"({"host": "a", "headers": {"X-A": 1}})"), "headers.X-A");
    EXPECT_EQ(key(R"({"host": "a", "headers": ["X-A"]})"), "headers");
    EXPECT_EQ(key(R"({"host": "a", "headers": 1})"), "headers");
    EXPECT_EQ(key(R"({"host": "a", "cookie": "x"})"), "cookie");
}

TEST(bodies, if_match) {
    EXPECT_FALSE(read_if_match(std::nullopt));
    EXPECT_FALSE(read_if_match(" * "));
    EXPECT_THAT(*read_if_match("\"7\", W/\"8\", \"x\", 9,\"10\""), ElementsAre(7U, 10U));
    EXPECT_THAT(*read_if_match(""), IsEmpty());
    EXPECT_EQ(etag(7), "\"7\"");
}

TEST(call, percent_decoding) {
    EXPECT_EQ(percent_decode("a%2Fb+c"), "a/b+c");
    EXPECT_EQ(percent_decode("%e2%82%AC"), "\xe2\x82\xac");
    EXPECT_FALSE(percent_decode("%"));
    EXPECT_FALSE(percent_decode("%2"));
    EXPECT_FALSE(percent_decode("%2g"));
    EXPECT_FALSE(percent_decode("%00"));
}

TEST(call, flags) {
    const auto flag = [](std::string_view query) {
        call one;
        one.query = *parse_query(query);
        return one.has_flag("pause");
    };
    EXPECT_TRUE(flag("pause"));
    EXPECT_TRUE(flag("x=1&pause=true"));
    EXPECT_FALSE(flag("pause=false"));
    EXPECT_FALSE(flag("pause=0"));
    EXPECT_FALSE(flag("&&"));
}

TEST(endpoints, names_are_segments) {
    EXPECT_EQ(find_endpoint("GET", "/api/v1/routes/a%2Fb", role::admin).route, "a/b");
    EXPECT_EQ(find_endpoint("PUT", "/api/v1/routes/a/weights", role::admin).route, "a");
    EXPECT_EQ(find_endpoint("GET", "/api/v1/routes//weights", role::admin).what, nullptr);
    EXPECT_EQ(find_endpoint("GET", "/api/v1/routes/a/weights/b", role::admin).allow, "");
    EXPECT_EQ(find_endpoint("GET", "/livez/", role::admin).allow, "");
    EXPECT_EQ(find_endpoint("GET", "livez", role::admin).allow, "");
    EXPECT_EQ(find_endpoint("GET", "", role::admin).allow, "");
    EXPECT_EQ(find_endpoint("GET", "/api/v1/kill", role::admin).allow, "POST, DELETE");
    EXPECT_NE(find_endpoint("HEAD", "/version", role::status).what, nullptr);
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (auto& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
    return out;
}

TEST(openapi, describes_what_is_served_and_nothing_else) {
    const auto document = json::parse(openapi_text()).as_object();
    std::set<std::string> described;
    for (const auto& path : document.at("paths").as_object())
        for (const auto& method : path.value().as_object()) {
            if (method.key() == "parameters") continue;
            described.insert(
                upper({method.key().data(), method.key().size()}) + " " + std::string(path.key())
            );
        }
    std::set<std::string> served;
    for (const auto& one : endpoints()) served.insert(std::string(one.method) + " " + std::string(one.path));
    EXPECT_EQ(described, served);
}

void find_references(const json::value& in, std::vector<std::string>& out) {
    if (const auto* object = in.if_object()) {
        for (const auto& member : *object) {
            if (member.key() == "$ref") out.emplace_back(member.value().as_string());
            find_references(member.value(), out);
        }
    } else if (const auto* array = in.if_array()) {
        for (const auto& one : *array) find_references(one, out);
    }
}

TEST(openapi, references_lead_somewhere) {
    const auto document = json::parse(openapi_text());
    std::vector<std::string> references;
    find_references(document, references);
    EXPECT_FALSE(references.empty());
    for (const auto& one : references) {
        boost::system::error_code error;
        EXPECT_NE(document.find_pointer(one.substr(1), error), nullptr) << one;
    }
}

TEST(views, routes_have_what_the_description_demands) {
    const auto document = json::parse(openapi_text());
    const auto shown = to_json(route_view{.name = "shop", .tracks = {{.name = "stable"}}});
    for (const auto& member : document.at("components").at("schemas").at("Route").at("required").as_array())
        EXPECT_TRUE(shown.contains(member.as_string())) << member;
    for (const auto& member : shown)
        EXPECT_TRUE(document.at("components")
                        .at("schemas")
                        .at("Route")
                        .at("properties")
                        .as_object()
                        .contains(member.key())
        ) << member.key();
}

TEST(guard, hosts) {
    for (const auto* fine : {"localhost", "localhost:1", "127.0.0.1", "10.0.0.1:9090", "[::1]", "[::1]:9090"})
        EXPECT_FALSE(check_host(fine)) << fine;
    for (const auto* bad :
         {"", "evil", "localhost.evil", "localhost:x", "[::1", "[::1]x", "127.0.0.1.", "1.2.3"})
        EXPECT_TRUE(check_host(bad)) << bad;
}

TEST(guard, origins) {
    EXPECT_FALSE(check_origin({}, "a"));
    EXPECT_FALSE(check_origin("http://a:9090", "A:9090"));
    EXPECT_FALSE(check_origin("http://a", "a:80"));
    EXPECT_FALSE(check_origin("https://a", "a:443"));
    EXPECT_FALSE(check_origin("https://a", "a")); // behind something that ends TLS
    EXPECT_FALSE(check_origin("http://[::1]:9", "[::1]:9"));
    for (const auto* bad : {"", "null", "http://b", "http://a:1", "file://a", "a", "http://", "http://a.b"})
        EXPECT_TRUE(check_origin(bad, "a")) << bad;
}

class token_of_a_file : public testing::Test {
protected:
    temporary_directory directory_; // of this test alone: CTest runs several at once
    const std::string path = directory_ / "token";
    std::vector<std::string> complaints_;

    void write(std::string_view text) {
        directory_.put("token.new", text); // as a mounted Secret is replaced: by another file
        std::filesystem::rename(directory_ / "token.new", path);
    }
    token_file open() {
        return token_file(path, [this](const std::string& text) { complaints_.push_back(text); });
    }
};

TEST_F(token_of_a_file, names_and_comments) {
    write("# who may\n\n  bare  \r\nalice wonder\nbob\tbuilder\n");
    auto tokens = open();
    EXPECT_EQ(tokens.check("bare"), "token");
    EXPECT_EQ(tokens.check("wonder"), "alice");
    EXPECT_EQ(tokens.check("builder"), "bob");
    for (const auto* bad : {"", "alice", "alice wonder", "# who may", "bar", "baree"})
        EXPECT_FALSE(tokens.check(bad)) << bad;
}

TEST_F(token_of_a_file, changes_count_at_once) {
    write("one");
    auto tokens = open();
    write("two");
    EXPECT_FALSE(tokens.check("one"));
    EXPECT_EQ(tokens.check("two"), "token");
    EXPECT_THAT(complaints_, IsEmpty());
}

TEST_F(token_of_a_file, the_last_tokens_stay_when_the_file_says_nothing) {
    write("one");
    auto tokens = open();
    write("# nobody\n");
    EXPECT_EQ(tokens.check("one"), "token");
    EXPECT_EQ(tokens.check("one"), "token");
    ASSERT_EQ(complaints_.size(), 1U);
    EXPECT_THAT(complaints_[0], HasSubstr("has no token in it"));
    std::filesystem::remove(path);
    EXPECT_EQ(tokens.check("one"), "token");
    EXPECT_THAT(complaints_.back(), HasSubstr("has gone"));
    write("two");
    EXPECT_FALSE(tokens.check("one"));
}

TEST_F(token_of_a_file, must_be_there_at_the_start) {
    EXPECT_THROW(open(), std::runtime_error);
    write("\n\n");
    EXPECT_THROW(open(), std::runtime_error);
    EXPECT_THROW(token_file(directory_.path(), {}), std::runtime_error);
}

} // namespace
} // namespace adit::admin
