// One thread of the data plane and all that belongs to it: nothing here is shared with another worker.
#pragma once

#include "core/block_pool.hpp"
#include "core/object_pool.hpp"
#include "core/random.hpp"
#include "net/listener.hpp"
#include "net/loop.hpp"
#include "net/tls_wire.hpp"
#include "observe/worker_counters.hpp"
#include "policy/auth_cache.hpp"
#include "policy/credentials.hpp"
#include "proxy/authorisation.hpp"
#include "proxy/client.hpp"
#include "proxy/compressor.hpp"
#include "proxy/entrance.hpp"
#include "proxy/error_page.hpp"
#include "proxy/exchange.hpp"
#include "proxy/gathered_body.hpp"
#include "proxy/pressure.hpp"
#include "proxy/recording.hpp"
#include "proxy/services.hpp"
#include "proxy/snapshot.hpp"
#include "proxy/trace.hpp"
#include "upstream/endpoint_set.hpp"
#include "upstream/pool.hpp"
#include "upstream/retry_budget.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace adit::proxy {

// A snapshot as one worker holds it: exchanges count themselves in and out, without an atomic operation.
struct held_snapshot {
    std::shared_ptr<const snapshot> value;
    std::uint32_t exchanges = 0;
};

// What a worker keeps for a route besides the snapshot, because it changes on its own.
struct route_state {
    using service_sets = std::array<upstream::endpoint_set, service_kinds>;
    // What a track is to get when it is first asked for.
    struct promise {
        std::shared_ptr<const upstream::endpoint_list> list;
        std::shared_ptr<upstream::track_gate> gate;
    };

    canary::cuts cuts;
    std::vector<upstream::endpoint_set> tracks; // none before the first request
    std::vector<promise> promised;              // by track, until then
    upstream::retry_budget budget;
    std::unique_ptr<service_sets> services;         // made when first asked for, as what follows
    std::unique_ptr<policy::auth_cache> auth_known; // of the external_auth in force

    bool asleep() const noexcept { return tracks.empty(); }
    upstream::endpoint_set& service(service_kind which) {
        if (!services) services = std::make_unique<service_sets>();
        return (*services)[static_cast<std::size_t>(which)];
    }
    policy::auth_cache& auth_cache() {
        if (!auth_known) auth_known = std::make_unique<policy::auth_cache>();
        return *auth_known;
    }
};

// One track of one route, by the numbers that exchanges go by.
struct track_place {
    std::uint32_t slot;
    std::uint8_t track;

    bool operator==(const track_place&) const = default;
};

class worker {
public:
    // Messages go to the control thread through `to_control`, which may be called by this worker's thread.
    using control_poster = std::function<void(std::function<void()>)>;

    // `shared` is that of all workers.
    worker(unsigned index, control_poster to_control, pressure& shared);
    ~worker();

    // Control thread.
    void start();
    void apply(std::shared_ptr<const update> change, std::function<void()> done);
    // `number` is the entrance's, of which a worker may have several sockets; `door`: null for plain HTTP
    // from the first byte on.
    void add_listener(
        std::size_t number, int descriptor, net::sharing with = net::sharing::own,
        std::shared_ptr<const entrance> door = nullptr
    );
    void change_listeners(std::size_t number, std::shared_ptr<const entrance> door);
    // Of exchanges that end from now on; `done` is called on the control thread when the ring before is left.
    void record(proxy::recording to, std::function<void()> done);
    // Memory that is kept for later goes back to the system.
    void trim();
    // From now on every response says that its connection ends with it; all else goes on.
    void announce_drain();
    // No more connections; idle ones are closed, others after the exchange under way, tunnels as
    // exchange::part() says. `drained` is called on the control thread when the last is gone.
    void drain(std::function<void()> drained);
    // Ends what is left and joins the thread.
    void stop();
    // All workers, this one included, by index; before start(). They wake each other where endpoints have
    // limits.
    void meet(std::vector<worker*> all) { workers_ = std::move(all); }
    // Called on the control thread when failures of an endpoint have reached their limit; before start().
    using failing_listener =
        std::function<void(const std::shared_ptr<upstream::endpoint_state>&, upstream::outcome)>;
    void on_failing(failing_listener tell) { failing_ = std::move(tell); }
    const observe::worker_counters& counters() const noexcept { return counters_; }
    observe::worker_counters& counters() noexcept { return counters_; }

    // The worker's own thread from here on.
    struct settings {
        static constexpr std::size_t block_size = 68 * 1024; // a 64 KiB body with its head in one read
        static constexpr std::size_t blocks_kept = 256;
        // No more than a block: what is written here may have to be kept in one.
        static constexpr std::size_t scratch_size = block_size;
        // Connections over the limit that may hear why at one time; further ones are closed without a word.
        static constexpr std::uint32_t most_turned_away = 256;
    };

