// Files that policies are made of, read for rooms that read none.
#pragma once

#include "policy/basic_auth.hpp"
#include "source/file/load.hpp"

namespace adit::cli {

inline constexpr std::size_t most_users_file = std::size_t{1} << 20; // bytes: 10,000 users

inline std::optional<std::string> read_policy_file(const std::string& file, model::fault& why) {
    return source::load_regular(file, most_users_file, &why);
}

} // namespace adit::cli
