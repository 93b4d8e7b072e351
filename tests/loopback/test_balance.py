"""Which endpoint: weights, least requests, hash, sticky cookies, slow start, zones, limits and the line behind them."""

import collections
import threading

import base
import daemon
import endpoint
import raw
import sockets

REQUEST = b"GET / HTTP/1.1\r\nHost: shop.test\r\n%s\r\n"


def route(endpoints, balance="", more="", canary=()):
    lines = "".join(f"      - {one}\n" for one in endpoints)
    out = f"""
routes:
- name: shop
  tracks:
    stable:
      endpoints:
{lines}"""
    if canary:
        out += "    canary:\n      weight: 100\n      endpoints:\n" + "".join(f"      - {one}\n" for one in canary)
    if balance:
        out += f"  balance: {balance}\n"
    return out + more


def quoted(one, more=""):
    return f'{{address: "{one.address}"{", " + more if more else ""}}}'


class Balance(base.Case):
    def endpoint(self, name):
        one = endpoint.Endpoint(name)
        self.addCleanup(one.__exit__)
        return one

    def counts(self, adit, requests, batch=100):
        out = collections.Counter()
        with raw.Connection(adit.http[0]) as c:
            for at in range(0, len(requests), batch):
                out.update(r.get("server") for r in c.pipeline(requests[at : at + batch]))
        return out


class Choosing(Balance):
    def test_weights_are_exact_on_each_worker(self):
        a, b = self.fast("a"), self.fast("b")
        adit = self.serve(route([quoted(a, "weight: 3"), quoted(b)]), workers=1)
        self.assertEqual(self.counts(adit, [REQUEST % b""] * 400), {"a": 300, "b": 100})

    def test_least_requests_prefers_the_faster_one(self):
        slow, quick = self.endpoint("slow"), self.endpoint("quick")
        slow.set(delay=0.05)
        for by in ("least_requests", "peak_ewma"):
            with self.subTest(by=by):
                adit = self.serve(route([quoted(slow), quoted(quick)], f"{{by: {by}}}"), workers=1)
                got, lock = collections.Counter(), threading.Lock()

                def client():
                    with raw.Connection(adit.http[0]) as c:
                        for _ in range(25):
                            name = c.ask().get("server")
                            with lock:
                                got[name] += 1

                threads = [threading.Thread(target=client) for _ in range(4)]
                for one in threads:
                    one.start()
                for one in threads:
                    one.join()
                self.assertEqual(sum(got.values()), 100)
                self.assertGreater(got["quick"], got["slow"], got)

    def test_hash_sticks_is_the_same_on_replicas_and_moves_little(self):
        ups = [self.fast(n) for n in "abcd"]
        wish = "{by: hash, hash: {header: X-User}}"
        requests = [REQUEST % (b"X-User: u%d\r\n" % u) for u in range(1000)]

        def names(adit):
            with raw.Connection(adit.http[0]) as c:
                return [r.get("server") for r in c.pipeline(requests)]

        first = self.serve(route([quoted(u) for u in ups], wish))
        other = self.serve(route([quoted(u) for u in reversed(ups)], wish))
        before = names(first)
        self.assertEqual(set(before), set("abcd"))
        self.assertEqual(names(other), before)
        base.write(first.config, route([quoted(u) for u in ups[:3]], wish))
        self.api(first).call("POST", "/api/v1/reload")
        after = names(first)
        moved = [u for u in range(1000) if before[u] != after[u]]
        self.assertTrue(all(before[u] == "d" for u in moved))
        self.assertEqual(len(moved), before.count("d"))
        self.assertLess(len(moved), 450)  # a quarter is expected

    def test_slow_start_is_for_newcomers_only(self):
        a, b = self.fast("a"), self.fast("b")
        wish = "{slow_start: 1h}"
        adit = self.serve(route([quoted(a)], wish), workers=1)
        base.write(adit.config, route([quoted(a), quoted(b)], wish))
        self.api(adit).call("POST", "/api/v1/reload")
        got = self.counts(adit, [REQUEST % b""] * 1100)
        self.assertTrue(80 <= got["b"] <= 130, got)  # a tenth of its weight
        fresh = self.serve(route([quoted(a), quoted(b)], wish), workers=1)
        self.assertEqual(self.counts(fresh, [REQUEST % b""] * 100), {"a": 50, "b": 50})

    def test_slow_start_ramps(self):
        a, b = self.fast("a"), self.fast("b")
        wish = "{slow_start: 1s}"
        adit = self.serve(route([quoted(a)], wish), workers=1)
        base.write(adit.config, route([quoted(a), quoted(b)], wish))
        self.api(adit).call("POST", "/api/v1/reload")
        daemon.until(
            lambda: self.counts(adit, [REQUEST % b""] * 100) == {"a": 50, "b": 50}, "the newcomer to get its share"
        )

    def test_zone(self):
        near, far = self.fast("near"), self.fast("far")
        config = route([quoted(near, "zone: a"), quoted(far, "zone: b")], "{zone: prefer}")
        adit = self.serve(config, "--zone", "a", workers=1)
        self.assertEqual(self.counts(adit, [REQUEST % b""] * 100), {"near": 100})
        adit = self.serve("zone: b\n" + config, workers=1)
        self.assertEqual(self.counts(adit, [REQUEST % b""] * 100), {"far": 100})
        adit = self.serve(config, workers=1)
        self.assertEqual(self.counts(adit, [REQUEST % b""] * 100), {"near": 50, "far": 50})

    def test_readiness(self):
        a, b, c = self.fast("a"), self.fast("b"), self.fast("c")
        adit = self.serve(route([quoted(a, "terminating: true"), quoted(b), quoted(c, "ready: false")]))
        self.assertEqual(self.counts(adit, [REQUEST % b""] * 50), {"b": 50})
        adit = self.serve(route([quoted(a, "terminating: true"), quoted(c, "ready: false")]))
        self.assertEqual(self.counts(adit, [REQUEST % b""] * 50), {"a": 50})
        states = [e["state"] for e in self.api(adit).get("/api/v1/routes/shop").json()["tracks"][0]["endpoints"]]
        self.assertEqual(states, ["draining", "unready"])
        # A canary that only winds down has less to offer than stable.
        adit = self.serve(route([quoted(b)], canary=[quoted(a, "terminating: true")]))
        self.assertEqual(self.counts(adit, [REQUEST % b""] * 50), {"b": 50})
        self.assertEqual(self.api(adit).metric("adit_fallbacks_total", route="shop", track="canary"), 50)
        adit = self.serve(route([quoted(c, "ready: false")]))
        self.assert_status(raw.ask(adit.http[0]), 503)


