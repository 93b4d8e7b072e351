// A secret that is read like a file but is on no disk: memfd_create(2), sealed.
#pragma once

#include <string>
#include <string_view>

namespace adit::cli {

// Throws std::runtime_error, with a sentence for the operator, where the system has no such thing or no
// /proc. The path is good within this process for as long as the object lives.
class token_memory {
public:
    explicit token_memory(std::string_view text);
    ~token_memory();
    token_memory(const token_memory&) = delete;
    token_memory& operator=(const token_memory&) = delete;

    const std::string& path() const noexcept { return path_; }

private:
    int descriptor_ = -1;
    std::string path_;
};

// 128 bits from getrandom(2), as hexadecimal digits.
std::string make_token();

} // namespace adit::cli
