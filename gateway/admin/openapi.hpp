// The API's description in OpenAPI 3.1, as served at /openapi.json.
#pragma once

#include <string_view>

namespace adit::admin {

std::string_view openapi_text();

} // namespace adit::admin
