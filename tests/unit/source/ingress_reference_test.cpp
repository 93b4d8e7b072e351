#include "source/ingress/annotations.hpp"
#include "source/ingress/known_keys.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace adit::source::ingress {
namespace {

const char* document = ADIT_SOURCE_DIR "/config/ingress.md";

std::string word_of(support how) {
    return how == support::yes ? "yes" : how == support::differs ? "differs" : "no";
}

std::string annotations_table() {
    std::string out = "| annotation | supported | |\n|---|---|---|\n";
    for (const auto& one : known_annotations())
        out += "| `" + std::string(one.name) + "` | " + word_of(one.how) + " | " + std::string(one.note) +
               " |\n";
    return out;
}

std::string keys_of(known_key::effect what) {
    std::string out, line;
    for (const auto& one : known_keys()) {
        if (one.what != what) continue;
        const auto word = '`' + std::string(one.name) + '`';
        if (!line.empty() && line.size() + word.size() > 118) {
            out += line + ",\n";
            line.clear();
        }
        line += (line.empty() ? "" : ", ") + word;
    }
    return out + line + ".\n";
}

void fill(std::string& text, const std::string& mark, const std::string& with) {
    const auto begin = "<!-- " + mark + " -->\n";
    const auto at = text.find(begin);
    ASSERT_NE(at, std::string::npos) << mark;
    const auto end = text.find("<!-- end -->", at);
    ASSERT_NE(end, std::string::npos) << mark;
    text.replace(at + begin.size(), end - at - begin.size(), with);
}

// ADIT_UPDATE=1 writes the file anew instead of comparing it.
TEST(ingress_reference, is_what_the_tables_say) {
    std::ostringstream read;
    read << std::ifstream(document).rdbuf();
    auto wanted = read.str();
    fill(wanted, "annotations", annotations_table());
    fill(wanted, "honoured", keys_of(known_key::effect::honoured));
    fill(wanted, "needless", keys_of(known_key::effect::needless));
    fill(wanted, "missing", keys_of(known_key::effect::missing));
    if (std::getenv("ADIT_UPDATE") != nullptr) std::ofstream(document) << wanted;
    EXPECT_EQ(read.str(), wanted) << "run this test with ADIT_UPDATE=1 to write config/ingress.md anew";
}

TEST(ingress_reference, knows_what_is_misspelt) {
    EXPECT_FALSE(complaint_of_key("proxy-body-size"));
    EXPECT_FALSE(complaint_of_key("worker-processes"));
    EXPECT_EQ(complaint_of_key("use-gzip"), "the key is not supported, and ignored");
    EXPECT_EQ(
        complaint_of_key("proxy-bodysize"), "ingress-nginx knows no such key; did you mean proxy-body-size?"
    );
    EXPECT_TRUE(find_annotation("canary"));
    EXPECT_FALSE(find_annotation("canaries"));
}

} // namespace
} // namespace adit::source::ingress
