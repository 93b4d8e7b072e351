// The head of a message as an index of offsets over the bytes that were received: nothing is copied, nothing
// is allocated but, once, the table of offsets. The bytes may move (a buffer that grows): call rebase() then.
#pragma once

#include "core/bytes.hpp"
#include "http/field_id.hpp"
#include "http/method.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace adit::http {

inline constexpr std::size_t max_fields = 128; // house limit; more is 431

// One field line. Offsets count from the first byte of the head.
struct field {
    std::uint16_t name_at = 0;
    std::uint16_t name_size = 0;
    std::uint16_t value_at = 0;
    std::uint16_t value_size = 0; // without the white space around it
    field_id id = field_id::unknown;
    bool dropped = false; // must not be passed on (hop-by-hop, nominated, underscore, spoofed)
};

// The start line's second and third part depend on the kind of message; what both share is here.
class head {
public:
    void clear() noexcept {
        count_ = 0;
        first_ = {};
        base_ = nullptr;
        minor_version = 1;
        size = 0;
    }
    void rebase(const char* base) noexcept { base_ = base; }
    const char* base() const noexcept { return base_; }

    std::span<const field> fields() const noexcept { return {fields_.get(), count_}; }
    std::span<field> fields() noexcept { return {fields_.get(), count_}; }
    std::string_view name(const field& f) const noexcept { return {base_ + f.name_at, f.name_size}; }
    std::string_view value(const field& f) const noexcept { return {base_ + f.value_at, f.value_size}; }

    bool has(field_id id) const noexcept { return first_[index(id)] != 0; }
    // The first field of that name in order of arrival, or nullptr. `id` is not `unknown`.
    const field* find(field_id id) const noexcept {
        const auto at = first_[index(id)];
        return at ? &fields_[at - 1U] : nullptr;
    }
    // Any name, compared without case; a linear search.
    const field* find(std::string_view wanted) const noexcept {
        for (const auto& f : fields())
            if (f.name_size == wanted.size() && iequals(name(f), wanted)) return &f;
        return nullptr;
    }
    // Value of the first such field; a null view (data() == nullptr) where there is none.
    std::string_view get(field_id id) const noexcept {
        const auto* f = find(id);
        return f ? value(*f) : std::string_view{};
    }

    // False when the table is full.
    bool add(field f) noexcept {
        if (count_ == room_ && !grow()) return false;
        fields_[count_++] = f;
        if (f.id != field_id::unknown && first_[index(f.id)] == 0)
            first_[index(f.id)] = static_cast<std::uint8_t>(count_);
        return true;
    }

    // Keeps no more memory than the fields need. For heads that outlive the reading of a message.
    void shrink() {
        if (count_ < room_) reserve(count_);
    }

    std::uint8_t minor_version = 1; // HTTP/1.0 or HTTP/1.1
    std::uint32_t size = 0;         // bytes of the head with its empty line

private:
    static constexpr std::size_t index(field_id id) noexcept { return static_cast<std::size_t>(id); }

    // The table is taken whole with the first field, and kept for the heads that follow.
    bool grow() {
        if (room_ == max_fields) return false;
        reserve(max_fields);
        return true;
    }
    void reserve(std::size_t room) {
        auto more = room == 0 ? nullptr : std::make_unique<field[]>(room);
        std::copy_n(fields_.get(), count_, more.get());
        fields_ = std::move(more);
        room_ = static_cast<std::uint16_t>(room);
    }

    const char* base_ = nullptr;
    std::uint16_t count_ = 0, room_ = 0;
    std::array<std::uint8_t, field_id_count> first_{}; // 1 + position in fields_, 0 = none
    std::unique_ptr<field[]> fields_;
};

struct request_head : head {
    // To be called before the next head is scanned into this one: what a refused head did not get to say must
    // not be read from the last one's offsets.
    void reset() noexcept {
        clear();
        verb = method::other;
        method_size = target_at = target_size = path_at = path_size = 0;
        query_at = query_size = authority_at = authority_size = 0;
        has_query = absolute_form = false;
    }

    method verb = method::other;
    std::string_view method_text() const noexcept { return {base(), method_size}; }
    // The request target as received, byte for byte.
    std::string_view target() const noexcept { return {base() + target_at, target_size}; }
    // Origin-form parts of the target: path begins with '/' or is "*"; query without the '?', null where
    // there is none.
    std::string_view path() const noexcept { return {base() + path_at, path_size}; }
    std::string_view query() const noexcept {
        return has_query ? std::string_view{base() + query_at, query_size} : std::string_view{};
    }
    // The authority that counts: of an absolute-form target, else of Host; may carry a port; empty for
    // HTTP/1.0 without Host.
    std::string_view authority() const noexcept { return {base() + authority_at, authority_size}; }

    std::uint16_t method_size = 0;
    std::uint16_t target_at = 0, target_size = 0;
    std::uint16_t path_at = 0, path_size = 0;
    std::uint16_t query_at = 0, query_size = 0;
    std::uint16_t authority_at = 0, authority_size = 0;
    bool has_query = false;
    bool absolute_form = false;
};

struct response_head : head {
    void reset() noexcept {
        clear();
        status = reason_at = reason_size = 0;
    }

    std::uint16_t status = 0;
    std::string_view reason() const noexcept { return {base() + reason_at, reason_size}; }

    std::uint16_t reason_at = 0, reason_size = 0;
};

// The path of an absolute-form target may be empty; origin-form then says "/" (RFC 9112 §3.2.2), and OPTIONS
// of a whole server "*" (§3.2.4).
inline std::string_view path_or_root(const request_head& head) noexcept {
    if (head.path_size) return head.path();
    return head.verb == method::options && !head.has_query ? "*" : "/";
}

} // namespace adit::http
