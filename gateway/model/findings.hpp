// Where validate() writes down what it finds: a complaint list seen from one part of the wish.
#pragma once

#include "core/complaint.hpp"
#include "model/fault.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace adit::model {

class findings {
public:
    explicit findings(complaints& out) : out_(&out) {}

    findings under(std::string_view part) const {
        auto copy = *this;
        if (!copy.key_.empty()) copy.key_ += '.';
        copy.key_ += part;
        return copy;
    }
    findings item(std::size_t index) const {
        auto copy = *this;
        copy.key_ += '[' + std::to_string(index) + ']';
        return copy;
    }
    // Parts that know no place of their own keep that of the part around them.
    findings at(const place& where) const {
        auto copy = *this;
        if (where.line > 0 || !where.file.empty()) copy.at_ = where;
        return copy;
    }

    void error(std::string message, std::string hint = {}) const {
        out_->push_back({complaint::severity::error, at_, key_, std::move(message), std::move(hint)});
    }
    void error(fault why) const { error(std::move(why.message), std::move(why.hint)); }
    void warn(std::string message, std::string hint = {}) const {
        out_->push_back({complaint::severity::warning, at_, key_, std::move(message), std::move(hint)});
    }

private:
    complaints* out_;
    place at_;
    std::string key_;
};

} // namespace adit::model
