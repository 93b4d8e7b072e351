#include "cli/version.hpp"

#include <CLI/Version.hpp>
#include <boost/version.hpp>
#include <openssl/crypto.h>
#include <sodium/version.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <xxhash.h>

#include <string>
#include <string_view>

// ADIT_VERSION, ADIT_REVISION and ADIT_YAML_CPP are defined for this file alone (gateway/CMakeLists.txt).

namespace adit::cli {

namespace {

std::string dotted(unsigned major, unsigned minor, unsigned patch) {
    return std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
}

std::string compiler() {
#if defined(__clang__)
    return "clang " + dotted(__clang_major__, __clang_minor__, __clang_patchlevel__);
#else
    return "g++ " __VERSION__;
#endif
}

// "10.42 2022-12-11": the date goes.
std::string pcre2_number() {
    char text[64] = {};
    if (pcre2_config(PCRE2_CONFIG_VERSION, nullptr) > static_cast<int>(sizeof text)) return "unknown";
    pcre2_config(PCRE2_CONFIG_VERSION, text);
    const std::string_view all = text;
    return std::string(all.substr(0, all.find(' ')));
}

} // namespace

// Numbers of shared libraries are asked of the library that is loaded; of those that are compiled in, of its
// headers.
admin::version_info this_build() {
    const auto xxhash = XXH_versionNumber();
    return {
        .version = ADIT_VERSION,
        .revision = ADIT_REVISION,
        .compiler = compiler(),
        .libraries = {
            {"boost", dotted(BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1'000, BOOST_VERSION % 100)},
            {"cli11", CLI11_VERSION},
            {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
            {"pcre2", pcre2_number()},
            {"sodium", sodium_version_string()},
            {"xxhash", dotted(xxhash / 10'000, xxhash / 100 % 100, xxhash % 100)},
            {"yaml-cpp", ADIT_YAML_CPP},
        }};
}

} // namespace adit::cli
