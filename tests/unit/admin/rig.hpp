// A server over a fake gateway on a thread of its own, and raw clients to talk to it.
#pragma once

#include "admin/server.hpp"
#include "admin/views.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cctype>
#include <cstdlib>
#include <future>
#include <map>
#include <thread>
#include <type_traits>

namespace adit::admin::test {

namespace asio = boost::asio;
namespace json = boost::json;
using asio::ip::tcp;

// One route "shop" with stable and canary, another with a slash in its name; weights as an authority would
// keep them.
class fake_control final : public control {
public:
    std::vector<route_view> all{make("shop"), make("team/web")};
    std::vector<readiness_check> checks{{"config", readiness_check::state::ok, ""}};
    weights_request last_put;
    clear_request last_clear;
    kill_request last_kill;
    ingress_weight_request last_ingress;
    explain_request last_explain;
    actor last_reload_by;
    complaints broken; // reload is refused with these where there are any
    bool mute = false; // replies are kept instead of given
    bool throwing = false;
    std::vector<std::function<void()>> kept;
    std::function<void(const event&)> listener;
    observe::tap_wish last_tap;
    std::function<void(const observe::tap_batch&)> hear; // empty: nobody watches

    static route_view make(std::string name) {
        route_view out;
        out.name = std::move(name);
        out.hosts = {"shop.test"};
        out.generation = 7;
        out.tracks = {
            {"stable", {{"10.0.0.1:80", "usable"}}, 95.0, {}, 95.0},
            {"canary", {{"10.0.0.2:80", "usable"}}, 5.0, {}, 5.0}};
        return out;
    }

    std::vector<route_view> routes() override { return all; }
    std::optional<route_view> route(std::string_view name) override {
        if (throwing) throw std::runtime_error("the fake has had enough");
        const auto* found = find(name);
        return found ? std::optional(*found) : std::nullopt;
    }

    void put_weights(weights_request wish, reply<weights_change> done) override {
        last_put = wish;
        auto* one = find(wish.route);
        if (!one) return done(unknown_route(wish.route, {"shop", "team/web"}));
        if (wish.if_match &&
            std::find(wish.if_match->begin(), wish.if_match->end(), one->generation) == wish.if_match->end())
            return done(stale_generation(wish.route, one->generation));
        const auto before = *one;
        const auto percent =
            wish.weights.count("canary") ? wish.weights.at("canary") : one->tracks[1].effective;
        for (const auto& [track, value] : wish.weights)
            if (track != "canary") return done(unknown_track(wish.route, track, {"canary"}));
        if (percent < 0) return done(negative_weight("canary", percent));
        if (percent > 100) return done(weights_over_100(wish.route, percent));
        set(*one, percent, percent);
        give([done, change = weights_change{before, *one}] { done(change); });
        tell(weights_event({before, *one}, wish.by.name));
    }
    void delete_weights(clear_request wish, reply<weights_change> done) override {
        last_clear = wish;
        auto* one = find(wish.route);
        if (!one) return done(unknown_route(wish.route, {}));
        const auto before = *one;
        set(*one, std::nullopt, 5);
        give([done, change = weights_change{before, *one}] { done(change); });
    }
    // "shop/next" gives "shop" its canary.
    answer<ingress_view> ingress(std::string_view name) override {
        if (name == "shop/store") return not_a_canary(name, {"shop/next"});
        if (name != "shop/next") return unknown_ingress(name, {"shop/next"});
        const auto& one = *find("shop");
        const auto& track = one.tracks[1];
        ingress_view out{.name = "shop/next", .generation = one.generation};
        out.tracks.push_back(
            {"shop", "canary", track.declared, track.overridden, track.effective, one.weights_from,
             one.generation}
        );
        return out;
    }
    void set_ingress_weight(ingress_weight_request wish, reply<ingress_change> done) override {
        last_ingress = wish;
        auto found = ingress(wish.ingress);
        if (auto* bad = std::get_if<problem>(&found)) return done(std::move(*bad));
        set(*find("shop"), wish.weight, wish.weight.value_or(5));
        done(ingress_change{
            std::get<ingress_view>(std::move(found)), std::get<ingress_view>(ingress(wish.ingress))});
    }
    void kill(kill_request wish, reply<kill_change> done) override { turn(wish, true, done); }
    void unkill(kill_request wish, reply<kill_change> done) override { turn(wish, false, done); }
    void reload(actor by, reply<reload_report> done) override {
        last_reload_by = by;
        if (!broken.empty()) return done(bad_configuration(broken));
        done(reload_report{.changed = true, .generation = 8, .warnings = {}});
    }
    void explain(explain_request request, reply<json::object> done) override {
        last_explain = request;
        done(json::object{{"route", "shop"}, {"track", "stable"}});
    }
    std::vector<readiness_check> readiness() override { return checks; }
    version_info version() override { return {"0.1.0", "abc", "g++ 12", {{"boost", "1.81.0"}}}; }
    void metrics(std::function<void(std::string)> done) override {
        done("# TYPE adit_up gauge\nadit_up 1\n");
    }
    std::shared_ptr<void>
    tap(observe::tap_wish wish, std::function<void(const observe::tap_batch&)> to) override {
        last_tap = std::move(wish);
        hear = std::move(to);
        return std::shared_ptr<void>(this, [](void* self) {
            static_cast<fake_control*>(self)->hear = nullptr;
        });
    }
    std::shared_ptr<void> subscribe(std::function<void(const event&)> to) override {
        listener = std::move(to);
        return std::shared_ptr<void>(this, [](void*) {});
    }

