// Rows of words for a terminal, padded so that they stand under each other.
#pragma once

#include <string>
#include <vector>

namespace adit::cli {

class columns {
public:
    // Every line begins with `indent` blanks.
    explicit columns(std::size_t indent = 0) : indent_(indent) {}

    // The last cell of a row is never padded, and trailing empty ones are left out.
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    bool empty() const { return rows_.empty(); }
    // Two blanks between columns, a line break after each row.
    std::string text() const;

private:
    std::size_t indent_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace adit::cli