class Sticky(Balance):
    def clients(self, adit, count):
        """[(cookie, name)] of so many that come for the first time."""
        out = []
        with raw.Connection(adit.http[0]) as c:
            for answer in c.pipeline([REQUEST % b""] * count):
                cookie = answer.get("set-cookie")
                self.assertRegex(cookie, r"^pin=[0-9a-f]{16}; Path=/; HttpOnly; SameSite=Lax$")
                out.append((cookie.split(";")[0], answer.get("server")))
        return out

    def come_again(self, adit, clients):
        with raw.Connection(adit.http[0]) as c:
            return c.pipeline([REQUEST % b"Cookie: %s\r\n" % cookie.encode() for cookie, _ in clients])

    def test_a_client_stays_whatever_comes(self):
        for mode in ("balanced", "persistent"):
            with self.subTest(mode=mode):
                ups = [self.fast(n) for n in "abc"]
                wish = f"{{sticky: {{cookie: pin, mode: {mode}}}}}"
                adit = self.serve(route([quoted(u) for u in ups], wish))
                clients = self.clients(adit, 200)
                self.assertEqual({name for _, name in clients}, set("abc"))
                for answer, (_, name) in zip(self.come_again(adit, clients), clients):
                    self.assertEqual(answer.get("server"), name)
                    self.assertIsNone(answer.get("set-cookie"))
                # One of them winds down: who is there stays, newcomers go elsewhere.
                leaving = [quoted(ups[0], "terminating: true"), *map(quoted, ups[1:])]
                base.write(adit.config, route(leaving, wish))
                self.api(adit).call("POST", "/api/v1/reload")
                for answer, (_, name) in zip(self.come_again(adit, clients), clients):
                    self.assertEqual(answer.get("server"), name)
                self.assertEqual({name for _, name in self.clients(adit, 100)}, {"b", "c"})
                # It is gone.
                base.write(adit.config, route([quoted(u) for u in ups[1:]], wish))
                self.api(adit).call("POST", "/api/v1/reload")
                for answer, (_, name) in zip(self.come_again(adit, clients), clients):
                    if name == "a":
                        self.assertIn(answer.get("server"), "bc")
                        self.assertEqual(answer.get("set-cookie") is not None, mode == "persistent")
                    else:
                        self.assertEqual(answer.get("server"), name)

    def test_replicas_agree(self):
        for mode in ("balanced", "persistent"):
            with self.subTest(mode=mode):
                ups = [self.fast(n) for n in "abc"]
                wish = f"{{sticky: {{cookie: pin, mode: {mode}}}}}"
                first = self.serve(route([quoted(u) for u in ups], wish))
                other = self.serve(route([quoted(u) for u in reversed(ups)], wish))
                clients = self.clients(first, 100)
                got = [answer.get("server") for answer in self.come_again(other, clients)]
                self.assertEqual(got, [name for _, name in clients])


