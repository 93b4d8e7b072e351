"""Endpoints that fail: ejected by what requests tell, found out by checks, back when they are well, and never hidden."""

import json
import threading

import base
import certificates
import daemon
import endpoint
import raw
import test_upstream_tls
from test_balance import quoted, route


class Health(base.Case):
    def endpoint(self, name):
        one = endpoint.Endpoint(name)
        self.addCleanup(one.__exit__)
        return one

    def serve_health(self, health, stable, canary=(), balance="", workers=2):
        adit = self.serve(
            route([quoted(u) for u in stable], balance, f"  health: {health}\n", [quoted(u) for u in canary]),
            workers=workers,
        )
        return adit, self.api(adit)

    def states(self, api, track=0):
        return [e["state"] for e in api.get("/api/v1/routes/shop").json()["tracks"][track]["endpoints"]]

    def ask_until(self, adit, condition, what):
        """Requests, one after the other, until the condition holds; all answers."""
        answers = []
        with raw.Connection(adit.http[0]) as c:

            def go():
                answers.append(c.ask(fields=[("X-A", "b")]))
                return condition()

            daemon.until(go, what)
        return answers

    def names(self, adit, count):
        with raw.Connection(adit.http[0]) as c:
            return [c.ask().get("server") for _ in range(count)]


