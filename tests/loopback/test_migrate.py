"""`adit migrate`: what becomes of a cluster's Ingresses, from files, folders and stdin."""

import json
import os
import subprocess

import base
import cluster
from cluster import ingress

PREFIX = cluster.PREFIX
PATHS = [("/", "Prefix", "store")]


def migrate(*arguments, given=""):
    return subprocess.run(
        [base.BINARY, "migrate", *map(str, arguments)],
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
    )


def dump(*objects):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})


def settings(**data):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "ingress-nginx-controller", "namespace": "ingress-nginx"},
        "data": {key.replace("_", "-"): value for key, value in data.items()},
    }


class Migrate(base.Case):
    def json(self, *arguments, given=""):
        done = migrate(*arguments, "--format", "json", given=given)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual(done.stderr, "")
        report = json.loads(done.stdout)
        self.assertEqual(report["ready"], done.returncode == 0)
        return report

    def state_of(self, report, name):
        return next(one["state"] for one in report["objects"] if one["name"] == name)

    def finding(self, report, name, what):
        for one in report["objects"]:
            for each in one["findings"] if one["name"] == name else ():
                if each["what"] in (what, PREFIX + what):
                    return each
        self.fail(f"nothing is said of {what} of {name}: {report}")

    def test_what_kubectl_says_through_a_pipe(self):
        good = ingress("store", "x.test", PATHS, annotations={"proxy-body-size": "8m", "limit-rps": "10"})
        canary = ingress("next", "x.test", PATHS, 2, annotations={"canary": "true", "canary-weight": "10"})
        canary["spec"]["rules"][0]["http"]["paths"][0]["backend"] = cluster.backend("next")
        done = migrate("-", given=dump(good, canary, settings(proxy_body_size="20m", worker_processes="4")))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("2 Ingresses: 1 ready, 1 differs, 0 blocked", done.stdout)
        self.assertRegex(done.stdout, r"differs +limit-rps: 10 .*429")
        self.assertRegex(done.stdout, r"supported +canary-weight: 10")
        self.assertRegex(done.stdout, r"needless +worker-processes: 4")

    def test_one_bad_object_blocks_itself_only(self):
        bad = ingress("bad", "bad.test", PATHS, annotations={"limit-rps": "many"})
        broken = ingress("broken", "broken.test", PATHS)
        broken["spec"]["rules"][0]["http"]["paths"][0]["pathType"] = "Nonsense"
        folder = self.folder()
        base.write(os.path.join(folder, "a.json"), dump(ingress("good", "good.test", PATHS), bad, broken))
        base.write(os.path.join(folder, "b.yaml"), "{nothing that could be read")
        base.write(os.path.join(folder, ".hidden.yaml"), "{nothing that could be read")
        report = self.json(folder)
        self.assertEqual(self.state_of(report, "shop/good"), "ready")
        self.assertEqual(self.state_of(report, "shop/bad"), "blocked")
        self.assertEqual(self.state_of(report, "shop/broken"), "blocked")
        self.assertEqual(report["ingresses"], {"ready": 1, "differ": 0, "blocked": 2, "left_out": 0})
        self.assertEqual([os.path.basename(one["file"]) for one in report["problems"]], ["b.yaml"])
        # A file of any name, and one that is not there.
        report = self.json(os.path.join(folder, "a.json"), os.path.join(folder, "none"))
        self.assertEqual(len(report["problems"]), 1, report["problems"])
        self.assertEqual(self.state_of(report, "shop/good"), "ready")

    def test_warnings_of_the_translation_are_those_of_check(self):
        folder = cluster.Folder(self.folder())
        folder.put_service("store", 9)
        folder.put_service("next", 9)
        folder.put("store", ingress("store", "x.test", [*PATHS, ("/b", "Prefix", "store")]))
        annotations = {"canary": "true", "canary-weight": "12.5"}
        folder.put("next", ingress("next", "x.test", [("/", "Prefix", "next")], 2, annotations=annotations))
        check = subprocess.run(
            [base.BINARY, "check", "--manifests", folder.path, "-o", "json"], capture_output=True, text=True
        )
        told = {one["message"] for one in json.loads(check.stdout)["complaints"]}
        self.assertEqual(len(told), 2, told)
        report = self.json(folder.path)
        said = " ".join(each.get("detail", "") for one in report["objects"] for each in one["findings"])
        for message in told:
            self.assertIn(message, said)
        self.assertIn("#8689", said)
        self.assertEqual(self.state_of(report, "shop/next"), "differs")
        self.assertEqual(self.state_of(self.json(folder.path, "--compat", "strict"), "shop/next"), "ready")

    def test_the_config_map(self):
        one = ingress("store", "x.test", PATHS)
        report = self.json("-", given=dump(one, settings(use_gzip="true")))
        self.assertEqual(self.state_of(report, "ingress-nginx/ingress-nginx-controller"), "blocked")
        self.assertEqual(self.finding(report, "ingress-nginx/ingress-nginx-controller", "use-gzip")["status"], "unsupported")
        other = {**settings(use_gzip="true"), "metadata": {"name": "mine", "namespace": "x"}}
        self.assertTrue(self.json("-", given=dump(one, other))["ready"])
        self.assertFalse(self.json("-", "--configmap", "x/mine", given=dump(one, other))["ready"])

    def test_snippets_are_read_and_a_replacement_is_named(self):
        text = 'more_set_headers "X-Frame-Options: DENY";\nlocation ~ /\\.git { deny all; }\nsub_filter a b;'
        report = self.json("-", given=dump(ingress("store", "x.test", PATHS, annotations={"server-snippet": text})))
        found = self.finding(report, "shop/store", "server-snippet")
        self.assertEqual(found["status"], "unsupported")
        self.assertEqual(len(found["instead"]), 3, found)
        self.assertIn("custom-headers", found["instead"][0])
        self.assertIn("denylist-source-range", found["instead"][1])
        self.assertIn("nothing does this yet", found["instead"][2])

    def test_markdown_is_a_table_whatever_objects_hold(self):
        hostile = ingress("store", "x.test", PATHS, annotations={"app-root": "a|b`c\n\x1b[31m<script>"})
        done = migrate("-", "--format", "markdown", given=dump(hostile))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        row = next(line for line in done.stdout.splitlines() if "app-root" in line)
        self.assertRegex(row, r"^\| note \| `app-root: [^`|]*\\\|[^`|]*` \|")
        self.assertIn("## Ingress shop/store: ready", done.stdout)
        self.assertNotIn("\x1b", migrate("-", given=dump(hostile)).stdout)

    def test_usage(self):
        self.assertEqual(migrate().returncode, 2)
        self.assertEqual(migrate("-", "--format", "html").returncode, 2)
        done = migrate("-", given="")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no Ingress", done.stdout)

    def test_other_classes_are_left_out(self):
        other = ingress("other", "y.test", PATHS, annotations={"limit-rps": "many"}, ingressClassName="traefik")
        report = self.json("-", given=dump(ingress("store", "x.test", PATHS), other))
        self.assertTrue(report["ready"])
        self.assertEqual(self.state_of(report, "shop/other"), "left out")
        report = self.json("-", "--ingress-class", "traefik", given=dump(other))
        self.assertEqual(self.state_of(report, "shop/other"), "blocked")
