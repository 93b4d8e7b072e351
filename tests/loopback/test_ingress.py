"""`adit serve --manifests`: Ingresses as ingress-nginx reads them, from a folder that changes."""

import collections
import json
import os
import threading

import base
import cluster
import daemon
import raw
from cluster import ingress

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = "store.example.test"
CANARY = {"canary": "true", "canary-by-header": "X-Next"}


def who(answer):
    return answer.json()["name"] if answer.status == 200 else answer.status


class Folder(cluster.Case):
    def ask(self, adit, target="/", host=HOST, **more):
        return who(raw.ask(adit.http[0], target, host=host, **more))

    def stable_and_canary(self, **annotations):
        folder = self.cluster("stable", "canary")
        folder.put("stable", ingress("store", HOST, [("/", "Prefix", "stable")]))
        folder.put(
            "canary",
            ingress("next", HOST, [("/", "Prefix", "canary")], 2, annotations={**CANARY, **annotations}),
        )
        return folder

    def test_a_change_is_in_force_within_a_second_and_costs_no_request(self):
        folder = self.stable_and_canary()
        adit = self.follow(folder)
        self.assertEqual(self.ask(adit), "stable")
        self.assertEqual(self.ask(adit, fields=[("X-Next", "always")]), "canary")
        failures, over = collections.Counter(), threading.Event()

        def load():
            with raw.Connection(adit.http[0]) as c:
                while not over.is_set():
                    failures[c.ask("/", HOST).status] += 1

        thread = threading.Thread(target=load)
        thread.start()
        annotations = {"canary": "true", "canary-weight": "100"}
        folder.put("canary", ingress("next", HOST, [("/", "Prefix", "canary")], 2, annotations=annotations))
        daemon.until(lambda: self.ask(adit) == "canary", "the weight", 1.0)
        folder.put_service("canary", self.mirror_port("canary"), ready=0, unready=2)
        daemon.until(lambda: self.ask(adit) == "stable", "the endpoints to go", 1.0)
        folder.put_service("canary", self.mirror_port("canary"))
        daemon.until(lambda: self.ask(adit) == "canary", "the endpoints to come back", 1.0)
        folder.remove("canary")
        daemon.until(lambda: self.ask(adit) == "stable", "the Ingress to go", 1.0)
        over.set()
        thread.join()
        self.assertEqual(set(failures), {200}, failures)

    def test_one_bad_object_stops_no_other_and_its_last_good_version_stays(self):
        folder = self.stable_and_canary()
        adit = self.follow(folder)
        base.write(os.path.join(folder.path, "canary.json"), "{not json")
        folder.put("other", ingress("other", "other.test", [("/", "Prefix", "stable")]))
        daemon.until(lambda: self.ask(adit, host="other.test") == "stable", "the good object", 1.0)
        self.assertEqual(self.ask(adit, fields=[("X-Next", "always")]), "canary")
        self.assertIn("canary.json", self.api(adit).get("/readyz?verbose").body.decode())
        # Where ingress-nginx refuses an annotation it keeps the last version too.
        bad = ingress("other", "other.test", [("/", "Prefix", "canary")], annotations={"limit-rps": "abc"})
        folder.put("other", bad)
        folder.put("third", ingress("third", "third.test", [("/", "Prefix", "canary")]))
        daemon.until(lambda: self.ask(adit, host="third.test") == "canary", "the good object", 1.0)
        self.assertEqual(self.ask(adit, host="other.test"), "stable")
        self.assertIn("limit-rps", adit.log())

    def test_a_mounted_config_map(self):
        real = self.cluster("stable", "canary")
        path = self.folder()

        def mount(version, target):
            os.mkdir(os.path.join(path, version))
            one = ingress("store", HOST, [("/", "Prefix", target)])
            with open(os.path.join(path, version, "store.yaml"), "w") as f:
                f.write("---\n# made by a template\n---\n" + json.dumps(one) + "\n---\n" + json.dumps(cluster.CLASS))
            os.symlink(version, os.path.join(path, "..tmp"))
            os.rename(os.path.join(path, "..tmp"), os.path.join(path, "..data"))

        for name in os.listdir(real.path):
            os.rename(os.path.join(real.path, name), os.path.join(path, name))
        mount("..1", "stable")
        os.symlink("..data/store.yaml", os.path.join(path, "store.yaml"))
        os.unlink(os.path.join(path, "class.json"))
        real.path = path
        adit = self.follow(real)
        self.assertEqual(self.ask(adit), "stable")
        mount("..2", "canary")
        daemon.until(lambda: self.ask(adit) == "canary", "the new version", 1.0)

    def test_routes_have_names_that_the_api_takes(self):
        folder = self.stable_and_canary()
        adit = self.follow(folder)
        api = self.api(adit)
        names = [one["name"] for one in api.get("/api/v1/routes").json()["routes"]]
        self.assertEqual(names, ["shop/store/0/0"])
        self.assertEqual(api.get("/api/v1/routes/shop%2Fstore%2F0%2F0").status, 200)
        self.assertEqual(api.call("PUT", "/api/v1/routes/shop%2Fstore%2F0%2F0/weights", {"canary": 100}).status, 200)
        self.assertEqual(self.ask(adit), "canary")
        self.assertEqual(api.metric("adit_requests_total", route="shop/store", track="canary", method="GET"), 1)
        story = api.call("POST", "/api/v1/explain", {"url": f"http://{HOST}/", "headers": {"X_NEXT": "never"}})
        self.assertEqual(story.status, 200, story)

    def test_flags_of_ingress_nginx_are_taken(self):
        folder = self.cluster("stable")
        own = ingress("own", "own.test", [("/", "Prefix", "stable")], ingressClassName="mine")
        folder.put("own", own)
        folder.put(
            "mine",
            dict(cluster.CLASS, metadata={"name": "mine"}, spec={"controller": "example.test/mine"}),
        )
        bare = ingress("bare", "bare.test", [("/", "Prefix", "stable")])
        del bare["spec"]["ingressClassName"]
        folder.put("bare", bare)
        folder.put("other", ingress("other", "other.test", [("/", "Prefix", "stable")], namespace="labs"))
        adit = self.follow(folder)
        got = [self.ask(adit, host=h) for h in ("own.test", "bare.test")]
        self.assertEqual(got, [404, 404])
        adit = self.follow(
            folder,
            "--controller-class=example.test/mine",
            "--watch-ingress-without-class",
            "--watch-namespace=shop",
            "--election-id=ingress-leader",
            "--publish-service=ingress/controller",
            "--enable-metrics=true",
            "--v=2",
        )
        got = [self.ask(adit, host=h) for h in ("own.test", "bare.test", "other.test")]
        self.assertEqual(got, ["stable", "stable", 404])
        self.assertIn("--election-id", adit.log())

    def test_an_empty_folder_is_served_and_a_missing_one_is_not(self):
        folder = self.cluster()
        adit = self.follow(folder)
        self.assertEqual(self.ask(adit), 404)
        folder.path = os.path.join(folder.path, "nowhere")
        with self.assertRaises(daemon.StartFailed) as failed:
            self.follow(folder)
        self.assertIn("cannot be read", str(failed.exception))