class Pins(Balance):
    """The cookie names the track as well."""

    def serve_pins(self, pin):
        self.stable, self.canary = [self.fast(n) for n in "ab"], [self.fast(n) for n in "xy"]
        self.pin = pin
        adit = self.serve(self.config(50))
        return adit

    def config(self, weight):
        wish = f"{{sticky: {{cookie: pin, pin: {self.pin}}}}}"
        force = "  force:\n  - {header: {name: X-Next, value: always}, track: canary}\n"
        force += "  - {header: {name: X-Next, value: never}, track: stable}\n"
        text = route([quoted(u) for u in self.stable], wish, force, [quoted(u) for u in self.canary])
        return text.replace("weight: 100", f"weight: {weight}")

    def ask(self, adit, cookie=None, next_=None):
        fields = [("Cookie", cookie)] if cookie else []
        fields += [("X-Next", next_)] if next_ else []
        answer = raw.ask(adit.http[0], fields=fields)
        self.assert_status(answer, 200)
        issued = answer.get("set-cookie")
        return "canary" if answer.get("server") in "xy" else "stable", answer.get("server"), issued

    def test_a_client_stays_on_its_track_whatever_the_weight(self):
        adit = self.serve_pins("track")
        clients = {}
        while {track for track, _ in clients.values()} != {"stable", "canary"} or len(clients) < 20:
            track, name, issued = self.ask(adit)
            self.assertRegex(issued, rf"^pin=[0-9a-f]{{16}}\|{track}; Path=/; HttpOnly; SameSite=Lax$")
            clients[issued.split(";")[0]] = (track, name)
        for weight in (0, 100):
            base.write(adit.config, self.config(weight))
            self.api(adit).call("POST", "/api/v1/reload")
            self.assertEqual(self.ask(adit)[0], "canary" if weight else "stable")
            for cookie, (track, name) in clients.items():
                self.assertEqual(self.ask(adit, cookie), (track, name, None))
        # Force rules count more, and a kill takes everybody from the canary.
        for cookie in clients:
            self.assertEqual(self.ask(adit, cookie, "always")[0], "canary")
            self.assertEqual(self.ask(adit, cookie, "never")[0], "stable")
        self.api(adit).call("POST", "/api/v1/kill", {"routes": ["shop"], "reason": "test"})
        for cookie in clients:
            self.assertEqual(self.ask(adit, cookie)[0], "stable")

    def test_strict_is_the_order_of_ingress_nginx(self):
        adit = self.serve_pins("strict")
        track, _, issued = self.ask(adit, next_="always")  # forced once
        self.assertEqual(track, "canary")
        pinned = issued.split(";")[0]
        for next_ in (None, "never", "other"):
            self.assertEqual(self.ask(adit, pinned, next_)[::2], ("canary", None))
        stable = self.ask(adit, next_="never")[2].split(";")[0]
        self.assertEqual(self.ask(adit, stable, "always")[0], "stable")
        # No key of ours, as in browsers that come from there: it is a key all the same, and no new cookie is sent.
        self.assertEqual(self.ask(adit, "pin=1700000000.123.45.6789|canary")[::2], ("canary", None))


