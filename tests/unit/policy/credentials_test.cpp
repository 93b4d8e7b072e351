#include "policy/credentials.hpp"

#include "compile.hpp"
#include "policy/password_hash.hpp"

#include <gtest/gtest.h>

namespace adit::policy {
namespace {

// Made by `openssl passwd`, and by crypt(3) through Python for bcrypt.
TEST(password_hash, knows_the_schemes_of_htpasswd) {
    struct row {
        std::string_view password;
        std::string stored;
    };
    const row rows[]{
        {"secret", "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/"},
        {"pass word", "$apr1$abcdefgh$NriZ3KceyQFy368Ufp8U./"},
        {"", "$apr1$abcdefgh$L.PT565ESX4Tp2bqNs7Ie."},
        {"a-rather-long-password-of-more-than-sixteen", "$apr1$ab$PZu1huf42fTrRlOvo78mg0"},
        {"secret", "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"},
        {"secret", "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"},
        {"secret", "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq."
                   "H91p5hVO1"},
        {"pass word", "$5$saltsalt$9Wp9Qw4Ze8Jxq5F1Z3UnS47KFhc8AqhCRyxFDa8e660"},
        {"secret", "$1$saltsalt$9xy1btjgzLYfb7hivXtC//"},
        {"secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="},
    };
    for (const auto& one : rows) {
        EXPECT_TRUE(is_password(one.password, one.stored)) << one.stored;
        EXPECT_FALSE(is_password(std::string(one.password) + "x", one.stored)) << one.stored;
        EXPECT_FALSE(is_password(std::string(one.password) + std::string(1, '\0'), one.stored)) << one.stored;
        auto other = one.stored;
        other.back() = other.back() == '0' ? '1' : '0';
        EXPECT_FALSE(is_password(one.password, other)) << other;
    }
    EXPECT_FALSE(is_password(std::string(longest_password + 1, 'a'), rows[0].stored));
}

TEST(password_hash, refuses_what_it_would_not_get_right) {
    const std::pair<std::string_view, std::string_view> rows[]{
        {"", "without a password"},
        {"secret", "neither"},
        {"rqXexS6ZhobKA", "neither"}, // DES, eight letters of a password
        {"{PLAIN}secret", "{PLAIN}"},
        {"{SSHA}abc", "{SSHA}"},
        {"{SHA}abc", "not whole"},
        {"$apr1$abcdefgh$h9FWgUz3", "not whole"},
        {"$2y$04$abc", "not whole"},
        {"$2y$20$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW", "more than a second"},
        {"$6$rounds=90000000$salt$abc", "more than a second"},
    };
    for (const auto& [stored, wanted] : rows) {
        model::fault why;
        EXPECT_EQ(scheme_of(stored, &why), password_scheme::unknown) << stored;
        EXPECT_NE(why.message.find(wanted), std::string::npos) << stored << ": " << why.message;
        EXPECT_FALSE(is_password("secret", std::string(stored))) << stored;
    }
}

constexpr std::string_view sha = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=";

TEST(credentials, are_read_line_by_line) {
    complaints found;
    const auto text = "# staff\n\nann:" + std::string(sha) + "\r\nben:" + std::string(sha) + ":remark\n";
    const auto users = credentials::parse(text, "users", found);
    ASSERT_TRUE(users);
    EXPECT_TRUE(found.empty());
    ASSERT_TRUE(users->find("ann") && users->find("ben"));
    EXPECT_EQ(*users->find("ann"), sha);
    EXPECT_EQ(*users->find("ben"), sha);
    EXPECT_EQ(users->find("eve"), nullptr);
    EXPECT_EQ(users->find("# staff"), nullptr);
    EXPECT_NE(users->anybody(), nullptr);
    EXPECT_EQ(credentials::parse("", "users", found)->anybody(), nullptr);
}

TEST(credentials, name_every_bad_line) {
    complaints found;
    const auto text = "ann\n:x\nben:plain\nann:" + std::string(sha) + "\nann:" + std::string(sha) + "\n";
    EXPECT_FALSE(credentials::parse(text, "dir/users", found));
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(
        to_text(found[0]),
        "dir/users:1:1: error: not a user, a colon and a hash (htpasswd -B makes such lines)"
    );
    EXPECT_EQ(found[1].at.line, 2);
    EXPECT_NE(found[2].message.find("`ben`: neither a bcrypt hash"), std::string::npos) << found[2].message;
    EXPECT_NE(found[3].message.find("`ann` is there twice"), std::string::npos) << found[3].message;
    EXPECT_EQ(found[3].at.line, 5);
}

TEST(basic_login, reads_what_rfc_7617_says) {
    const std::pair<std::string_view, std::string_view> rows[]{
        {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin|open sesame"},
        {"bAsIc  dGVzdDoxMjPCow== ", "test|123\xc2\xa3"},
        {"Basic YTpiOmM=", "a|b:c"},
        {"Basic Og==", "|"},
        {"Basic YQ==", "no"}, // no colon
        {"Basic ", "no"},
        {"Basic YTpi!", "no"},
        {"Basic YTpiOmM", "no"},
        {"Basic YTpi YTpi", "no"},
        {"Bearer YTpi", "no"},
        {"BasicYTpi", "no"},
        {"", "no"},
    };
    for (const auto& [value, wanted] : rows) {
        basic_login login;
        const bool read = login.read(value);
        EXPECT_EQ(read ? std::string(login.user) + '|' + std::string(login.password) : "no", wanted) << value;
    }
    basic_login login;
    EXPECT_FALSE(login.read("Basic " + std::string(basic_login::longest, 'A')));
    EXPECT_FALSE(login.read("Basic " + std::string(basic_login::longest - 6, 'A')))
        << "no colon, but no overflow";
}

TEST(verified_logins, are_those_of_the_same_users) {
    complaints found;
    const auto first = *credentials::parse("ann:" + std::string(sha), "f", found);
    const auto second = *credentials::parse("ben:" + std::string(sha), "f", found);
    verified_logins logins;
    EXPECT_FALSE(logins.knows(first, "Basic a"));
    logins.remember(first, "Basic a");
    EXPECT_TRUE(logins.knows(first, "Basic a"));
    EXPECT_FALSE(logins.knows(first, "Basic b"));
    EXPECT_FALSE(logins.knows(first, ""));
    EXPECT_FALSE(logins.knows(second, "Basic a")) << "the file has changed";
    const auto again = *credentials::parse("ann:" + std::string(sha), "g", found);
    EXPECT_TRUE(logins.knows(again, "Basic a")) << "the same users, read again";
    for (int i = 0; i < 10'000; ++i) logins.remember(first, std::to_string(i));
    EXPECT_TRUE(logins.knows(first, "9999"));
}

TEST(basic_auth, is_compiled_of_a_file) {
    auto wish = make_route();
    wish.policies.basic_auth = model::basic_auth{"/users", "", "Staff", true};
    resources shared;
    shared.read_file = [](const std::string& file, model::fault& why) -> std::optional<std::string> {
        if (file == "/users") return "ann:" + std::string(sha);
        why = {"cannot be opened: no", "a hint"};
        return std::nullopt;
    };
    complaints found;
    const auto made = compile(wish, shared, found);
    ASSERT_TRUE(made);
    EXPECT_NE(made->basic_auth->users->find("ann"), nullptr);
    EXPECT_EQ(made->basic_auth->challenge, "WWW-Authenticate: Basic realm=\"Staff\", charset=\"UTF-8\"\r\n");
    wish.policies.basic_auth->file = "/none";
    EXPECT_FALSE(compile(wish, shared, found));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(to_text(found[0]), "error: routes.shop.basic_auth.file: /none cannot be opened: no (a hint)");
}

} // namespace
} // namespace adit::policy
