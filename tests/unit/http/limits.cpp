// The limits of a head, exactly reached and passed by one.
#include "unit/http/delivery.hpp"

namespace adit::http {

namespace {

std::string request_line_of(std::size_t size) {
    std::string line = "GET / HTTP/1.1";
    line.insert(5, size - line.size(), 'p');
    return line + "\r\nHost: a\r\n\r\n";
}

std::string head_of(std::size_t size) {
    auto out = request_with("");
    while (size - out.size() > 4096)
        out = request_with(out.substr(30, out.size() - 32) + "F: " + std::string(995, 'f') + "\r\n");
    const auto left = size - out.size();
    return request_with(out.substr(30, out.size() - 32) + "G: " + std::string(left - 5, 'g') + "\r\n");
}

std::string fields_of(std::size_t count) {
    std::string fields;
    for (std::size_t i = 1; i < count; ++i) fields += "F" + std::to_string(i) + ": v\r\n";
    return request_with(fields);
}

verdict both_ways(const std::string& bytes, const head_limits& limits = {}) {
    const auto whole = deliver_whole<request_head>(bytes, limits);
    const auto slow = deliver<request_head>(bytes, every_byte(bytes.size()), limits);
    EXPECT_EQ(whole.what, slow.what);
    EXPECT_EQ(traits(whole.reason).word, traits(slow.reason).word);
    EXPECT_EQ(whole.index, slow.index);
    return slow;
}

TEST(head_limits, request_line) {
    EXPECT_EQ(both_ways(request_line_of(8192)).what, progress::done);
    const auto over = both_ways(request_line_of(8193));
    EXPECT_EQ(over.reason, refusal::request_line_too_long);
    EXPECT_EQ(traits(over.reason).status, 414);
    EXPECT_EQ(over.given, 8193U); // not a byte more is waited for
}

TEST(head_limits, whole_head) {
    ASSERT_EQ(head_of(32'768).size(), 32'768U);
    EXPECT_EQ(both_ways(head_of(32'768)).what, progress::done);
    const auto over = both_ways(head_of(32'769));
    EXPECT_EQ(over.reason, refusal::head_too_large);
    EXPECT_EQ(traits(over.reason).status, 431);
    EXPECT_LE(over.given, 32'768U);
}

TEST(head_limits, number_of_fields) {
    EXPECT_EQ(both_ways(fields_of(128)).what, progress::done);
    const auto over = both_ways(fields_of(129));
    EXPECT_EQ(over.reason, refusal::too_many_fields);
    EXPECT_EQ(traits(over.reason).status, 431);
    EXPECT_EQ(both_ways(fields_of(3), {.fields = 3}).what, progress::done);
    EXPECT_EQ(both_ways(fields_of(4), {.fields = 3}).reason, refusal::too_many_fields);
    // A configured limit cannot exceed the table.
    EXPECT_EQ(both_ways(fields_of(129), {.fields = 1000}).reason, refusal::too_many_fields);
}

TEST(head_limits, the_last_field_of_a_full_table_is_found) {
    const scanned<request_head> full{[] {
        auto text = fields_of(127);
        text.insert(text.size() - 2, "Cookie: last\r\n");
        return text;
    }()};
    EXPECT_EQ(full.head.fields().size(), 128U);
    EXPECT_EQ(full.head.get(field_id::cookie), "last");
}

TEST(head_limits, largest_head_that_offsets_can_index) {
    const head_limits widest{.first_line = 65'535, .head = 65'535};
    const auto bytes = head_of(65'535);
    request_head head;
    head.clear();
    head_scanner scanner;
    ASSERT_EQ(scanner.scan(head, bytes, widest), progress::done);
    const auto& last = head.fields().back();
    EXPECT_EQ(head.name(last), "G");
    EXPECT_EQ(head.value(last).find_first_not_of('g'), std::string_view::npos);
    EXPECT_EQ(last.value_at + last.value_size, 65'531);
    const auto line = request_line_of(65'535 - 13);
    head.reset();
    EXPECT_EQ(head_scanner{}.scan(head, line, widest), progress::done);
    EXPECT_EQ(head.target_size, 65'535 - 13 - 13);
}

// A buffer of the limit's size is enough: it never fills up without a verdict.
TEST(head_limits, a_full_buffer_has_a_verdict) {
    const head_limits limits{.first_line = 64, .head = 128};
    const std::vector<std::string> endless{
        std::string(200, 'a'),
        "GET / HTTP/1.1\r\nX: " + std::string(200, 'b'),
        "GET / HTTP/1.1\r\nX: " + std::string(107, 'b') + "\r\n",
        "GET / HTTP/1.1\r\nX: " + std::string(106, 'b') + "\r\n\r\n",
        "GET / HTTP/1.1\r\nX: " + std::string(104, 'b') + "\r\nY: z",
        "GET / HTTP/1.1\r\n" + std::string(300, ':'),
    };
    for (const auto& bytes : endless) {
        SCOPED_TRACE(bytes);
        const auto got = deliver_all_ways<request_head>(bytes.substr(0, 128), limits);
        EXPECT_EQ(got.what, progress::refused);
    }
    EXPECT_EQ(
        deliver_all_ways<request_head>("GET / HTTP/1.1\r\nX: " + std::string(105, 'b') + "\r\n\r\n", limits)
            .what,
        progress::done
    );
}

TEST(head_limits, responses_have_them_too) {
    const head_limits limits{.first_line = 64, .head = 128, .fields = 3};
    EXPECT_EQ(
        deliver_all_ways<response_head>("HTTP/1.1 200 " + std::string(51, 'r') + "\r\n\r\n", limits).what,
        progress::done
    );
    for (const auto& bytes :
         {"HTTP/1.1 200 " + std::string(52, 'r') + "\r\n\r\n",
          response_with("A: b\r\nC: d\r\nE: f\r\nG: h\r\n"),
          response_with("A: " + std::string(200, 'v') + "\r\n")}) {
        const auto got = deliver_all_ways<response_head>(bytes, limits);
        EXPECT_EQ(got.what, progress::refused);
        EXPECT_EQ(got.reason, refusal::bad_response);
    }
}

} // namespace

} // namespace adit::http
