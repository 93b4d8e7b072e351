// Which content coding a client would take (RFC 9110 §12.5.3).
#pragma once

#include "http/head.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace adit::policy {

enum class content_coding : std::uint8_t { identity, gzip, br };

// As it stands in Content-Encoding.
std::string_view to_text(content_coding one) noexcept;

// The one of `offered` that the client's Accept-Encoding weighs most, the earliest of several; identity where
// it takes none of them, prefers identity in so many words, or has not said what it takes. A field that the
// configuration or a hop has dropped does not count.
content_coding
choose_coding(const http::request_head& request, std::span<const content_coding> offered) noexcept;

} // namespace adit::policy