    unsigned index() const noexcept { return index_; }
    // Places of a track's endpoints may have become free: whoever waits for one is asked, after the exchanges
    // under way. `shed`: other workers are to close idle connections, which take such places.
    void look_after(track_place where, bool shed);
    void tell_failing(std::shared_ptr<upstream::endpoint_state> one, upstream::outcome what);

    net::loop loop;
    random_source random;
    block_pool blocks{settings::block_size, settings::blocks_kept};
    net::tls_wire tls_wire;
    upstream::pools pools;
    object_pool<compressor> compressors;
    policy::verified_logins verified;
    object_pool<authorisation> authorisations;
    object_pool<gathered_body> gathered;
    object_pool<page_request> page_requests;
    object_pool<trace> traces;

    char* scratch() noexcept { return scratch_.get(); }
    std::string_view scratch_range() const noexcept { return {scratch_.get(), settings::scratch_size}; }

    held_snapshot& enter_snapshot() noexcept {
        ++current_->exchanges;
        return *current_;
    }
    void leave_snapshot(held_snapshot& held);
    const snapshot& current() const noexcept { return *current_->value; }
    // For connections that begin now; null while no listener speaks TLS.
    const std::shared_ptr<const net::tls_store>& tls() const noexcept { return tls_; }
    // Of a slot of a snapshot in use.
    route_state& state_of(std::uint32_t slot) noexcept { return routes_[slot]; }
    // Before the first request of a route is decided: its tracks get the endpoints that they were promised.
    void wake(const compiled_route& route);

    bool is_recording() const noexcept { return recording_.ring != nullptr; }
    const proxy::recording& recording() const noexcept { return recording_; }

    exchange& take_exchange() { return exchanges_.take(*this); }
    void give_back(exchange& one) noexcept {
        one.input().reset();
        exchanges_.give_back(one);
    }
    void give_back(client& one) noexcept;
    // Whether one more exchange may begin; `counted` gets whether it must be taken off again at its end.
    http::refusal admit_exchange(std::uint32_t most, bool& counted) noexcept;
    void discount_exchange() noexcept { pressure_.exchanges.fetch_sub(1, std::memory_order_relaxed); }
    bool draining() const noexcept { return draining_; }
    bool closing() const noexcept { return closing_; } // drain() has been called
    // How long kept connections are still to be kept: a client in the midst of its requests has not heard
    // yet that it should open another one.
    std::chrono::nanoseconds notice_left() const noexcept {
        return notice - std::chrono::nanoseconds(loop.now() - announced_);
    }

private:
    friend class client;

    struct front {
        std::size_t number;
        std::unique_ptr<net::listener> socket;
        std::shared_ptr<const entrance> door;
    };

    bool accept(const net::accepted& connection, const entrance* door);
    // Whether there is room for one more, and it has been taken; withstand.cpp.
    http::refusal admit(int descriptor) noexcept;
    void take(const update& change);
    void take_endpoints(const update::track_endpoints& one);
    void give_endpoints(
        const compiled_route& route, std::uint8_t track, const endpoint_list& list,
        std::shared_ptr<upstream::track_gate> gate
    );
    void empty_lines(const update& change);
    void take_routes(const update& change);
    void forget_routes();
    upstream::endpoint_set* find(track_place where) noexcept;
    void serve(track_place where);
    void serve_everywhere(track_place where);
    void pass_on(track_place where, unsigned turn);
    void note_drained();

    observe::worker_counters counters_;
    const unsigned index_;
    control_poster to_control_;
    pressure& pressure_;
    std::uint32_t turned_away_ = 0; // that are still open
    std::unique_ptr<char[]> scratch_;
    held_snapshot* current_;
    proxy::recording recording_;
    std::vector<std::unique_ptr<held_snapshot>> held_;
    std::shared_ptr<const net::tls_store> tls_;
    std::vector<route_state> routes_;
    // Slots that have lost their route, and the generation from which on: while an older snapshot is held,
    // exchanges may still be on it. In the order of generations.
    std::vector<std::pair<std::uint64_t, std::uint32_t>> left_;
    std::vector<std::unique_ptr<front>> listeners_;
    object_pool<client> clients_;
    object_pool<exchange> exchanges_;
    // Tracks whose lines are to be served before the loop sleeps.
    class line_server final : public net::pollable {
    public:
        explicit line_server(worker& home) : home_(home) {}
        std::vector<track_place> places;

    private:
        void ready(std::uint32_t) override {}
        void resume() override;
        worker& home_;
    };
    line_server lines_{*this};
    std::vector<worker*> workers_;
    failing_listener failing_;
    client* open_ = nullptr; // all connections, for draining
    std::size_t open_count_ = 0;
    void announce() noexcept;
    static constexpr std::chrono::seconds notice{1};
    bool draining_ = false, closing_ = false;
    instant announced_ = 0;
    std::function<void()> drained_;
    std::thread thread_;
};

} // namespace adit::proxy
