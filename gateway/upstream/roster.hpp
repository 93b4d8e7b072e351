// Which endpoints every track has: keeps what is known of each one while configurations and addresses come
// and go.
#pragma once

#include "upstream/endpoint_entry.hpp"
#include "upstream/track_gate.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace adit::upstream {

// Control thread only. Tracks go by the names of route and track, which outlive slots and reloads.
class roster {
public:
    using address = boost::asio::ip::tcp::endpoint;

    struct track {
        std::string route, name;
        bool stable = false;
        endpoint_list endpoints;          // as they were last handed out, each with its state
        std::shared_ptr<track_gate> gate; // made when the track first has limits, and kept
    };

    // Gives each entry its state: the one that it had if the track knew its address, else a new one. An
    // address that comes to a known track is new at `now`, those of a track's beginning are not. nullptr
    // states are filled in.
    track& seat(std::string_view route, std::string_view name, bool stable, endpoint_list list, instant now);
    // Tracks that are not of these (route, track) any more are forgotten, with what was known of their
    // endpoints.
    void keep_only(const std::set<std::pair<std::string, std::string>>& tracks);

    // nullptr if there is no such track.
    track* find(std::string_view route, std::string_view name);
    const track* find(std::string_view route, std::string_view name) const;
    // The track and the place in it of a state that was handed out; nullptr when it is gone since.
    std::pair<track*, std::size_t> find(const endpoint_state& one);
    void for_each(const std::function<void(track&)>& visit);

private:
    std::map<std::pair<std::string, std::string>, track> tracks_;
};

} // namespace adit::upstream
