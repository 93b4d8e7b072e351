// Objects that are used again and again by one thread: none is destroyed before the pool is.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace adit {

// Not thread safe. T must be default constructible or constructible from the arguments of the first take();
// an object taken again keeps the state in which it was given back.
template <class T>
class object_pool {
public:
    template <class... Arguments>
    T& take(Arguments&&... arguments) {
        if (idle_.empty()) {
            all_.push_back(std::make_unique<T>(std::forward<Arguments>(arguments)...));
            idle_.reserve(all_.size()); // giving back never allocates
            return *all_.back();
        }
        T& one = *idle_.back();
        idle_.pop_back();
        return one;
    }
    void give_back(T& one) noexcept { idle_.push_back(&one); }

    std::size_t in_use() const noexcept { return all_.size() - idle_.size(); }

private:
    std::vector<std::unique_ptr<T>> all_;
    std::vector<T*> idle_;
};

} // namespace adit
