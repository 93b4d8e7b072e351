// Host names → something, as certificates name hosts: exactly, or with one label for the asterisk.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace adit::net {

// Names are lower case and without a dot at the end; so must be what is asked for. Looking up allocates
// nothing.
template <class T>
class tls_names {
public:
    // False when the name is taken.
    bool add(std::string_view name, T value) {
        if (name.starts_with("*.")) return wild_.emplace(name.substr(2), std::move(value)).second;
        return exact_.emplace(name, std::move(value)).second;
    }
    T* find_written(std::string_view name) {
        auto& in = name.starts_with("*.") ? wild_ : exact_;
        const auto at = in.find(name.starts_with("*.") ? name.substr(2) : name);
        return at == in.end() ? nullptr : &at->second;
    }

    // nullptr where neither the name nor an asterisk for its first label is known.
    const T* find(std::string_view host) const noexcept {
        if (const auto at = exact_.find(host); at != exact_.end()) return &at->second;
        const auto dot = host.find('.');
        if (dot == 0 || dot == std::string_view::npos || wild_.empty()) return nullptr;
        const auto at = wild_.find(host.substr(dot + 1));
        return at == wild_.end() ? nullptr : &at->second;
    }
    bool empty() const noexcept { return exact_.empty() && wild_.empty(); }

private:
    struct hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    using map = std::unordered_map<std::string, T, hash, std::equal_to<>>;

    map exact_, wild_; // the latter by what follows the first dot
};

} // namespace adit::net
