"""The program takes what the chart hands to it: flags, keys, token, settings; and the rules know its metrics."""

import json
import os
import re
import subprocess
import unittest
import urllib.error
import urllib.request

import chart
import yaml
from chart import flags, pick, program, run
from test_render import EVERYTHING

METRIC = re.compile(r"\b(?:adit|process|nginx_ingress_controller)_[a-z0-9_]+")
# A group by is over labels, a function over names.
LABEL = re.compile(r"\b(?:by|on)\s*\(([^)]*)\)")
TARGET = {"le", "namespace", "pod", "instance", "job"}  # these come from the scrape
FLAVOURS = (
    None,
    EVERYTHING,
    {"controller": {"sideBySide": True}},
    {"controller": {"watchIngressWithoutClass": True, "scope": {"namespaceSelector": "a=b"}}},
    {
        "controller": {
            "scope": {"enabled": True},
            "extraArgs": {"v": 2, "default-ssl-certificate": "a/b", "enable-metrics": "true"},
        }
    },
)


class WithProgram(chart.Case):
    def setUp(self):
        super().setUp()
        if not program():
            self.skipTest(f"no program at {chart.BINARY}: ./dev build, or --adit")


class Flags(WithProgram):
    def refusal(self, arguments):
        """What the program says, once it has read its flags, of a configuration that is not there."""
        done = run(chart.BINARY, "serve", "--config", "/nonexistent/adit.yaml", *arguments)
        return done.returncode, done.stderr

    def test_every_flag_is_known(self):
        self.assertEqual(self.refusal(["--no-such-flag=1"])[0], 2)
        for values in FLAVOURS:
            objects = self.objects(values)
            words = chart.container(objects)["args"]
            self.assertEqual(words[:2], ["serve", "--kubernetes"])
            # One at a time, so that a flag that is not known is told apart from one that does not go with others.
            for word in words[2:]:
                self.assertEqual(self.refusal([word])[0], 1, (word, self.refusal([word])[1]))
            self.assertEqual(self.refusal([w for w in words[2:]])[0], 1, self.refusal(words[2:])[1])

    def test_source_is_the_cluster(self):
        if "--kubernetes" not in run(chart.BINARY, "serve", "--help").stdout:
            self.skipTest("this program does not know --kubernetes yet")
        outside = {name: value for name, value in os.environ.items() if not name.startswith("KUBERNETES_")}
        done = run(chart.BINARY, *chart.container(self.objects())["args"], env=outside)
        self.assertEqual(done.returncode, 1, done.stderr)


