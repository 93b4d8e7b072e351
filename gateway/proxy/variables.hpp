// What templates of policies may tell of an exchange.
#pragma once

#include "model/text_template.hpp"
#include "proxy/exchange.hpp"
#include "route/normalise.hpp"

#include <string_view>

namespace adit::proxy {

// Made where a template is written; what it returns lives as long as it does.
class exchange::variables {
public:
    explicit variables(exchange& of) noexcept : of_(of) {}

    std::string_view operator()(model::variable what) noexcept;

private:
    exchange& of_;
    char host_[route::max_host];
    char address_[64];
};

} // namespace adit::proxy
