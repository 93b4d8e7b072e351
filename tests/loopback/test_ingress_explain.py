"""`adit explain` of routes that come from Ingresses: offline from a folder, and asked of a running gateway."""

import json
import os
import subprocess

import base
import cluster
from cluster import ingress

HOST = "store.example.test"


def explain(*arguments):
    return subprocess.run(
        [base.BINARY, "explain", *map(str, arguments)], capture_output=True, text=True, timeout=60
    )


class Explain(cluster.Case):
    def store(self, canary, stable=None):
        folder = self.cluster("stable", "canary")
        paths = [("/", "Prefix", "stable"), ("/cart", "Prefix", "stable")]
        folder.put("store", ingress("store", HOST, paths, annotations=stable))
        own = [("/cart", "Prefix", "canary")]
        folder.put("next", ingress("next", HOST, own, 2, annotations={"canary": "true", **canary}))
        return folder

    def story(self, folder, target, *arguments):
        done = explain(f"http://{HOST}{target}", "--manifests", folder.path, "-o", "json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_the_ingress_rule_and_path(self):
        folder = self.store({"canary-weight": "100"})
        route = self.story(folder, "/cart/1")["route"]
        self.assertEqual(route["name"], "shop/store/0/1")
        self.assertEqual({k: route["ingress"][k] for k in ("name", "rule", "path")}, {"name": "shop/store", "rule": 0, "path": 1})
        self.assertEqual(os.path.basename(route["ingress"]["file"]), "store.json")
        text = explain(f"http://{HOST}/other", "--manifests", folder.path).stdout
        self.assertRegex(text, r"ingress +shop/store, rule 0, path 0 \(.*store\.json:1\)")
        self.assertRegex(text, r"→ track stable because .*\n$")
        self.assertNotIn("annotation", text)

    def test_the_annotation_that_decided(self):
        cases = [
            ({"canary-by-header": "X-Next"}, ["-H", "X-Next: always"], "canary", "canary-by-header"),
            ({"canary-by-header": "X-Next"}, ["-H", "X-Next: never"], "stable", "canary-by-header"),
            (
                {"canary-by-header": "X-Next", "canary-by-header-value": "gold"},
                ["-H", "X-Next: gold"],
                "canary",
                "canary-by-header-value",
            ),
            (
                {"canary-by-header": "X-Next", "canary-by-header-pattern": "^g"},
                ["-H", "X-Next: gold"],
                "canary",
                "canary-by-header-pattern",
            ),
            ({"canary-by-cookie": "next"}, ["--cookie", "next=always"], "canary", "canary-by-cookie"),
            ({"canary-weight": "100"}, [], "canary", "canary-weight"),
            ({"canary-weight": "0"}, [], "stable", "canary-weight"),
        ]
        for annotations, arguments, track, annotation in cases:
            with self.subTest(annotations=annotations, arguments=arguments):
                told = self.story(self.store(annotations), "/cart", *arguments)
                self.assertEqual(told["track"]["name"], track)
                self.assertEqual(told["track"]["decided_by"], f"annotation {annotation} of Ingress shop/next")
                self.assertEqual(told["track"].get("ingress"), "shop/next" if track == "canary" else None)
                self.assertTrue(told["summary"].endswith(f" (annotation {annotation} of Ingress shop/next)"), told["summary"])

    def test_what_cannot_be_served_is_named_and_the_rest_explained(self):
        folder = self.store({"canary-weight": "100"})
        folder.put("bad", ingress("bad", "bad.test", [("/", "Prefix", "stable")], annotations={"limit-rps": "many"}))
        done = explain(f"http://{HOST}/cart", "--manifests", folder.path)
        self.assertEqual(done.returncode, 0)
        self.assertIn("limit-rps", done.stderr)
        self.assertIn("→ track canary", done.stdout)
        self.assertEqual(explain("http://x/", "--manifests", os.path.join(folder.path, "none")).returncode, 1)
        both = ["--manifests", folder.path, "--config", "adit.yaml"]
        self.assertEqual(explain("http://x/", *both).returncode, 2)

    def test_a_running_gateway_tells_the_same_and_who_went_over_it(self):
        folder = self.store({"canary-weight": "0"})
        adit = self.follow(folder)
        api = self.api(adit)
        ask = lambda: api.call("POST", "/api/v1/explain", {"url": f"http://{HOST}/cart"}).json()
        told = ask()
        offline = self.story(folder, "/cart")
        self.assertEqual(told["route"]["ingress"], offline["route"]["ingress"])
        self.assertEqual(told["track"]["decided_by"], offline["track"]["decided_by"])
        api.call("PUT", "/api/v1/routes/shop%2Fstore%2F0%2F1/weights", {"canary": 100})
        told = ask()
        self.assertEqual(told["track"]["name"], "canary")
        self.assertRegex(told["track"]["decided_by"], "^the override of anonymous@")
