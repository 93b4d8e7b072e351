// The same properties driven by libFuzzer (clang, -DADIT_FUZZ=ON): fuzz_http_coverage [FOLDER] -max_len=4096.
#include "fuzz/properties.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    // The first two octets choose the delivery, the rest is the message.
    const auto cut = static_cast<unsigned>(data[0] | data[1] << 8);
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
    if (const auto wrong = adit::fuzz::check_all(bytes, cut); !wrong.empty()) {
        std::fprintf(stderr, "%s\n", wrong.c_str());
        std::abort();
    }
    return 0;
}
