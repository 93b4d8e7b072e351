#include "proxy/compile_bodies.hpp"

namespace adit::proxy {

void compile_bodies(compiled_route& into) {
    const auto& wish = *into.wish;
    if (wish.compress) into.compression = std::make_unique<const policy::compression>(*wish.compress);
    if (wish.external_auth)
        into.external_auth = std::make_unique<const policy::external_auth>(*wish.external_auth);
    if (wish.error_pages) into.error_pages = std::make_unique<const policy::error_pages>(*wish.error_pages);
    if (wish.buffering.request) into.gathers = wish.buffering.request_limit;
}

} // namespace adit::proxy
