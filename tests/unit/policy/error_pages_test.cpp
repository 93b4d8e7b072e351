#include "policy/error_pages.hpp"

#include <gtest/gtest.h>

namespace adit::policy {
namespace {

model::error_page page(std::uint16_t first, std::uint16_t last, std::string content) {
    model::error_page out;
    out.statuses = {first, last};
    out.content = std::move(content);
    return out;
}

TEST(error_pages, prefers_a_status_to_its_class) {
    model::error_pages wish;
    wish.pages = {page(404, 404, "lost"), page(400, 499, "yours"), page(503, 503, "down")};
    const error_pages pages(wish);
    const std::pair<unsigned, std::string_view> cases[]{
        {400, "yours"}, {403, "yours"}, {404, "lost"},   {405, "yours"}, {499, "yours"},
        {500, "none"},  {503, "down"},  {599, "none"},   {399, "none"},  {200, "none"},
        {0, "none"},    {600, "none"},  {60'000, "none"}};
    for (const auto& [status, content] : cases) {
        const auto* found = pages.find(status);
        EXPECT_EQ(found ? found->content : "none", content) << status;
    }
}

TEST(error_pages, intercepts_what_it_is_told_to) {
    model::error_pages wish;
    wish.intercept = {{404, 404}, {500, 599}};
    const error_pages pages(wish);
    for (const unsigned status : {404U, 500U, 550U, 599U}) EXPECT_TRUE(pages.intercepts(status)) << status;
    for (const unsigned status : {200U, 400U, 403U, 405U, 499U, 600U, 0U})
        EXPECT_FALSE(pages.intercepts(status)) << status;
    EXPECT_FALSE(pages.asks_backend());
}

TEST(error_pages, tells_the_backend_what_it_should_know) {
    model::error_pages wish;
    wish.backend = {{"pages.svc", 80}};
    wish.backend_headers = {{"X-Namespace", "shop"}, {"X-Service-Port", "80"}};
    const error_pages pages(wish);
    EXPECT_TRUE(pages.asks_backend());
    EXPECT_EQ(pages.backend_lines(), "X-Namespace: shop\r\nX-Service-Port: 80\r\n");
}

} // namespace
} // namespace adit::policy
