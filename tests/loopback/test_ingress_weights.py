"""Weights of a canary Ingress by the admin API and `adit weight`: all its routes at once."""

import json
import os
import subprocess

import base
import cluster
import daemon
import raw
from cluster import ingress

HOST, OTHER = "store.example.test", "other.example.test"
PATH = "/api/v1/ingresses/shop/next/weights"


def weight(adit, *arguments):
    at = ["--admin", "{}:{}".format(*adit.admin)]
    return subprocess.run([base.BINARY, "weight", *arguments, *at], capture_output=True, text=True, timeout=20)


class Weights(cluster.Case):
    """The canary `next` of the stable Ingresses `store` and `other`, on three routes."""

    def setUp(self):
        self.store = self.cluster("stable", "canary")
        store = [("/", "Prefix", "stable"), ("/cart", "Prefix", "stable"), ("/plain", "Prefix", "stable")]
        self.store.put("store", ingress("store", HOST, store))
        self.store.put("other", ingress("other", OTHER, [("/", "Prefix", "stable")]))
        self.declare(0)

    def declare(self, percent, name="next", created=3, service="canary"):
        rules = [(HOST, [("/", "Prefix", service), ("/cart", "Prefix", service)]), (OTHER, [("/", "Prefix", service)])]
        annotations = {"canary": "true", "canary-weight": str(percent)}
        self.store.put(name, ingress(name, rules=rules, created=created, annotations=annotations))

    def who(self, adit, host, target):
        return raw.ask(adit.http[0], target, host=host).json()["name"]

    def everywhere(self, adit):
        return {self.who(adit, host, path) for host, path in ((HOST, "/"), (HOST, "/cart"), (OTHER, "/"))}

    def test_all_routes_of_it_and_no_other(self):
        adit = self.follow(self.store)
        api = self.api(adit)
        before = api.get(PATH)
        self.assert_status(before, 200)
        routes = [one["route"] for one in before.json()["routes"]]
        self.assertEqual(sorted(routes), ["shop/other/0/0", "shop/store/0/0", "shop/store/0/1"])
        self.assertEqual(before.json()["weight"], 0)
        self.assertEqual(self.everywhere(adit), {"stable"})
        put = api.call("PUT", PATH, {"weight": 100}, [("If-Match", before.get("etag"))])
        self.assert_status(put, 200)
        self.assertEqual((put.json()["before"], put.json()["after"]), (0, 100))
        self.assertFalse(put.json()["durable"])
        self.assertEqual(self.everywhere(adit), {"canary"})
        self.assertEqual(self.who(adit, HOST, "/plain"), "stable")
        self.assert_status(api.call("PUT", PATH, {"weight": 1}, [("If-Match", before.get("etag"))]), 412)
        self.assertEqual(self.everywhere(adit), {"canary"})
        self.assert_status(api.call("DELETE", PATH), 200)
        self.assertEqual(self.everywhere(adit), {"stable"})
        self.assertEqual({one["weights_from"] for one in api.get(PATH).json()["routes"]}, {"declared"})

    def test_it_ends_when_the_declared_weight_changes(self):
        adit = self.follow(self.store)
        api = self.api(adit)
        api.call("PUT", PATH, {"weight": 100})
        # What is no change of the weight does not end it.
        self.store.put_service("canary", self.mirror_port("canary"), unready=1)
        self.store.put("new", ingress("new", "new.test", [("/", "Prefix", "stable")]))
        daemon.until(lambda: raw.ask(adit.http[0], "/", host="new.test").status == 200, "the change", 2.0)
        self.assertEqual(self.everywhere(adit), {"canary"})
        self.declare(1)
        daemon.until(lambda: api.get(PATH).json()["weight"] == 1, "the declared weight", 2.0)
        self.assertEqual({one["weights_from"] for one in api.get(PATH).json()["routes"]}, {"declared"})

    def test_it_outlives_the_process_in_the_state_directory(self):
        state = self.folder()
        adit = self.follow(self.store, "--state-dir", state)
        self.assertTrue(self.api(adit).call("PUT", PATH, {"weight": 100}).json()["durable"])
        self.assertEqual(adit.stop(), 0)
        again = self.follow(self.store, "--state-dir", state)
        self.assertEqual(self.everywhere(again), {"canary"})
        self.assert_status(self.api(again).call("DELETE", PATH), 200)
        self.assertEqual(again.stop(), 0)
        third = self.follow(self.store, "--state-dir", state)
        self.assertEqual(self.everywhere(third), {"stable"})

    def test_other_canaries_keep_theirs_and_what_does_not_fit_changes_nothing(self):
        self.declare(30, "rival", 4, "rival")
        self.store.put_service("rival", self.mirror_port("rival"))
        adit = self.follow(self.store)
        api = self.api(adit)
        refused = api.call("PUT", PATH, {"weight": 80})
        self.assert_status(refused, 422)
        self.assertIn("weights-over-100", refused.json()["type"])
        self.assertEqual(api.get(PATH).json()["weight"], 0)
        self.assert_status(api.call("PUT", PATH, {"weight": 70}), 200)
        rival = PATH.replace("next", "rival")
        self.assertEqual(api.get(rival).json()["weight"], 30)
        self.assert_status(api.call("PUT", rival, {"weight": 0}), 200)
        self.assertEqual(api.get(PATH).json()["weight"], 70)
        api.call("DELETE", PATH)
        self.assertEqual([api.get(x).json()["weight"] for x in (PATH, rival)], [0, 0])
        api.call("DELETE", rival)
        self.assertEqual([api.get(x).json()["weight"] for x in (PATH, rival)], [0, 30])

    def test_names_that_are_no_canary(self):
        adit = self.follow(self.store)
        api = self.api(adit)
        stable = api.call("PUT", "/api/v1/ingresses/shop/store/weights", {"weight": 5})
        self.assert_status(stable, 404)
        self.assertIn("not-a-canary", stable.json()["type"])
        self.assertIn("shop/next", stable.json()["hint"])
        unknown = api.get("/api/v1/ingresses/shop/none/weights")
        self.assert_status(unknown, 404)
        self.assertIn("unknown-ingress", unknown.json()["type"])
        for body, status in (({"canary": 5}, 422), ({"weight": -1}, 422), ({"weight": 0.001}, 422), (b"{", 400)):
            self.assert_status(api.call("PUT", PATH, body), status)
        self.assert_status(api.call("POST", PATH, {"weight": 5}), 405)
        self.assertEqual(self.everywhere(adit), {"stable"})
        # A dot is a part of names; every byte may be escaped.
        self.assert_status(api.get("/api/v1/ingresses/%73hop/%6eext/weights"), 200)
        self.assertIn("/api/v1/ingresses/{namespace}/{name}/weights", api.get("/openapi.json").json()["paths"])

    def test_events_and_the_kill_switch(self):
        adit = self.follow(self.store)
        api = self.api(adit)
        with raw.Connection(adit.admin) as stream:
            stream.send(b"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            while b"\r\n\r\n" not in stream.data:
                stream.more()
            api.call("PUT", PATH, {"weight": 25})
            while stream.data.count(b"event: weights") < 3:  # one for each route
                stream.more()
        api.call("POST", "/api/v1/kill", {})
        now = api.get(PATH).json()
        self.assertEqual(now["weight"], 0)
        self.assertEqual({one["weights_from"] for one in now["routes"]}, {"kill"})
        self.assertEqual({one["weight"]["overridden"] for one in now["routes"]}, {25})

    def test_by_the_command(self):
        adit = self.follow(self.store)
        done = weight(adit, "set", "ingress/shop/next", "100")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("shop/next: 0 → 100 on 3 routes", done.stdout)
        self.assertEqual(self.everywhere(adit), {"canary"})
        self.assertEqual(weight(adit, "get", "ingress/shop/next").stdout.count("override"), 3)
        shown = json.loads(weight(adit, "get", "ingress/shop/next", "-o", "json").stdout)
        self.assertEqual(shown["weight"], 100)
        self.assertEqual(weight(adit, "clear", "ingress/shop/next").returncode, 0)
        self.assertEqual(self.everywhere(adit), {"stable"})
        self.assertEqual(weight(adit, "set", "ingress/shop/next", "canary=5").returncode, 2)
        self.assertEqual(weight(adit, "set", "ingress/shop/store", "5").returncode, 1)
