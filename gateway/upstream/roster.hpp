// Which endpoints every track has: keeps what is known of each one while configurations and addresses come
// and go.
#pragma once

#include "model/route.hpp"
#include "upstream/endpoint_entry.hpp"
#include "upstream/track_gate.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace adit::upstream {

// Control thread only. Names outlive slots and reloads.
class roster {
public:
    using address = boost::asio::ip::tcp::endpoint;

    // Tracks of the same key have the same endpoints, and one record of them: those of an Ingress that lead
    // to the same Service. Of a file each track has its own.
    struct key {
        std::string route, track; // as they are counted
        std::string upstream;     // empty = of that track alone

        bool operator==(const key&) const = default;
        bool operator<(const key& o) const {
            return std::tie(route, track, upstream) < std::tie(o.route, o.track, o.upstream);
        }
    };
    static key key_of(const model::route& route, const model::track& track);

    // A track of a route by the numbers that workers know.
    struct user {
        std::uint32_t slot;
        std::uint8_t track;

        bool operator==(const user&) const = default;
    };
    struct seat {
        bool stable = false;
        std::shared_ptr<const endpoint_list> endpoints; // as they were last handed out
        std::shared_ptr<track_gate> gate;               // made when the track first has limits, and kept
        std::vector<user> users;                        // one may be there more than once, as it came
    };

    // One more user of the seat, which is made where there is none.
    seat& enter(const key& at, user who, bool stable);
    // The endpoints of a seat from now on. With `recorded` each gets its state: the one that it had if the
    // seat knew its address, else a new one. An address that comes to a seat with others is new at `now`,
    // those of its beginning are not.
    void fill(seat& one, endpoint_list list, bool recorded, instant now);
    // One user less; a seat without any is forgotten, with what was known of its endpoints. True if it was
    // the last.
    bool leave(const key& at, user who);

    // nullptr if there is no such seat.
    const seat* find(const key& at) const;
    seat* find(const key& at);

private:
    std::map<key, seat> seats_;
};

} // namespace adit::upstream
