// What must hold of any bytes whatever that reach http/. Each function returns what is wrong, or an empty
// text.
#pragma once

#include <string>
#include <string_view>

namespace adit::fuzz {

inline constexpr std::size_t largest_input = 4096; // std::regex recurses by the character

// The scanner agrees with the reference whatever the delivery (`cut` chooses one); what was accepted is
// indexed alike; written out again without hop-by-hop fields it is accepted again, and says the same.
std::string check_request_head(std::string_view bytes, unsigned cut);
std::string check_response_head(std::string_view bytes, unsigned cut);
// The decoder agrees with the reference whatever the delivery.
std::string check_chunked_body(std::string_view bytes, unsigned cut);
// Functions of one text answer without reading past it, and valid hosts are what they say.
std::string check_texts(std::string_view bytes);

std::string check_all(std::string_view bytes, unsigned cut);

} // namespace adit::fuzz
