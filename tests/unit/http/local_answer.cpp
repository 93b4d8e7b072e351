// Answers of Adit's own: read back with the scanner that refuses what is not well-formed.
#include "http/local_answer.hpp"

#include "http/framing.hpp"
#include "unit/http/delivery.hpp"

#include <cctype>

namespace adit::http {

namespace {

constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";

struct answer {
    response_head head;
    std::string bytes, body;
    response_frame frame;
};

answer read(std::string_view text, method verb) {
    answer out;
    out.bytes = text;
    out.head.reset();
    EXPECT_EQ(head_scanner{}.scan(out.head, out.bytes, head_limits{}), progress::done) << text;
    out.frame = response_framing(out.head, verb);
    EXPECT_EQ(out.frame.reason, refusal::none);
    out.body = out.bytes.substr(out.head.size);
    return out;
}

std::vector<refusal> answerable() {
    std::vector<refusal> out;
    for (std::size_t i = 0; i < refusal_count; ++i)
        if (traits(static_cast<refusal>(i)).status != 0) out.push_back(static_cast<refusal>(i));
    return out;
}

// A reader of JSON texts that consist of one flat object (RFC 8259): strings without escapes, and integers.
bool reads_as_flat_object(std::string_view text, std::vector<std::pair<std::string, std::string>>& members) {
    const auto eat = [&](char c) {
        if (text.empty() || text.front() != c) return false;
        text.remove_prefix(1);
        return true;
    };
    const auto string = [&](std::string& into) {
        if (!eat('"')) return false;
        const auto end = text.find('"');
        if (end == std::string_view::npos) return false;
        into = text.substr(0, end);
        text.remove_prefix(end + 1);
        for (const char c : into)
            if (c == '\\' || static_cast<unsigned char>(c) < 0x20) return false;
        return true;
    };
    if (!eat('{')) return false;
    do {
        auto& [name, value] = members.emplace_back();
        if (!string(name) || !eat(':')) return false;
        if (!text.empty() && text.front() == '"') {
            if (!string(value)) return false;
        } else {
            while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
                value += text.front();
                text.remove_prefix(1);
            }
            if (value.empty() || value.front() == '0') return false;
        }
    } while (eat(','));
    return eat('}') && text == "\n";
}

std::string member(const std::vector<std::pair<std::string, std::string>>& members, std::string_view name) {
    for (const auto& [key, value] : members)
        if (key == name) return value;
    return "(missing)";
}

TEST(local_answer, is_well_formed_for_every_refusal) {
    for (const auto reason : answerable())
        for (const bool json : {false, true})
            for (const bool without_body : {false, true})
                for (const bool keep_alive : {false, true})
                    for (const auto minor : {std::uint8_t{0}, std::uint8_t{1}}) {
                        SCOPED_TRACE(traits(reason).word);
                        char memory[2048];
                        writer out{memory, sizeof memory};
                        write_refusal(
                            out, reason,
                            {.date = date,
                             .request_id = "id-1",
                             .keep_alive = keep_alive,
                             .without_body = without_body,
                             .problem_json = json,
                             .minor_version = minor}
                        );
                        ASSERT_FALSE(out.overflowed());
                        const auto got = read(out.text(), without_body ? method::head : method::get);
                        EXPECT_EQ(got.head.minor_version, 1);
                        EXPECT_EQ(got.head.status, traits(reason).status);
                        EXPECT_EQ(got.head.reason(), status_phrase(traits(reason).status));
                        EXPECT_EQ(got.head.get(field_id::date), date);
                        EXPECT_EQ(got.head.get(field_id::x_request_id), "id-1");
                        EXPECT_EQ(got.head.get(field_id::cache_control), "no-store");
                        EXPECT_TRUE(got.frame.has_length);
                        if (without_body)
                            EXPECT_EQ(got.body, "");
                        else
                            EXPECT_EQ(got.frame.length, got.body.size());
                        EXPECT_GT(got.frame.length, 0U);
                        const auto connection = got.head.get(field_id::connection);
                        if (!keep_alive)
                            EXPECT_EQ(connection, "close");
                        else
                            EXPECT_EQ(connection, minor == 0 ? "keep-alive" : "");
                    }
}

TEST(local_answer, says_the_reason_in_text) {
    char memory[2048];
    writer out{memory, sizeof memory};
    write_refusal(out, refusal::no_route, {.date = date});
    const auto got = read(out.text(), method::get);
    EXPECT_EQ(got.body, "404 Not Found\nNo route matches this host and path.\nreason: no-route\n");
    EXPECT_EQ(got.head.get(field_id::content_type), "text/plain; charset=utf-8");
    EXPECT_FALSE(got.head.has(field_id::x_request_id));
}

TEST(local_answer, says_the_reason_in_json) {
    for (const auto reason : answerable()) {
        SCOPED_TRACE(traits(reason).word);
        char memory[2048];
        writer out{memory, sizeof memory};
        write_refusal(out, reason, {.date = date, .problem_json = true});
        const auto got = read(out.text(), method::get);
        EXPECT_EQ(got.head.get(field_id::content_type), "application/problem+json");
        std::vector<std::pair<std::string, std::string>> members;
        ASSERT_TRUE(reads_as_flat_object(got.body, members)) << got.body;
        EXPECT_EQ(member(members, "status"), std::to_string(traits(reason).status));
        EXPECT_EQ(member(members, "title"), status_phrase(traits(reason).status));
        EXPECT_EQ(member(members, "detail"), traits(reason).detail);
        EXPECT_EQ(member(members, "reason"), traits(reason).word);
        EXPECT_EQ(member(members, "type"), "urn:adit:refusal:" + std::string(traits(reason).word));
    }
}

TEST(local_answer, has_the_fields_that_its_status_asks_for) {
    const auto get = [](refusal reason, std::string_view name) {
        char memory[2048];
        writer out{memory, sizeof memory};
        write_refusal(out, reason, {.date = date});
        const auto got = read(out.text(), method::get);
        const auto* f = got.head.find(name);
        return f ? std::string(got.head.value(*f)) : "(none)";
    };
    EXPECT_EQ(get(refusal::method_not_allowed, "Allow"), "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH");
    EXPECT_EQ(get(refusal::no_route, "Allow"), "(none)");
    EXPECT_NE(get(refusal::overloaded, "Retry-After"), "(none)");
    EXPECT_EQ(get(refusal::bad_chunk, "Retry-After"), "(none)");
}

TEST(local_answer, options) {
    char memory[1024];
    writer out{memory, sizeof memory};
    write_options(out, {.date = date, .keep_alive = false});
    const auto got = read(out.text(), method::options);
    EXPECT_EQ(got.head.status, 200);
    EXPECT_EQ(got.frame.kind, body_kind::none);
    EXPECT_TRUE(got.frame.has_length);
    EXPECT_EQ(got.body, "");
    EXPECT_TRUE(got.head.find("Allow"));
    EXPECT_EQ(got.head.get(field_id::connection), "close");
}

TEST(local_answer, too_little_memory_is_seen) {
    char memory[64];
    writer out{memory, sizeof memory};
    write_refusal(out, refusal::no_route, {.date = date});
    EXPECT_TRUE(out.overflowed());
}

TEST(local_answer, wants_problem_json) {
    const auto wants = [](const std::string& fields) {
        const scanned<request_head> one{request_with(fields)};
        return wants_problem_json(one.head);
    };
    EXPECT_FALSE(wants(""));
    EXPECT_FALSE(wants("Accept: */*\r\n"));
    EXPECT_FALSE(wants("Accept: application/*\r\n"));
    EXPECT_FALSE(wants("Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"));
    EXPECT_FALSE(wants("Accept: application/jsonx\r\n"));
    EXPECT_FALSE(wants("X: application/json\r\n"));
    EXPECT_TRUE(wants("Accept: application/json\r\n"));
    EXPECT_TRUE(wants("Accept: APPLICATION/Problem+JSON ; charset=utf-8\r\n"));
    EXPECT_TRUE(wants("Accept: text/html, application/json;q=0.5\r\n"));
    EXPECT_TRUE(wants("Accept: text/html\r\nAccept: application/json\r\n"));
    EXPECT_TRUE(wants("Accept: application/json;q=0.001\r\n"));
    EXPECT_TRUE(wants("Accept: application/json;q=1.0\r\n"));
    EXPECT_TRUE(wants("Accept: application/json;seq=0\r\n"));
    EXPECT_FALSE(wants("Accept: application/json;q=0\r\n"));
    EXPECT_FALSE(wants("Accept: application/json;q=0.0\r\n"));
    EXPECT_FALSE(wants("Accept: application/json; Q=0.000 \r\n"));
    EXPECT_FALSE(wants("Accept: application/json;v=1 ; q=0.\r\n"));
}

} // namespace

} // namespace adit::http
