#include "core/pattern.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>

namespace adit {

namespace {

struct compile_context {
    compile_context() : handle(pcre2_compile_context_create(nullptr)) {
        if (handle) pcre2_set_max_pattern_length(handle, pattern::max_size);
    }
    compile_context(const compile_context&) = delete;
    compile_context& operator=(const compile_context&) = delete;
    ~compile_context() { pcre2_compile_context_free(handle); }

    pcre2_compile_context* handle;
};

// What one thread needs to search. The match data is shared by all patterns of the thread, which is why a
// search keeps nothing of it.
struct match_space {
    match_space()
        : data(pcre2_match_data_create(1, nullptr)),
          captures(pcre2_match_data_create(pattern::max_groups, nullptr)),
          context(pcre2_match_context_create(nullptr)),
          stack(pcre2_jit_stack_create(32 * 1024, pattern::jit_stack_size, nullptr)) {
        if (!context) return;
        pcre2_set_match_limit(context, pattern::match_limit);
        pcre2_set_depth_limit(context, pattern::depth_limit);
        if (stack) pcre2_jit_stack_assign(context, nullptr, stack);
    }
    match_space(const match_space&) = delete;
    match_space& operator=(const match_space&) = delete;
    ~match_space() {
        pcre2_match_data_free(data);
        pcre2_match_data_free(captures);
        pcre2_match_context_free(context);
        pcre2_jit_stack_free(stack);
    }

    pcre2_match_data *data, *captures;
    pcre2_match_context* context;
    pcre2_jit_stack*
        stack; // null where the processor or the kernel allows no JIT; patterns are interpreted then
};

match_space& of_this_thread() noexcept {
    thread_local match_space space;
    return space;
}

std::string error_text(int code) {
    std::array<PCRE2_UCHAR, 256> buffer{};
    const auto size = pcre2_get_error_message(code, buffer.data(), buffer.size());
    if (size < 0) return "unknown error " + std::to_string(code);
    return {buffer.begin(), buffer.begin() + size};
}

} // namespace

void pattern::free_code::operator()(pcre2_real_code_8* code) const noexcept {
    pcre2_code_free(code);
}

std::variant<pattern, pattern::failure> pattern::compile(std::string_view text, options how) {
    const compile_context context;
    if (!context.handle) return failure{"out of memory", 0};
    std::uint32_t flags = 0;
    if (how.caseless) flags |= PCRE2_CASELESS;
    if (how.anchored_start) flags |= PCRE2_ANCHORED;
    int error = 0;
    PCRE2_SIZE offset = 0;
    // An empty view may carry a null pointer, which PCRE2 refuses.
    const auto* bytes = reinterpret_cast<PCRE2_SPTR>(text.empty() ? "" : text.data());
    auto* code = pcre2_compile(bytes, text.size(), flags, &error, &offset, context.handle);
    if (!code) return failure{error_text(error), offset};
    // Without JIT the pattern is interpreted: slower, with the same answers.
    static_cast<void>(pcre2_jit_compile(code, PCRE2_JIT_COMPLETE));
    return pattern(code);
}

pattern::verdict pattern::search(std::string_view subject) const noexcept {
    const auto& space = of_this_thread();
    if (!space.data || !space.context) return verdict::error;
    const auto* bytes = reinterpret_cast<PCRE2_SPTR>(subject.empty() ? "" : subject.data());
    const auto found = pcre2_match(code_.get(), bytes, subject.size(), 0, 0, space.data, space.context);
    if (found >= 0) return verdict::match;
    return found == PCRE2_ERROR_NOMATCH ? verdict::no_match : verdict::error;
}

pattern::verdict pattern::search(std::string_view subject, groups& out) const noexcept {
    const auto& space = of_this_thread();
    if (!space.captures || !space.context) return verdict::error;
    if (subject.data() == nullptr) subject = "";
    const auto* bytes = reinterpret_cast<PCRE2_SPTR>(subject.data());
    const auto found = pcre2_match(code_.get(), bytes, subject.size(), 0, 0, space.captures, space.context);
    if (found == PCRE2_ERROR_NOMATCH) return verdict::no_match;
    if (found < 0) return verdict::error;
    // 0: there are more groups than are kept.
    const auto kept = found == 0 ? max_groups : static_cast<std::size_t>(found);
    const auto* ends = pcre2_get_ovector_pointer(space.captures);
    out = {};
    for (std::size_t i = 0; i < kept; ++i) {
        const auto from = ends[2 * i], to = ends[2 * i + 1];
        // \K inside of a look-around may put the end before the beginning.
        if (from != PCRE2_UNSET && from <= to) out[i] = subject.substr(from, to - from);
    }
    return verdict::match;
}

std::size_t pattern::group_count() const noexcept {
    std::uint32_t count = 0;
    return pcre2_pattern_info(code_.get(), PCRE2_INFO_CAPTURECOUNT, &count) == 0 ? count : 0;
}

std::optional<std::size_t> pattern::group_number(std::string_view name) const {
    const std::string ended(name);
    const auto number =
        pcre2_substring_number_from_name(code_.get(), reinterpret_cast<PCRE2_SPTR>(ended.c_str()));
    if (number < 0) return std::nullopt;
    return static_cast<std::size_t>(number);
}

} // namespace adit