class Passive(Health):
    def test_ejected_for_server_errors_and_back_in_time(self):
        good, bad = self.endpoint("good"), self.endpoint("bad")
        adit, api = self.serve_health(
            "{passive: {consecutive_5xx: 3, base_ejection: 1s, max_share: 100}}", [good, bad]
        )
        bad.set(status=500)
        self.ask_until(adit, lambda: self.states(api) == ["usable", "ejected"], "the bad one to be ejected")
        self.assertEqual(set(self.names(adit, 20)), {"good"})
        labels = {"route": "shop", "track": "stable"}
        self.assertEqual(api.metric("adit_endpoint_ejections_total", cause="5xx", **labels), 1)
        self.assertEqual(api.metric("adit_endpoints", state="unhealthy", **labels), 1)
        self.assertEqual(api.metric("adit_track_circuit_state", **labels), 1)
        bad.set(status=200)
        daemon.until(lambda: self.states(api) == ["usable", "usable"], "it to come back")
        daemon.until(lambda: "bad" in self.names(adit, 4), "it to get requests again")
        self.assertEqual(api.metric("adit_track_circuit_state", **labels), 0)
        log = [json.loads(line) for line in adit.log().splitlines() if line.startswith("{")]
        told = [line["state"] for line in log if line.get("endpoint") == bad.address]
        self.assertEqual(told, ["ejected", "returned"])

    def test_an_answer_that_is_good_ends_the_row(self):
        one, two = self.endpoint("one"), self.endpoint("two")
        adit, api = self.serve_health("{passive: {consecutive_5xx: 3}}", [one, two], workers=1)
        for _ in range(3):
            one.set(status=500)
            self.names(adit, 4)  # two of them
            one.set(status=200)
            self.names(adit, 2)
        self.assertEqual(self.states(api), ["usable", "usable"])

    def test_ejected_for_connections_that_fail(self):
        good, gone = self.endpoint("good"), self.endpoint("gone")
        adit, api = self.serve_health(
            "{passive: {consecutive_connect_failures: 2, base_ejection: 10m, max_ejection: 10m}}", [good, gone]
        )
        gone.stop()
        answers = self.ask_until(adit, lambda: self.states(api) == ["usable", "ejected"], "the dead one to be ejected")
        self.assertEqual({a.status for a in answers}, {200})  # each was carried by the other
        failures = api.metric("adit_upstream_connect_failures_total", route="shop", track="stable")
        self.assertGreaterEqual(failures, 2)
        self.names(adit, 20)
        self.assertEqual(api.metric("adit_upstream_connect_failures_total", route="shop", track="stable"), failures)

    def test_the_last_of_stable_is_never_ejected(self):
        one, two = self.endpoint("one"), self.endpoint("two")
        adit, api = self.serve_health("{passive: {consecutive_5xx: 2, max_share: 100}}", [one, two])
        one.set(status=500)
        two.set(status=500)
        labels = {"route": "shop", "track": "stable"}
        self.ask_until(
            adit,
            lambda: api.metric("adit_endpoint_ejections_spared_total", **labels) >= 2,
            "the other to be spared",
        )
        self.assertEqual(sorted(self.states(api)), ["ejected", "usable"])
        self.assertEqual(api.metric("adit_endpoint_ejections_total", cause="5xx", **labels), 1)
        self.assertEqual({a.status for a in [raw.ask(adit.http[0])]}, {500})

    def test_a_canary_that_is_ejected_falls_back_and_is_not_hidden(self):
        good = self.endpoint("good")
        canaries = [self.endpoint("c1"), self.endpoint("c2")]
        adit, api = self.serve_health(
            "{passive: {consecutive_5xx: 2, max_share: 100, base_ejection: 10m, max_ejection: 10m}}", [good], canaries
        )
        for one in canaries:
            one.set(status=503)
        self.ask_until(adit, lambda: self.states(api, 1) == ["ejected", "ejected"], "the canary to be ejected")
        before = api.metric("adit_fallbacks_total", route="shop", track="canary")
        self.assertEqual(set(self.names(adit, 20)), {"good"})
        labels = {"route": "shop", "track": "canary"}
        self.assertEqual(api.metric("adit_fallbacks_total", **labels), before + 20)
        self.assertEqual(api.metric("adit_endpoint_ejections_total", cause="5xx", **labels), 2)
        self.assertGreaterEqual(api.metric("adit_requests_total", code="503", **labels), 4)
        self.assertEqual(api.metric("adit_track_circuit_state", **labels), 2)

    def test_events_tell(self):
        good, bad = self.endpoint("good"), self.endpoint("bad")
        adit, api = self.serve_health("{passive: {consecutive_5xx: 1, base_ejection: 300ms}}", [good, bad])
        frames, begun = [], threading.Event()

        def read():
            with raw.Connection(adit.admin) as c:
                c.send(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                try:
                    while sum('"endpoint"' in f for f in frames) < 2:
                        c.more()
                        begun.set()
                        frames.extend(c.take(len(c.data)).decode().split("\n\n"))
                except (raw.Closed, OSError):
                    pass

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        self.assertTrue(begun.wait(15))
        bad.set(status=500)
        self.ask_until(adit, lambda: "ejected" in self.states(api), "the bad one to be ejected")
        reader.join(15)
        told = [json.loads(line[5:]) for f in frames for line in f.splitlines() if line.startswith("data:{")
                or line.startswith("data: {")]
        told = [one for one in told if one.get("endpoint") == bad.address]
        self.assertEqual([one["state"] for one in told], ["ejected", "returned"], frames)
        self.assertEqual(told[0]["cause"], "5xx")
        self.assertEqual((told[0]["route"], told[0]["track"]), ("shop", "stable"))


class Active(Health):
    CHECK = "interval: 100ms, timeout: 2s, rise: 2, fall: 2, jitter: 10"

    def test_http_checks_find_out_and_forgive(self):
        good, bad = self.endpoint("good"), self.endpoint("bad")
        adit, api = self.serve_health(f"{{active: {{http: {{path: /healthz}}, {self.CHECK}}}}}", [good, bad])
        daemon.until(lambda: bad.stats()["health"] >= 2, "checks")
        self.assertEqual(self.states(api), ["usable", "usable"])
        bad.set(health=500)
        daemon.until(lambda: self.states(api) == ["usable", "unhealthy"], "the bad one to be found out")
        daemon.until(lambda: set(self.names(adit, 10)) == {"good"}, "it to get no requests")
        self.assertGreaterEqual(
            api.metric("adit_endpoint_checks_total", route="shop", track="stable", result="failed"), 2
        )
        bad.set(health=204)
        daemon.until(lambda: self.states(api) == ["usable", "usable"], "it to be forgiven")
        self.assertIn("500 where 200-399 is wanted", adit.log())

    def test_tcp_checks(self):
        good, gone = self.endpoint("good"), self.endpoint("gone")
        adit, api = self.serve_health(f"{{active: {{tcp: true, {self.CHECK}}}}}", [good, gone])
        gone.stop()
        daemon.until(lambda: self.states(api) == ["usable", "unhealthy"], "the dead one to be found out")
        self.assertEqual(set(self.names(adit, 10)), {"good"})
        gone = gone.again()
        self.addCleanup(gone.stop)
        daemon.until(lambda: self.states(api) == ["usable", "usable"], "it to be forgiven")

    def test_where_none_is_healthy_all_are_used(self):
        one, two = self.endpoint("one"), self.endpoint("two")
        adit, api = self.serve_health(f"{{active: {{http: {{path: /healthz}}, {self.CHECK}}}}}", [one, two])
        one.set(health=500)
        two.set(health=500)
        daemon.until(lambda: self.states(api) == ["unhealthy", "unhealthy"], "both to be found out")
        daemon.until(lambda: api.metric("adit_panics_total", route="shop") > 0 or not self.names(adit, 4), "a panic")
        self.assertEqual(set(self.names(adit, 10)), {"one", "two"})
        self.assertEqual(api.metric("adit_track_circuit_state", route="shop", track="stable"), 2)

    def test_a_reload_ends_checks(self):
        one = self.endpoint("one")
        adit, api = self.serve_health(f"{{active: {{http: {{path: /healthz}}, {self.CHECK}}}}}", [one])
        one.set(health=500)
        daemon.until(lambda: self.states(api) == ["unhealthy"], "it to be found out")
        base.write(adit.config, route([quoted(one)]))
        api.call("POST", "/api/v1/reload")
        self.assertEqual(self.states(api), ["usable"])

    def test_endpoints_are_checked_over_tls_as_they_are_spoken_to(self):
        authority = certificates.Authority(self.folder())
        nginx = self.keep(test_upstream_tls.SecureNginx(authority.make("inner", ["127.0.0.1"])))
        for name, state in (("", "usable"), (", server_name: elsewhere.test", "unhealthy")):
            with self.subTest(state=state):
                adit = self.serve(f"""
routes:
- name: shop
  tracks: {{stable: {{endpoints: ["{nginx.address}"], tls: {{ca: {authority.cert}{name}}}}}}}
  health: {{active: {{http: {{path: /healthz}}, {self.CHECK}}}}}
""")
                api = self.api(adit)
                result = "passed" if state == "usable" else "failed"
                daemon.until(
                    lambda: api.metric("adit_endpoint_checks_total", route="shop", track="stable", result=result) >= 2,
                    "checks",
                )
                daemon.until(lambda: self.states(api) == [state], "the verdict")
                if state == "unhealthy":
                    self.assertIn("certificate verify failed", adit.log())
