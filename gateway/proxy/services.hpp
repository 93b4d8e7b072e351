// Services that a route asks besides its tracks.
#pragma once

#include "model/gateway.hpp"

#include <cstdint>
#include <vector>

namespace adit::proxy {

enum class service_kind : std::uint8_t {
    authoriser,      // external_auth
    pages,           // error_pages.backend
    default_backend, // asked with the request itself
    count_
};
inline constexpr std::size_t service_kinds = static_cast<std::size_t>(service_kind::count_);

// What the route wishes for, or the gateway for it; empty where it asks for no such service.
inline const std::vector<model::endpoint>&
wished_service(const model::gateway& all, const model::route& wish, service_kind which) {
    static const std::vector<model::endpoint> none;
    const auto& pages = wish.error_pages ? wish.error_pages : all.error_pages;
    switch (which) {
    case service_kind::authoriser: return wish.external_auth ? wish.external_auth->endpoints : none;
    case service_kind::pages: return pages ? pages->backend : none;
    case service_kind::default_backend: return wish.default_backend;
    case service_kind::count_: break;
    }
    return none;
}

} // namespace adit::proxy
