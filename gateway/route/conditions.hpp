// What a route asks of a request besides host and path.
#pragma once

#include "core/complaint.hpp"
#include "http/values.hpp"
#include "model/route.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace adit::route {

class conditions {
public:
    // The first condition that does not hold.
    struct miss {
        enum class kind : std::uint8_t { method, header, query };
        kind what;
        std::size_t index; // in model::match::headers or ::query; 0 for method
    };

    // Patterns that do not compile are added to `found`.
    static conditions compile(const model::route& wish, complaints& found);

    std::optional<miss> first_miss(const http::request_head& head) const noexcept;
    bool hold(const http::request_head& head) const noexcept { return count_ == 0 || !first_miss(head); }
    // Methods count as one.
    std::uint32_t count() const noexcept { return count_; }

private:
    struct header_test {
        http::field_key key;
        text_test test;
    };
    struct query_test {
        std::string name;
        text_test test;
    };

    bool method_holds(const http::request_head& head) const noexcept;

    std::uint32_t count_ = 0;
    bool any_method_ = true;
    std::uint16_t known_methods_ = 0; // bit http::method
    std::vector<std::string> other_methods_;
    std::vector<header_test> headers_;
    std::vector<query_test> query_;
};

} // namespace adit::route
