#include "source/ingress/canary.hpp"

#include "ingress_world.hpp"

#include <gtest/gtest.h>

namespace adit::source::ingress {
namespace {

TEST(numbers_of_go, are_read_as_go_reads_them) {
    const std::pair<const char*, std::optional<bool>> flags[] = {
        {"1", true},  {"t", true},  {"T", true},   {"TRUE", true},   {"true", true},   {"True", true},
        {"0", false}, {"f", false}, {"F", false},  {"FALSE", false}, {"false", false}, {"False", false},
        {"tRUE", {}}, {"yes", {}},  {" true", {}}, {"true ", {}},    {"", {}},         {"on", {}}};
    for (const auto& [text, wanted] : flags) EXPECT_EQ(go_bool(text), wanted) << text;
    const std::pair<const char*, std::optional<std::int64_t>> numbers[] = {
        {"0", 0},    {"50", 50},
        {"+50", 50}, {"-5", -5},
        {"007", 7},  {"", {}},
        {" 50", {}}, {"50 ", {}},
        {"50%", {}}, {"12.5", {}},
        {"+-5", {}}, {"0x10", {}},
        {"1_0", {}}, {"99999999999999999999", {}}};
    for (const auto& [text, wanted] : numbers) EXPECT_EQ(go_atoi(text), wanted) << text;
}

struct weight_row {
    const char *weight, *total;
    const char *strict, *fixed; // tracks_of() of the canary
};

class weights : public ::testing::TestWithParam<weight_row> {};

TEST_P(weights, come_to_exact_parts) {
    const auto& row = GetParam();
    for (const auto mode : {compat::strict, compat::fixed}) {
        world w(mode);
        w.service("a").service("b").ingress("s", 1, "x.test", "/ Prefix a");
        if (row.total)
            w.ingress(
                "c", 2, "x.test", "/ Prefix b",
                {{"canary", "true"}, {"canary-weight", row.weight}, {"canary-weight-total", row.total}}
            );
        else
            w.ingress("c", 2, "x.test", "/ Prefix b", {{"canary", "true"}, {"canary-weight", row.weight}});
        const auto got = tracks_of(find_route(w.translate(), "shop/s/0/0"));
        const std::string wanted = mode == compat::strict ? row.strict : row.fixed;
        EXPECT_EQ(got, "stable>10.0.1.1 canary=" + wanted + ">10.0.2.1")
            << row.weight << (mode == compat::strict);
    }
}

INSTANTIATE_TEST_SUITE_P(
    table, weights,
    ::testing::Values(
        weight_row{"0", nullptr, "0", "0"}, weight_row{"20", nullptr, "20", "20"},
        weight_row{"100", nullptr, "100", "100"}, weight_row{"250", nullptr, "100", "100"},
        weight_row{"-3", nullptr, "0", "0"}, weight_row{"+7", nullptr, "7", "7"},
        weight_row{" 50", nullptr, "0", "0"}, weight_row{"50%", nullptr, "0", "0"},
        weight_row{"", nullptr, "0", "0"}, weight_row{"12.5", nullptr, "0", "12.5"},
        weight_row{"0.001", nullptr, "0", "1/100000"}, weight_row{"5", "1000", "0.5", "0.5"},
        weight_row{"100", "200", "50", "50"}, weight_row{"1", "3000", "1/3000", "1/3000"},
        weight_row{"25", "50", "25", "50"}, weight_row{"25", "0", "25", "25"},
        weight_row{"25", "-7", "25", "25"}, weight_row{"25", "many", "25", "25"},
        weight_row{"1000", "1000", "100", "100"}
    )
);

TEST(weights, of_huge_totals_are_scaled_and_never_vanish) {
    world w;
    w.service("a")
        .service("b")
        .ingress("s", 1, "x.test", "/ Prefix a")
        .ingress(
            "c", 2, "x.test", "/ Prefix b",
            {{"canary", "true"}, {"canary-weight", "1"}, {"canary-weight-total", "9000000000000"}}
        );
    EXPECT_EQ(
        tracks_of(find_route(w.translate(), "shop/s/0/0")), "stable>10.0.1.1 canary=1/1000000000>10.0.2.1"
    );
}

TEST(weights, of_several_canaries_are_brought_to_one_whole) {
    world w;
    w.service("a").service("b").service("c").ingress("s", 1, "x.test", "/ Prefix a");
    w.ingress(
        "one", 2, "x.test", "/ Prefix b",
        {{"canary", "true"}, {"canary-weight", "1"}, {"canary-weight-total", "300"}}
    );
    w.ingress(
        "two", 3, "x.test", "/ Prefix c",
        {{"canary", "true"}, {"canary-weight", "100"}, {"canary-weight-total", "200"}}
    );
    EXPECT_EQ(
        tracks_of(find_route(w.translate(), "shop/s/0/0")),
        "stable>10.0.1.1 canary=2/600>10.0.2.1 canary-2=300/600>10.0.3.1"
    );
    w.ingress("two", 3, "x.test", "/ Prefix c", {{"canary", "true"}, {"canary-weight", "100"}});
    const auto full = w.translate();
    EXPECT_EQ(
        tracks_of(find_route(full, "shop/s/0/0")),
        "stable>10.0.1.1 canary=1/300>10.0.2.1 canary-2=299/300>10.0.3.1"
    );
    EXPECT_TRUE(complains(full, {"more than the whole"})) << all_complaints(full);
}

struct rule_row {
    const char* name;
    world::words annotations;
    const char* rules;
};

TEST(force_rules, follow_the_annotations_in_the_order_of_ingress_nginx) {
    const rule_row rows[] = {
        {"no knob", {{"canary", "true"}}, ""},
        {"header words",
         {{"canary", "true"}, {"canary-by-header", "X-Next"}},
         "X-Next=always:canary X-Next=never:stable"},
        {"blanks around a name are cut",
         {{"canary", "true"}, {"canary-by-header", " X-Next "}},
         "X-Next=always:canary X-Next=never:stable"},
        {"a value takes the words' place",
         {{"canary", "true"}, {"canary-by-header", "X-Next"}, {"canary-by-header-value", "team blue"}},
         "X-Next=team blue:canary"},
        {"a value goes before a pattern",
         {{"canary", "true"},
          {"canary-by-header", "X-Next"},
          {"canary-by-header-value", "gold"},
          {"canary-by-header-pattern", "^g"}},
         "X-Next=gold:canary"},
        {"a pattern",
         {{"canary", "true"}, {"canary-by-header", "X-Next"}, {"canary-by-header-pattern", "^(?=.*qa)"}},
         "X-Next~^(?=.*qa):canary!"},
        {"a pattern that does not compile",
         {{"canary", "true"}, {"canary-by-header", "X-Next"}, {"canary-by-header-pattern", "[a-z**$("}},
         "X-Next?:stable"},
        {"a forbidden character in a value",
         {{"canary", "true"}, {"canary-by-header", "X-Next"}, {"canary-by-header-value", "a=b"}},
         "X-Next=always:canary X-Next=never:stable"},
        {"a comma in a pattern",
         {{"canary", "true"}, {"canary-by-header", "X-Next"}, {"canary-by-header-pattern", "v[0-9]{1,3}"}},
         "X-Next=always:canary X-Next=never:stable"},
        {"a name that no request can have",
         {{"canary", "true"}, {"canary-by-header", "X.Next"}, {"canary-by-cookie", "a"}},
         "cookie:a=always:canary cookie:a=never:stable"},
        {"value alone", {{"canary", "true"}, {"canary-by-header-value", "gold"}}, ""},
        {"header before cookie",
         {{"canary", "true"}, {"canary-by-cookie", "c"}, {"canary-by-header", "H"}},
         "H=always:canary H=never:stable cookie:c=always:canary cookie:c=never:stable"},
    };
    for (const auto& row : rows) {
        world w;
        w.service("a")
            .service("b")
            .ingress("s", 1, "x.test", "/ Prefix a")
            .ingress("c", 2, "x.test", "/ Prefix b", row.annotations);
        const auto got = w.translate();
        EXPECT_EQ(rules_of(find_route(got, "shop/s/0/0")), row.rules) << row.name << '\n'
                                                                      << all_complaints(got);
    }
}

TEST(switches, that_are_not_true_make_an_ordinary_ingress) {
    for (const char* word : {"false", "0", "F", "yes", ""}) {
        for (const auto mode : {compat::strict, compat::fixed}) {
            world w(mode);
            w.service("a").service("b");
            w.ingress("c", 1, "x.test", "/ Prefix b", {{"canary", word}, {"canary-weight", "100"}});
            w.ingress("s", 9, "x.test", "/ Prefix a");
            const auto got = w.translate();
            EXPECT_EQ(names_of(got), mode == compat::strict ? "shop/c/0/0" : "shop/s/0/0") << word;
        }
    }
    world alone;
    alone.service("b").ingress("c", 1, "x.test", "/ Prefix b", {{"canary-weight", "10"}});
    EXPECT_EQ(tracks_of(find_route(alone.translate(), "shop/c/0/0")), "stable>10.0.1.1");
}

} // namespace
} // namespace adit::source::ingress