    void tell(const event& what) {
        if (listener) listener(what);
    }
    void give_kept() {
        for (const auto& one : std::exchange(kept, {})) one();
    }

private:
    route_view* find(std::string_view name) {
        for (auto& one : all)
            if (one.name == name) return &one;
        return nullptr;
    }
    static void set(route_view& one, std::optional<double> overridden, double percent) {
        one.tracks[1].overridden = overridden;
        one.tracks[1].effective = percent;
        one.tracks[0].effective = 100 - percent;
        one.weights_from = overridden ? "override" : "declared";
        ++one.generation;
    }
    void turn(const kill_request& wish, bool on, const reply<kill_change>& done) {
        last_kill = wish;
        kill_change out{.all = on && !wish.routes, .before = {}, .affected = {}};
        for (auto& one : all) {
            if (one.killed) out.before.push_back(one.name);
            if (wish.routes &&
                std::find(wish.routes->begin(), wish.routes->end(), one.name) == wish.routes->end())
                continue;
            one.killed = on;
            out.affected.push_back(one);
        }
        done(out);
    }
    void give(std::function<void()> answer) {
        if (mute) return kept.push_back(std::move(answer));
        answer();
    }
};

struct reply_text {
    unsigned status = 0;
    std::string head;
    std::map<std::string, std::string> fields; // names in lower case
    std::string body;

    json::object object() const { return json::parse(body).as_object(); }
    std::string problem() const {
        const auto type = std::string(object().at("type").as_string());
        return type.substr(type.rfind(':') + 1);
    }
};

// Blocking; a read that gets nothing for ten seconds ends the test instead of hanging it.
class client {
public:
    explicit client(const tcp::endpoint& at) : socket_(context_) {
        socket_.connect(at);
        const timeval patience{10, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }

    void send(std::string_view text) {
        boost::system::error_code ignored; // the server may have closed; what it said is still to be read
        asio::write(socket_, asio::buffer(text.data(), text.size()), ignored);
    }

    std::string read_until(std::string_view mark) {
        std::size_t at;
        while ((at = held_.find(mark)) == std::string::npos)
            if (!fill()) {
                ADD_FAILURE() << "the connection ended before " << mark << "; got: " << held_;
                return std::exchange(held_, {});
            }
        auto out = held_.substr(0, at + mark.size());
        held_.erase(0, at + mark.size());
        return out;
    }

    reply_text read_reply(bool has_body = true) {
        reply_text out;
        out.head = read_until("\r\n\r\n");
        if (out.head.size() < 12) return out;
        out.status = static_cast<unsigned>(std::atoi(out.head.c_str() + 9));
        std::size_t at = out.head.find("\r\n") + 2;
        while (at + 2 < out.head.size()) {
            const auto end = out.head.find("\r\n", at);
            const auto colon = out.head.find(": ", at);
            auto name = out.head.substr(at, colon - at);
            for (auto& c : name) c = static_cast<char>(std::tolower(c));
            out.fields[name] = out.head.substr(colon + 2, end - colon - 2);
            at = end + 2;
        }
        if (!has_body || !out.fields.count("content-length")) return out;
        const auto size = static_cast<std::size_t>(std::atoll(out.fields["content-length"].c_str()));
        while (held_.size() < size && fill()) {
        }
        out.body = held_.substr(0, size);
        held_.erase(0, size);
        return out;
    }

    reply_text ask(std::string_view request, bool has_body = true) {
        send(request);
        return read_reply(has_body);
    }

    // Reads what comes until the other side ends the connection.
    std::string read_to_end() {
        while (fill()) {
        }
        return std::exchange(held_, {});
    }
    bool ended() { return read_to_end().empty(); }

    tcp::socket& socket() { return socket_; }

private:
    bool fill() {
        char bytes[4096];
        const auto size = ::recv(socket_.native_handle(), bytes, sizeof bytes, 0);
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            ADD_FAILURE() << "nothing came for ten seconds";
        if (size <= 0) return false;
        held_.append(bytes, static_cast<std::size_t>(size));
        return true;
    }

    asio::io_context context_;
    tcp::socket socket_;
    std::string held_;
};

class rig {
public:
    explicit rig(server_options options = {}) {
        options.audit = [this](const audit_record& record) { audits.push_back(record); };
        api = std::make_unique<server>(context_, gateway, std::move(options));
        const tcp::endpoint any{asio::ip::make_address("127.0.0.1"), 0};
        admin = api->listen(role::admin, any);
        status = api->listen(role::status, any);
        thread_ = std::thread([this] { context_.run(); });
    }
    ~rig() {
        on_control([&] {
            api.reset();
            gateway.kept.clear();
        });
        work_.reset();
        thread_.join();
    }

    // Runs `what` on the control thread and waits for it.
    template <class What>
    std::invoke_result_t<What> on_control(What what) {
        std::packaged_task<decltype(what())()> task(what);
        auto result = task.get_future();
        asio::post(context_, [&task] { task(); });
        return result.get();
    }
    client connect() { return client(admin); }
    reply_text ask(std::string_view request) { return connect().ask(request); }
    reply_text get(std::string_view target) {
        return ask("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    std::vector<audit_record> told() {
        return on_control([&] { return audits; });
    }

    fake_control gateway;
    std::unique_ptr<server> api;
    tcp::endpoint admin, status;
    std::vector<audit_record> audits;

private:
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    std::thread thread_;
};

inline std::string with_body(std::string_view start, std::string_view body, std::string_view more = {}) {
    return std::string(start) + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
           std::string(more) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

} // namespace adit::admin::test
