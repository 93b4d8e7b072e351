"""What the tests of the chart share: where the tools are, and a TestCase that renders the chart."""

import base64
import os
import shutil
import subprocess
import tempfile
import unittest

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHART = os.path.join(ROOT, "charts", "adit")
BINARY = os.path.join(ROOT, "build", "release", "adit")
SPACE = "ingress"
NOTES = """{{ end }}
apiVersion: v1
kind: ConfigMap
metadata: {name: notes}
data:
  text: |
    {{- include "notes" . | nindent 4 }}
"""


def helm():
    """The helm to use, or None."""
    cached = os.path.expanduser(os.path.join(os.environ.get("XDG_CACHE_HOME", "~/.cache"), "adit", "bin", "helm"))
    return os.environ.get("ADIT_HELM") or shutil.which("helm") or shutil.which(cached)


def program():
    return BINARY if os.access(BINARY, os.X_OK) else None


class Refused(Exception):
    """helm did not take the values; what it said."""


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, **more)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        if not helm():
            self.skipTest("no helm: ./dev test chart builds one, or set ADIT_HELM")

    def folder(self):
        path = tempfile.mkdtemp(prefix="chart.")
        self.addCleanup(shutil.rmtree, path, True)
        return path

    def helm(self, command, *arguments, values=None, release="adit", where=CHART):
        call = [helm(), command]
        if release:
            call.append(release)
        call += [where, "--namespace", SPACE]
        if values is not None:
            path = os.path.join(self.folder(), "values.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(values if isinstance(values, str) else yaml.safe_dump(values))
            call += ["--values", path]
        done = run(*call, *arguments)
        if done.returncode != 0:
            raise Refused(done.stderr + done.stdout)
        return done.stdout

    def objects(self, values=None, *arguments, **more):
        """The rendered objects, as a list; values are YAML text or a dict."""
        text = self.helm("template", *arguments, values=values, **more)
        found = [one for one in yaml.load_all(text, Loader=Strict) if one]
        for one in found:
            self.assertTrue(one.get("apiVersion") and one.get("kind") and one["metadata"].get("name"), one)
        names = [(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in found]
        self.assertEqual(len(names), len(set(names)), names)
        return found

    def notes(self, values=None):
        """What is said after an installation. helm renders it only for a cluster, and so it gets it as a template."""
        copy = os.path.join(self.folder(), "adit")
        shutil.copytree(CHART, copy)
        templates = os.path.join(copy, "templates")
        with open(os.path.join(templates, "NOTES.txt"), encoding="utf-8") as file:
            text = file.read()
        os.remove(os.path.join(templates, "NOTES.txt"))
        with open(os.path.join(templates, "notes.yaml"), "w", encoding="utf-8") as file:
            file.write('{{ define "notes" }}' + text + NOTES)
        return yaml.safe_load(self.helm("template", "--show-only", "templates/notes.yaml", values=values, where=copy))[
            "data"
        ]["text"]

    def refused(self, values):
        with self.assertRaises(Refused) as caught:
            self.helm("template", values=values)
        return str(caught.exception)


class Strict(yaml.SafeLoader):
    """Refuses maps that name a key twice, as the API server does where it validates strictly."""


def strict_map(loader, node, deep=False):
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    twice = [key for key in keys if keys.count(key) > 1]
    if twice:
        raise yaml.constructor.ConstructorError(None, None, f"{twice[0]!r} stands twice", node.start_mark)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, strict_map)


def pick(objects, kind, name=None):
    found = [one for one in objects if one["kind"] == kind and name in (None, one["metadata"]["name"])]
    if len(found) != 1:
        raise AssertionError(
            f"{len(found)} objects {kind} {name or ''} among {[(o['kind'], o['metadata']['name']) for o in objects]}"
        )
    return found[0]


def kinds(objects):
    return {one["kind"] for one in objects}


def pod(objects):
    found = [one for one in objects if one["kind"] in ("Deployment", "DaemonSet")]
    return next(one for one in found if one["metadata"]["name"].endswith("-controller"))["spec"]["template"]["spec"]


def container(objects):
    return pod(objects)["containers"][0]


def flags(objects):
    """The arguments of the program as {flag: value or None}; a flag that stands twice is an error."""
    out = {}
    for word in container(objects)["args"][1:]:
        name, equals, value = word.partition("=")
        if name in out:
            raise AssertionError(f"{name} stands twice")
        out[name] = value if equals else None
    return out


def secret_files(secret, folder):
    """Writes what a mounted Secret shows."""
    os.makedirs(folder, exist_ok=True)
    for name, value in secret["data"].items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(base64.b64decode(value, validate=True))
    return folder
