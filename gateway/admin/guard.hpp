// Who may speak to the API at all, before anything is read from a body.
#pragma once

#include "admin/problem.hpp"
#include "admin/token.hpp"

#include <optional>
#include <string_view>

namespace adit::admin {

// Without a token the Host field must be an IP literal or localhost: a web page whose name is made to resolve
// to the loopback address (DNS rebinding) sends its own name there.
std::optional<problem> check_host(std::string_view host);

// An Origin other than the very host that is asked comes from somebody else's page. An absent one (null view)
// is fine.
std::optional<problem> check_origin(std::string_view origin, std::string_view host);

// Authorization: Bearer TOKEN. On success `name` gets the token's name.
std::optional<problem> check_token(token_file& tokens, std::string_view authorization, std::string& name);

} // namespace adit::admin
