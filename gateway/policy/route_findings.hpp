// Where compiling the policies of a route writes down what it finds.
#pragma once

#include "core/complaint.hpp"
#include "core/pattern.hpp"
#include "model/fault.hpp"
#include "model/route.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace adit::policy {

class route_findings {
public:
    route_findings(const model::route& route, complaints& out) : route_(route), out_(out) {}

    const model::route& route() const noexcept { return route_; }

    void error(std::string_view key, std::string message, std::string hint = {}) {
        out_.push_back(
            {complaint::severity::error, route_.at, "routes." + route_.name + '.' + std::string(key),
             std::move(message), std::move(hint)}
        );
        failed_ = true;
    }
    // For what has places of its own; fail() says that something was added.
    complaints& list() noexcept { return out_; }
    void fail() noexcept { failed_ = true; }
    bool failed() const noexcept { return failed_; }

    std::optional<pattern> compile(std::string_view key, std::string_view text, pattern::options how = {}) {
        auto compiled = pattern::compile(text, how);
        if (auto* done = std::get_if<pattern>(&compiled)) return std::move(*done);
        const auto& why = std::get<pattern::failure>(compiled);
        error(
            key,
            "the pattern \"" + std::string(text) + "\" does not compile: " + why.message + " at byte " +
                std::to_string(why.offset),
            "patterns are Perl-compatible (PCRE2)"
        );
        return std::nullopt;
    }

private:
    const model::route& route_;
    complaints& out_;
    bool failed_ = false;
};

} // namespace adit::policy
