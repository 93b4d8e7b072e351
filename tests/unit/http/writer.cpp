// Heads written into bounded memory.
#include "http/writer.hpp"

#include "http/hop_by_hop.hpp"
#include "unit/http/delivery.hpp"

#include <limits>

namespace adit::http {

namespace {

std::string written(const head& from) {
    std::string memory(64 * 1024, '\0');
    writer out{memory.data(), memory.size()};
    out.kept_fields(from);
    EXPECT_FALSE(out.overflowed());
    return std::string(out.text());
}

TEST(writer, numbers_and_lines) {
    char memory[256];
    writer out{memory, sizeof memory};
    out.decimal(0) << " ";
    out.decimal(std::numeric_limits<std::uint64_t>::max()) << " ";
    out.hex(0) << " ";
    out.hex(std::numeric_limits<std::uint64_t>::max()) << " ";
    out.hex(0x1000) << "\r\n";
    out.line("Name", "value").line("Empty", "").line("Null", {});
    EXPECT_EQ(
        out.text(), "0 18446744073709551615 0 ffffffffffffffff 1000\r\nName: value\r\nEmpty: \r\nNull: \r\n"
    );
    EXPECT_FALSE(out.overflowed());
}

TEST(writer, fields_come_out_in_one_form_and_in_order) {
    const std::vector<std::pair<std::string, std::string>> rows{
        // as they came
        {"A: 1\r\nB: 2\r\nA: 3\r\n", "A: 1\r\nB: 2\r\nA: 3\r\n"},
        // mended
        {"A:1\r\n", "A: 1\r\n"},
        {"A:  1\r\n", "A: 1\r\n"},
        {"A:\t1\r\n", "A: 1\r\n"},
        {"A: 1 \r\n", "A: 1\r\n"},
        {"A: 1\t\r\n", "A: 1\r\n"},
        {"A: \t 1\r\n", "A: 1\r\n"},
        {"A:\r\n", "A: \r\n"},
        {"A: \r\n", "A: \r\n"},
        {"A:  \r\n", "A: \r\n"},
        {"A:\t\r\n", "A: \r\n"},
        {"A: 1:2 3\t4\r\n", "A: 1:2 3\t4\r\n"},
        // both, in turns
        {"A: 1\r\nB:2\r\nC: 3\r\nD: 4\r\nE:5\r\nF: 6\r\n",
         "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: 6\r\n"},
        // with gaps
        {"A: 1\r\nKeep-Alive: 1\r\nB: 2\r\nTE: x\r\n", "A: 1\r\nB: 2\r\n"},
        {"TE: x\r\nA:1\r\nTE: x\r\nTE: x\r\nB: 2\r\nC: 3\r\n", "A: 1\r\nB: 2\r\nC: 3\r\n"},
    };
    for (const auto& [in, out] : rows) {
        SCOPED_TRACE(in);
        scanned<request_head> one{request_with(in)};
        mark_hop_by_hop(one.head);
        EXPECT_EQ(written(one.head), "Host: a.test\r\n" + out);
        scanned<response_head> other{response_with(in)};
        mark_hop_by_hop(other.head);
        EXPECT_EQ(written(other.head), out);
    }
}

TEST(writer, nothing_where_all_is_dropped) {
    scanned<response_head> one{response_with("TE: x\r\nConnection: A\r\nA: 1\r\n")};
    mark_hop_by_hop(one.head);
    EXPECT_EQ(written(one.head), "");
    const scanned<response_head> none{response_with("")};
    EXPECT_EQ(written(none.head), "");
}

// The same fields, whichever are dropped: copying runs must not differ from writing line by line.
TEST(writer, runs_do_not_show) {
    const std::string fields = "A: 1\r\nB:2\r\nC: 3\r\nD: \r\nE: 5\r\nF: 6 \r\nG: 7\r\n";
    for (unsigned mask = 0; mask < 128; ++mask) {
        scanned<response_head> one{response_with(fields)};
        std::string wanted;
        for (unsigned i = 0; i < 7; ++i) {
            auto& f = one.head.fields()[i];
            f.dropped = mask >> i & 1U;
            if (!f.dropped)
                wanted += std::string(one.head.name(f)) + ": " + std::string(one.head.value(f)) + "\r\n";
        }
        EXPECT_EQ(written(one.head), wanted) << mask;
    }
}

TEST(writer, stops_at_the_end_of_its_memory) {
    const scanned<request_head> one{request_with("A:1\r\nB: 2\r\n")};
    const std::string whole = "x\r\nHost: a.test\r\nA: 1\r\nB: 2\r\n\r\n";
    for (std::size_t capacity = 0; capacity <= whole.size(); ++capacity) {
        std::unique_ptr<char[]> memory{new char[capacity]};
        writer out{memory.get(), capacity};
        (out << "x\r\n").kept_fields(one.head) << "\r\n";
        EXPECT_EQ(out.overflowed(), capacity < whole.size());
        // What was written is a beginning of what was meant: nothing follows the piece that did not fit.
        EXPECT_EQ(out.text(), whole.substr(0, out.text().size()));
    }
}

TEST(writer, writes_nothing_after_an_overflow) {
    char memory[4];
    writer out{memory, sizeof memory};
    out << "ab"
        << "cde"
        << "f"
        << "";
    EXPECT_TRUE(out.overflowed());
    EXPECT_EQ(out.text(), "ab");
    out.decimal(7);
    EXPECT_EQ(out.text(), "ab");
}

} // namespace

} // namespace adit::http
