// What the TLS connections of one worker share: memory in which records are put together before they are
// sent.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace adit::net {

// Not thread safe; one for each loop. Outlives the connections.
class tls_wire {
public:
    static constexpr std::size_t record = 16 * 1024; // bytes of plain text in one record (RFC 8446 §5.1)
    static constexpr std::size_t turn = 4 * record;  // encrypted before they are sent with one call

    tls_wire() { out.reserve(turn + record); }

    std::vector<char> out; // records made in this turn; empty between two turns
    char plain[record];    // where small parts are put together into one record

    // For what a socket did not take.
    std::vector<char> borrow() {
        if (spare_.empty()) return {};
        auto one = std::move(spare_.back());
        spare_.pop_back();
        return one;
    }
    void give_back(std::vector<char>&& one) {
        if (one.capacity() == 0 || spare_.size() == most_spare) return;
        one.clear();
        spare_.push_back(std::move(one));
    }

private:
    static constexpr std::size_t most_spare = 64;

    std::vector<std::vector<char>> spare_;
};

} // namespace adit::net
