#include "unit/cli/program.hpp"

#include "cli/version.hpp"

#include <boost/json/parse.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <iostream>

namespace adit::cli {
namespace {

using test::adit;
using test::has;

TEST(run, help_shows_every_command_and_examples) {
    const auto got = adit({"--help"});
    EXPECT_EQ(got.code, 0);
    EXPECT_EQ(got.err, "");
    EXPECT_TRUE(has(got.out, "Examples:")) << got.out;
    for (const auto* name :
         {"serve", "proxy", "demo", "check", "explain", "weight", "tap", "top", "version"}) {
        EXPECT_TRUE(has(got.out, std::string("\n  ") + name + ' ')) << name;
        const auto of_one = adit({name, "--help"});
        EXPECT_EQ(of_one.code, 0) << name;
        EXPECT_TRUE(has(of_one.out, std::string("adit ") + name)) << of_one.out;
        EXPECT_TRUE(has(of_one.out, "Example")) << of_one.out;
    }
    for (const auto* name : {"get", "set", "clear"}) {
        const auto of_one = adit({"weight", name, "--help"});
        EXPECT_EQ(of_one.code, 0);
        EXPECT_TRUE(has(of_one.out, std::string("adit weight ") + name)) << of_one.out;
    }
}

TEST(run, no_command_is_a_usage_error) {
    const auto got = adit({});
    EXPECT_EQ(got.code, 2);
    EXPECT_EQ(got.out, "");
    EXPECT_TRUE(has(got.err, "Examples:"));
}

struct slip {
    std::vector<std::string> words;
    const char* message;
};

TEST(run, slips_are_usage_errors_with_a_hint) {
    const slip slips[] = {
        {{"chek"}, "adit: there is no command \"chek\"; did you mean `check`?\nTry `adit --help`.\n"},
        {{"frobnicate"}, "adit: there is no command \"frobnicate\"\nTry `adit --help`.\n"},
        {{"check", "--confg", "x"},
         "adit check: there is no option --confg; did you mean `--config`?\nTry `adit check --help`.\n"},
        {{"serve", "--confg=x"},
         "adit serve: there is no option --confg=x; did you mean `--config`?\nTry `adit serve --help`.\n"},
        {{"--verison"},
         "adit: there is no option --verison; did you mean `--version`?\nTry `adit --help`.\n"},
        {{"weight"}, "adit weight: say which: get, set, clear\nTry `adit weight --help`.\n"},
        {{"weight", "gte"},
         "adit weight: there is no command \"gte\"; did you mean `get`?\nTry `adit weight --help`.\n"},
        {{"weight", "get", "shop", "more"},
         "adit weight get: \"more\" is one word too many\nTry `adit weight get --help`.\n"},
        {{"serve"},
         "adit serve: --config FILE, --manifests DIR, --kubernetes or --kubeconfig FILE is required\nTry "
         "`adit serve --help`.\n"},
        {{"check"},
         "adit check: --config FILE, --manifests DIR or --defaults is required\nTry `adit check --help`.\n"},
        {{"version", "-o", "xml"},
         "adit version: --output: \"xml\" is neither text nor json\nTry `adit version --help`.\n"},
    };
    for (const auto& one : slips) {
        const auto got = adit(one.words);
        EXPECT_EQ(got.code, 2) << one.message;
        EXPECT_EQ(got.out, "");
        EXPECT_EQ(got.err, one.message);
    }
}

TEST(run, version_as_command_and_flag) {
    const auto text = adit({"version"});
    EXPECT_EQ(text.code, 0);
    EXPECT_EQ(text.out, version_text());
    EXPECT_EQ(adit({"--version"}).out, text.out);
    EXPECT_EQ(adit({"-V"}).code, 0);
    const auto build = this_build();
    EXPECT_TRUE(text.out.starts_with("adit " + build.version + '\n')) << text.out;
    EXPECT_NE(build.version.find('.'), std::string::npos);
    EXPECT_FALSE(build.revision.empty());
    EXPECT_FALSE(build.compiler.empty());
}

TEST(run, version_as_json_names_the_libraries) {
    const auto got = adit({"version", "-o", "json"});
    EXPECT_EQ(got.code, 0);
    const auto object = boost::json::parse(got.out).as_object();
    EXPECT_EQ(object.at("version").as_string(), this_build().version);
    for (const auto* name : {"boost", "openssl", "yaml-cpp", "pcre2", "xxhash", "sodium"}) {
        const auto number = std::string(object.at("libraries").as_object().at(name).as_string());
        EXPECT_TRUE(
            number.size() >= 3 && number.find('.') != number.npos && number[0] >= '0' && number[0] <= '9'
        ) << name
          << ' ' << number;
    }
}

TEST(run, output_that_cannot_be_written_is_a_failure) {
    const int saved = ::dup(STDOUT_FILENO);
    const int full = ::open("/dev/full", O_WRONLY);
    ASSERT_GE(full, 0);
    std::cout.flush();
    ::dup2(full, STDOUT_FILENO);
    ::testing::internal::CaptureStderr();
    std::string words[] = {"adit", "version"};
    char* argv[] = {words[0].data(), words[1].data(), nullptr};
    const auto code = run(2, argv);
    const auto err = ::testing::internal::GetCapturedStderr();
    ::dup2(saved, STDOUT_FILENO);
    ::close(saved);
    ::close(full);
    std::cout.clear();
    EXPECT_EQ(code, 1);
    EXPECT_EQ(err, "adit: the output could not be written\n");
}

} // namespace
} // namespace adit::cli