class Started(WithProgram):
    """The program, started with what a pod would find, on the cluster's objects as manifests."""

    def start(self, objects, *more):
        folder = self.folder()
        keys = chart.secret_files(pick(objects, "Secret", "adit-keys"), os.path.join(folder, "keys"))
        manifests = os.path.join(folder, "manifests")
        os.mkdir(manifests)
        with open(os.path.join(manifests, "all.yaml"), "w", encoding="utf-8") as file:
            yaml.safe_dump_all([one for one in objects if one["kind"] in ("ConfigMap", "IngressClass")], file)
        given = flags(objects)
        given.update(
            {
                "--keys": keys,
                "--http": "127.0.0.1:0",
                "--https": "127.0.0.1:0",
                "--status": "127.0.0.1:0",
                "--admin": "127.0.0.1:0",
            }
        )
        if "--admin-token-file" in given:
            token = chart.secret_files(pick(objects, "Secret", "adit-admin-token"), os.path.join(folder, "admin"))
            given["--admin-token-file"] = os.path.join(token, "token")
        del given["--kubernetes"]
        words = [name if value is None else f"{name}={value}" for name, value in given.items()]
        log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
        process = subprocess.Popen(
            [chart.BINARY, "serve", "--manifests", manifests, *words, *more],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

        def stop():
            process.kill()
            process.wait()
            process.stdout.close()
            log.close()

        self.addCleanup(stop)
        line = process.stdout.readline()
        log.seek(0)
        self.said = log.read()
        self.assertTrue(line, self.said)
        return json.loads(line)

    def get(self, address, path, token=None):
        request = urllib.request.Request(f"http://{address}{path}")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def test_keys_settings_and_probes(self):
        objects = self.objects({"controller": {"config": {"proxy-body-size": "8m"}}})
        where = self.start(objects)
        for name in ("livenessProbe", "readinessProbe"):
            self.get(where["status"], chart.container(objects)[name]["httpGet"]["path"])
        for line in self.said.splitlines():
            self.assertNotIn('"level":"error"', line)
            self.assertNotIn("onfigMap", line)

    def test_token_lets_in(self):
        objects = self.objects({"controller": {"admin": {"service": {"enabled": True}}}})
        where = self.start(objects)
        folder = chart.secret_files(pick(objects, "Secret", "adit-admin-token"), self.folder())
        with open(os.path.join(folder, "token"), encoding="utf-8") as file:
            token = file.read()
        self.assertIn("routes", self.get(where["admin"], "/api/v1/routes", token))
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.get(where["admin"], "/api/v1/routes")
        caught.exception.close()
        self.assertEqual(caught.exception.code, 401)


class Metrics(Started):
    """Board and rules ask for what the program exports, and in a way that fits its kind."""

    def exported(self):
        """{name: kind}; what is only exported where it is used is looked up in the sources and has no kind."""
        text = self.get(self.start(self.objects())["status"], "/metrics")
        found = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
        for metric in re.findall(r'"(adit_[a-z0-9_]+)"', self.sources()):
            found.setdefault(metric, None)
        return found

    @staticmethod
    def sources():
        room = os.path.join(chart.ROOT, "gateway", "observe")
        text = ""
        for name in sorted(os.listdir(room)):
            with open(os.path.join(room, name), encoding="utf-8") as file:
                text += file.read()
        return text

    def expressions(self):
        for group in rules()["groups"]:
            for rule in group["rules"]:
                yield rule["alert"], rule["expr"]
        with open(os.path.join(chart.CHART, "files", "dashboard.json"), encoding="utf-8") as file:
            board = json.load(file)
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                yield panel["title"], target["expr"]

    def test_every_name_is_exported(self):
        exported = self.exported()
        self.assertGreater(len(exported), 40)
        for title, text in self.expressions():
            names = METRIC.findall(text)
            self.assertTrue(names, title)
            for name in names:
                base = re.sub(r"_(bucket|sum|count)$", "", name)
                kind = exported.get(name) or ("histogram" if exported.get(base) == "histogram" else None)
                self.assertTrue(name in exported or base in exported, f"{title}: nothing exports {name}")
                rated = re.search(rf"\b(?:rate|increase)\({name}\b", text) is not None
                if kind:
                    self.assertEqual(rated, kind in ("counter", "histogram"), f"{title}: {name} is a {kind}")

    def test_every_label_is_exported(self):
        for title, expression in self.expressions():
            for group in LABEL.findall(expression):
                for label in filter(None, (one.strip() for one in group.split(","))):
                    self.assertTrue(label in TARGET or f'"{label}"' in self.sources(), f"{title}: {label}")


def rules():
    with open(os.path.join(chart.CHART, "files", "rules.yaml"), encoding="utf-8") as file:
        return yaml.load(file, Loader=chart.Strict)


class Rules(unittest.TestCase):
    FILE = os.path.join(chart.CHART, "files", "rules.yaml")
    TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rules_test.yaml")

    def promtool(self, *arguments):
        try:
            done = run("promtool", *arguments)
        except FileNotFoundError:
            self.skipTest("no promtool: ./dev setup chart")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_promtool_takes_them(self):
        self.promtool("check", "rules", self.FILE)

    def test_they_say_what_they_should(self):
        self.promtool("test", "rules", self.TESTS)

    def test_every_alert_is_tested_both_ways(self):
        with open(self.TESTS, encoding="utf-8") as file:
            cases = [case for test in yaml.safe_load(file)["tests"] for case in test["alert_rule_test"]]
        for rule in rules()["groups"][0]["rules"]:
            mine = [bool(case.get("exp_alerts")) for case in cases if case["alertname"] == rule["alert"]]
            self.assertEqual({True, False}, set(mine), rule["alert"])
            self.assertEqual({"summary", "description"}, set(rule["annotations"]))


class Monitoring(chart.Case):
    def test_objects_of_the_operator(self):
        objects = self.objects(EVERYTHING)
        groups = pick(objects, "PrometheusRule")["spec"]["groups"]
        self.assertEqual([groups[0]], rules()["groups"])
        self.assertEqual(groups[1]["rules"], [{"alert": "Mine", "expr": "vector(1)"}])
        own = {
            "controller": {
                "metrics": {
                    "enabled": True,
                    "prometheusRule": {
                        "enabled": True,
                        "defaultRules": False,
                        "rules": [{"alert": "Mine", "expr": "vector(1)"}],
                    },
                }
            }
        }
        self.assertEqual(len(pick(self.objects(own), "PrometheusRule")["spec"]["groups"]), 1)
        monitor = pick(objects, "ServiceMonitor")["spec"]
        labels = pick(objects, "Service", "adit-controller-metrics")["metadata"]["labels"]
        self.assertLessEqual(monitor["selector"]["matchLabels"].items(), labels.items())
        self.assertEqual(
            monitor["endpoints"][0]["port"],
            pick(objects, "Service", "adit-controller-metrics")["spec"]["ports"][0]["name"],
        )
        others = [
            one["metadata"]["labels"]
            for one in objects
            if one["kind"] == "Service" and not one["metadata"]["name"].endswith("-metrics")
        ]
        self.assertFalse([one for one in others if monitor["selector"]["matchLabels"].items() <= one.items()])

    def test_board_is_whole(self):
        text = pick(self.objects(EVERYTHING), "ConfigMap", "adit-controller-dashboard")["data"]["adit.json"]
        with open(os.path.join(chart.CHART, "files", "dashboard.json"), encoding="utf-8") as file:
            board = json.load(file)
        self.assertEqual(json.loads(text), board)
        self.assertEqual(len({panel["id"] for panel in board["panels"]}), len(board["panels"]))
        for panel in board["panels"]:
            self.assertTrue(panel["type"] == "row" or panel["description"], panel["title"])
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], 24)