class Limits(Balance):
    def ask_in_background(self, adit, count):
        answers = []

        def ask():
            answers.append(raw.ask(adit.http[0]))

        threads = [threading.Thread(target=ask) for _ in range(count)]
        for one in threads:
            one.start()
        return threads, answers

    def test_in_flight_over_all_workers_and_the_line(self):
        for limit in ("max_in_flight", "max_connections"):
            with self.subTest(limit=limit):
                one = self.endpoint("one")
                one.hold()
                adit = self.serve(route([quoted(one)], f"{{{limit}: 2, max_pending: 10}}"), workers=2)
                api = self.api(adit)
                threads, answers = self.ask_in_background(adit, 8)
                daemon.until(
                    lambda: api.metric("adit_requests_pending", route="shop", track="stable") == 6, "six to wait"
                )
                self.assertEqual(one.stats()["now"], 2)
                one.release()
                for thread in threads:
                    thread.join(15)
                self.assertEqual([a.status for a in answers], [200] * 8)
                self.assertLessEqual(one.stats()["most"], 2)
                self.assertEqual(api.metric("adit_requests_pending", route="shop", track="stable"), 0)

    def test_the_line_has_an_end(self):
        one = self.endpoint("one")
        one.hold()
        adit = self.serve(route([quoted(one)], "{max_in_flight: 1, max_pending: 1}"))
        api = self.api(adit)
        threads, answers = self.ask_in_background(adit, 2)
        daemon.until(lambda: api.metric("adit_requests_pending", route="shop") == 1, "one to wait")
        refused = raw.ask(adit.http[0])
        self.assert_status(refused, 503)
        self.assertEqual(api.metric("adit_refusals_total", reason="endpoints-full"), 1)
        one.release()
        for thread in threads:
            thread.join(15)
        self.assertEqual([a.status for a in answers], [200, 200])

    def test_waiting_ends(self):
        one = self.endpoint("one")
        one.hold()
        adit = self.serve(route([quoted(one)], "{max_in_flight: 1, pending_timeout: 200ms}"))
        threads, answers = self.ask_in_background(adit, 2)
        daemon.until(lambda: answers, "the one that waits to be told")
        self.assert_status(answers[0], 503)
        self.assertEqual(self.api(adit).metric("adit_refusals_total", reason="pending-timeout"), 1)
        one.release()
        for thread in threads:
            thread.join(15)
        self.assert_status(answers[1], 200)

    def test_who_is_bound_to_an_endpoint_waits_for_no_other(self):
        ups = {n: self.endpoint(n) for n in ("one", "two")}
        wish = "{sticky: {cookie: pin, mode: persistent}, max_in_flight: 1, max_pending: 50}"
        adit = self.serve(route([quoted(u) for u in ups.values()], wish), workers=2)
        cookies = {}
        while len(cookies) < 2:
            answer = raw.ask(adit.http[0])
            cookies[answer.get("server")] = answer.get("set-cookie").split(";")[0]
        answers = {name: [] for name in ups}

        def ask(name):
            answers[name].append(raw.ask(adit.http[0], fields=[("Cookie", cookies[name])]).get("server"))

        for one in ups.values():
            one.hold()
        threads = [threading.Thread(target=ask, args=(name,)) for name in ups for _ in range(8)]
        for one in threads:
            one.start()
        api = self.api(adit)
        daemon.until(lambda: api.metric("adit_requests_pending", route="shop") == 14, "fourteen to wait")
        ups["two"].release()
        daemon.until(lambda: len(answers["two"]) == 8, "those of the second to be served")
        self.assertEqual(answers["one"], [])
        ups["one"].release()
        for one in threads:
            one.join(15)
        self.assertEqual(answers, {"one": ["one"] * 8, "two": ["two"] * 8})

    def test_who_leaves_leaves_the_line(self):
        one = self.endpoint("one")
        one.hold()
        adit = self.serve(route([quoted(one)], "{max_in_flight: 1}"))
        api = self.api(adit)
        threads, answers = self.ask_in_background(adit, 1)
        daemon.until(lambda: one.stats()["now"] == 1, "one to be under way")
        with raw.Connection(adit.http[0]) as c:
            c.send(REQUEST % b"")
            daemon.until(lambda: api.metric("adit_requests_pending", route="shop") == 1, "one to wait")
            sockets.reset(c.sock)
        daemon.until(lambda: api.metric("adit_requests_pending", route="shop") == 0, "it to be gone")
        one.release()
        threads[0].join(15)
        self.assertEqual(answers[0].status, 200)
        self.assertEqual(one.stats()["requests"], 1)

    def test_who_waits_is_served_when_endpoints_come(self):
        one, two = self.endpoint("one"), self.endpoint("two")
        one.hold()
        adit = self.serve(route([quoted(one)], "{max_in_flight: 1}"))
        api = self.api(adit)
        threads, answers = self.ask_in_background(adit, 2)
        daemon.until(lambda: api.metric("adit_requests_pending", route="shop") == 1, "one to wait")
        base.write(adit.config, route([quoted(one), quoted(two)], "{max_in_flight: 1}"))
        api.call("POST", "/api/v1/reload")
        daemon.until(lambda: answers, "the one that waits to be served")
        self.assertEqual(answers[0].get("server"), "two")
        one.release()
        for thread in threads:
            thread.join(15)


class Pools(Balance):
    def test_connections_to_a_removed_address_are_closed(self):
        a, b = self.endpoint("a"), self.endpoint("b")
        adit = self.serve(route([quoted(a)]))
        for _ in range(4):
            self.assertEqual(raw.ask(adit.http[0]).get("server"), "a")
        self.assertGreater(a.stats()["connections"], 0)
        a.hold()
        answers = []
        last = threading.Thread(target=lambda: answers.append(raw.ask(adit.http[0])))
        last.start()
        daemon.until(lambda: a.stats()["now"] == 1, "a request to be under way")
        base.write(adit.config, route([quoted(b)]))
        self.api(adit).call("POST", "/api/v1/reload")
        self.assertEqual(raw.ask(adit.http[0]).get("server"), "b")
        daemon.until(lambda: a.stats()["connections"] == 1, "idle connections to be closed")
        a.release()
        last.join(15)
        self.assertEqual(answers[0].get("server"), "a")  # what was under way has ended well
        daemon.until(lambda: a.stats()["connections"] == 0, "the last connection to be closed")
