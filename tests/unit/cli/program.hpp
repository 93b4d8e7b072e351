// The whole program in one call, for tests of what people type and read.
#pragma once

#include "cli/command.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace adit::cli::test {

struct ran {
    int code = -1;
    std::string out, err;
};

inline ran adit(std::vector<std::string> words) {
    words.insert(words.begin(), "adit");
    std::vector<char*> argv;
    for (auto& one : words) argv.push_back(one.data());
    argv.push_back(nullptr);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    ran out;
    out.code = run(static_cast<int>(words.size()), argv.data());
    out.err = ::testing::internal::GetCapturedStderr();
    out.out = ::testing::internal::GetCapturedStdout();
    return out;
}

inline bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

inline constexpr const char* shop_yaml = R"(listeners: [{address: "127.0.0.1:0"}]
routes:
- name: shop
  match: {hosts: [shop.test], path: {prefix: /}}
  tracks:
    stable: {endpoints: ["10.0.0.1:80"]}
    canary: {endpoints: ["10.0.0.2:80"], weight: 12.5}
  force:
  - {header: {name: X-Next, value: gold}, track: canary}
  - {source: 10.0.0.0/8, track: canary}
  cohort: {cookie: user, salt: shop}
- name: api
  match: {hosts: [shop.test], path: {prefix: /api}, methods: [POST]}
  tracks:
    stable: {endpoints: ["10.0.0.3:80"]}
)";

} // namespace adit::cli::test