class Cases(cluster.Case):
    """Cases that say how ingress-nginx routes (`expect`), and what Adit does better unless told not to (`better`)."""

    @classmethod
    def chosen(cls):
        with open(os.path.join(HERE, "canary_cases.json")) as f:
            everything = json.load(f)["cases"]
        seen = collections.Counter()
        for one in everything:
            seen[one["group"]] += 1
            text = json.dumps(one)
            if base.LONG or '"better"' in text or seen[one["group"]] <= 2:
                yield one

    @staticmethod
    def rules(one):
        if "rules" in one:
            return [(r.get("host"), r["paths"]) for r in one["rules"]]
        if "paths" in one:
            return [(one.get("host"), one["paths"])]
        return [(one.get("host"), [one])] if "backend" in one else []

    def object_of(self, one):
        spec = {}
        if "defaultBackend" in one:
            spec["defaultBackend"] = cluster.backend(one["defaultBackend"]["service"])
        made = ingress(one["name"], None, (), one.get("created", 1), one["namespace"], **spec)
        made["metadata"]["annotations"] = one.get("annotations", {})
        for host, paths in self.rules(one):
            rule = {"http": {"paths": []}, **({"host": host} if host else {})}
            for p in paths:
                path = {"pathType": p.get("pathType", "ImplementationSpecific")}
                path["backend"] = cluster.backend(p["backend"]["service"])
                rule["http"]["paths"].append({**path, **({"path": p["path"]} if "path" in p else {})})
            made["spec"].setdefault("rules", []).append(rule)
        return made

    def services(self, case):
        objects = case["ingresses"] + [s["update"] for s in case.get("steps", []) if "update" in s]
        for one in objects:
            spare = [one["defaultBackend"]] if "defaultBackend" in one else []
            for b in spare + [p["backend"] for _, paths in self.rules(one) for p in paths]:
                yield one["namespace"], b["service"]

    def put_services(self, folder, case):
        self.letters = {}
        for at, (namespace, name) in enumerate(sorted(set(self.services(case)))):
            port = self.mirror_port("abcd"[at])
            self.letters["abcd"[at]] = name
            want = case.get("services", {}).get(name, {})
            if not want.get("missing"):
                ready = min(want.get("ready_endpoints", 1), 1)
                folder.put_service(name, port, ready, want.get("not_ready_endpoints", 0), namespace)

    def request(self, wish, jar):
        fields = []
        for name, value in wish.get("headers", {}).items():
            fields += [(name, v) for v in (value if isinstance(value, list) else [value])]
        cookies = {**wish.get("cookies", {}), **(jar if wish.get("use_saved_cookies") else {})}
        line = wish.get("raw_cookie_header") or "; ".join(f"{k}={v}" for k, v in cookies.items())
        if line:
            fields.append(("Cookie", line))
        body = b"x" * wish.get("body_bytes", 0)
        return raw.head(wish["method"], wish["path"], wish["host"], fields, body or None)

    def measure(self, adit, wish, jar, times):
        counts, last = collections.Counter(), None
        request = self.request(wish, jar)
        with raw.Connection(adit.http[0]) as c:
            for _ in range(times):
                c.send(request)
                last = c.read(wish["method"])
                counts[self.letters.get(who(last), last.status)] += 1
                if (last.get("connection") or "").lower() == "close":
                    break
        return counts, last

    def judge(self, adit, wish, expect, jar):
        shares = expect.get("shares") or ([expect["share"]] if "share" in expect else [])
        if not shares:
            counts, last = self.measure(adit, wish, jar, 3)
            self.assertEqual(set(counts), {expect.get("service", expect["status"])})
            self.assertEqual(last.status, expect["status"])
            for name, value in expect.get("headers", {}).items():
                self.assertEqual(last.get(name), value)
            if "upstream_path" in expect:
                self.assertEqual(last.json()["target"], expect["upstream_path"])
            self.judge_cookies(last, expect)
        for one in shares:
            times = 2000 if 0 < one["fraction"] < 0.02 else 300
            counts, last = self.measure(adit, wish, jar, times)
            self.assert_share(counts[one["service"]], times, 100 * one["fraction"])
            self.assertTrue(all(isinstance(k, str) for k in counts), counts)
        return last

    def judge_cookies(self, answer, expect):
        set_now = {line.split("=", 1)[0]: line for line in answer.all("set-cookie")}
        for name in expect.get("no_set_cookie", []):
            self.assertNotIn(name, set_now)
        wish = expect.get("set_cookie")
        if not wish:
            return
        attributes = {p.strip().split("=")[0].lower(): p.partition("=")[2] for p in set_now[wish["name"]].split(";")}
        for key in ("path", "domain", "samesite", "max_age"):
            if key in wish:
                self.assertEqual(attributes[key.replace("_", "-")].lower(), str(wish[key]).lower())
        for key in ("secure", "httponly"):
            if key in wish:
                self.assertEqual(key in attributes, wish[key])

    def play(self, case, mode):
        folder = cluster.Folder(self.folder())
        arguments = ["--compat", mode]
        if case.get("config"):
            data = {"apiVersion": "v1", "kind": "ConfigMap", "data": case["config"]}
            folder.put("settings", dict(data, metadata={"name": "settings", "namespace": "ingress"}))
            arguments += ["--configmap", "ingress/settings"]
        for one in case["ingresses"]:
            folder.put(f"{one['namespace']}-{one['name']}", self.object_of(one))
        self.put_services(folder, case)
        with self.follow(folder, *arguments, workers=1) as adit:
            jar = {}
            for step in case.get("steps", [case]):
                if "request" not in step:
                    self.change(folder, step, adit)
                    continue
                expect = step["better"] if mode == "fixed" and "better" in step else step["expect"]
                last = self.judge(adit, step["request"], expect, jar)
                if step.get("save_cookies"):
                    for line in last.all("set-cookie"):
                        name, _, value = line.split(";")[0].partition("=")
                        jar[name] = value

    def change(self, folder, step, adit):
        before = self.generation(adit)
        if "update" in step:
            one = step["update"]
            folder.put(f"{one['namespace']}-{one['name']}", self.object_of(one))
        elif "delete" in step:
            folder.remove(step["delete"].replace("/", "-"))
        for name, ready in step.get("endpoints", {}).items():
            letter = next(k for k, v in self.letters.items() if v == name)
            folder.put_service(name, self.mirror_port(letter), ready)
        daemon.until(lambda: self.generation(adit) > before, "the change", 1.0)

    def generation(self, adit):
        return self.api(adit).metric("adit_config_generation")

    def test_both_ways(self):
        for case in self.chosen():
            for mode in ("strict", "fixed"):
                with self.subTest(case=case["id"], mode=mode, name=case["name"]):
                    self.play(case, mode)
