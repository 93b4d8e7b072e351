// Requests for tests of decision code, without the scanner.
#pragma once

#include "http/head.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adit::tests {

// Owns the bytes that its head points into; neither copied nor moved.
class request {
public:
    using field_list = std::vector<std::pair<std::string, std::string>>;

    explicit request(std::string_view target = "/", field_list fields = {}, std::string_view verb = "GET") {
        bytes_.append(verb).append(" ");
        head_.method_size = static_cast<std::uint16_t>(verb.size());
        head_.verb = http::parse_method(verb);
        head_.target_at = head_.path_at = at();
        bytes_.append(target).append(" HTTP/1.1\r\n");
        head_.target_size = static_cast<std::uint16_t>(target.size());
        const auto question = target.find('?');
        head_.path_size = static_cast<std::uint16_t>(question == target.npos ? target.size() : question);
        if (question != target.npos) {
            head_.has_query = true;
            head_.query_at = static_cast<std::uint16_t>(head_.path_at + question + 1);
            head_.query_size = static_cast<std::uint16_t>(target.size() - question - 1);
        }
        for (const auto& [name, value] : fields) add(name, value);
        head_.rebase(bytes_.data());
    }
    request(const request&) = delete;
    request& operator=(const request&) = delete;

    const http::request_head& head() const { return head_; }
    http::request_head& head() { return head_; }

private:
    std::uint16_t at() const { return static_cast<std::uint16_t>(bytes_.size()); }

    void add(std::string_view name, std::string_view value) {
        http::field f;
        f.name_at = at();
        f.name_size = static_cast<std::uint16_t>(name.size());
        bytes_.append(name).append(": ");
        f.value_at = at();
        f.value_size = static_cast<std::uint16_t>(value.size());
        f.id = http::parse_field_id(name);
        bytes_.append(value).append("\r\n");
        head_.add(f);
    }

    std::string bytes_;
    http::request_head head_;
};

} // namespace adit::tests
