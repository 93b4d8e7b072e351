"""Which values are taken, and what is said of those that do nothing."""

import json
import os

import chart
import yaml

KNOWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ingress_nginx_values.yaml")
# Not in values.yaml, since their absence means something or another key has the same to say.
UNWRITTEN = {
    "controller.image.repository",
    "controller.terminationGracePeriodSeconds",
    "controller.maxUnavailable",
    "controller.service.internal.ports.http",
    "controller.service.internal.ports.https",
    "controller.service.internal.targetPorts.http",
    "controller.service.internal.targetPorts.https",
    "defaultBackend.image.repository",
    "defaultBackend.maxUnavailable",
}


def read(*path):
    with open(os.path.join(chart.CHART, *path), encoding="utf-8") as file:
        return yaml.load(file, Loader=chart.Strict)


def nested(path, value):
    for step in reversed(path.split(".")):
        value = {step: value}
    return value


def merged(into, more):
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merged(into[key], value)
        else:
            into[key] = value
    return into


def leaves(schema, path=""):
    """The keys that the schema names, those of maps whose content it leaves open as one."""
    for name, one in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        if "properties" in one:
            yield from leaves(one, here)
        else:
            yield here


class Schema(chart.Case):
    def test_names_every_value_and_no_other(self):
        with open(os.path.join(chart.CHART, "values.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        named = set(leaves(schema))
        values = read("values.yaml")

        def written(path):
            at = values
            for step in path.split("."):
                if not isinstance(at, dict) or step not in at:
                    return False
                at = at[step]
            return True

        unsupported = set(read("files", "unsupported.yaml"))
        self.assertEqual({one for one in named if not written(one)}, UNWRITTEN | unsupported)
        self.assertFalse([one for one in unsupported if written(one)])

        def check(one, path):
            if "properties" in one:
                self.assertEqual(one.get("additionalProperties", True), path.startswith("global"), path)
                for name, inner in one["properties"].items():
                    check(inner, f"{path}.{name}" if path else name)

        check(schema, "")

    def test_unknown_keys_are_refused(self):
        for path in (
            "controler.replicaCount",
            "controller.replicas",
            "controller.service.internal.typ",
            "controller.metrics.serviceMonitor.interval",
            "rbac.creat",
        ):
            said = self.refused(nested(path, 1))
            self.assertIn(
                "additional properties '"
                + path.split(".")[-1 if path.count(".") and not path.startswith("controler") else 0]
                + "' not allowed",
                said,
            )

    def test_wrong_types_are_refused(self):
        for path, value in (
            ("controller.replicaCount", "two"),
            ("controller.kind", "StatefulSet"),
            ("controller.compat", "loose"),
            ("controller.containerPort.http", 70000),
            ("controller.config", ["a"]),
            ("controller.extraArgs", {"v": ["2"]}),
            ("controller.minAvailable", "half"),
            ("controller.service.externalTrafficPolicy", "local"),
        ):
            self.assertIn("/" + path.replace(".", "/"), self.refused(nested(path, value)))

    def test_subcharts_get_globals_of_others(self):
        self.objects({"global": {"storageClass": "fast", "image": {"tag": "x"}}})


class OfIngressNginx(chart.Case):
    """Its values, as people have them in their files."""

    def test_all_its_defaults_are_taken_in_silence(self):
        with open(KNOWN, encoding="utf-8") as file:
            values = yaml.load(file, Loader=chart.Strict)
        said = self.notes(values)
        # Its image cannot be taken, and the one thing that is on by default has no counterpart.
        self.assertEqual(
            [line.split(" ")[1] for line in said.splitlines() if line.startswith("- ")],
            ["controller.admissionWebhooks", "controller.lifecycle:"],
        )
        found = chart.flags(self.objects(values))
        self.assertEqual((found["--http"], found["--https"]), (":80", ":443"))

    def test_what_has_no_effect_is_named(self):
        unsupported = {path: about for path, about in read("files", "unsupported.yaml").items() if about}
        self.assertGreater(len(unsupported), 25)
        values = {}
        for path in unsupported:
            merged(values, nested(path, {"enabled": True, "x": "y1"} if "tcp" not in path else {"80": "a/b:80"}))
        said = self.notes(values)
        for path, about in unsupported.items():
            self.assertIn(f"- {path} has no effect: {about['hint']}.", said)

    def test_what_is_off_is_not(self):
        values = {}
        for path in read("files", "unsupported.yaml"):
            merged(
                values,
                nested(
                    path,
                    (
                        {"enabled": False, "port": 8443}
                        if "admission" in path or "keda" in path
                        else {"a": "", "b": 0, "c": False, "d": {}, "e": []}
                    ),
                ),
            )
        self.assertNotIn("has no effect", self.notes(values))


class Contradictions(chart.Case):
    def test_are_refused_with_a_way_out(self):
        for path, value, said in (
            ("controller.image.image", "ingress-nginx/controller", "controller.image names the image of ingress-nginx"),
            ("controller.image.repository", "registry.k8s.io/ingress-nginx/controller", "Leave controller.image out"),
            ("rbac.scope", True, "Set controller.scope.enabled"),
            ("defaultBackend.enabled", True, "defaultBackend.enabled needs defaultBackend.image.image"),
            (
                "controller",
                {"kind": "DaemonSet", "autoscaling": {"enabled": True}},
                "controller.autoscaling scales a Deployment",
            ),
            ("controller", {"minAvailable": 2, "maxUnavailable": 1}, "not both"),
            ("controller", {"sideBySide": True, "extraArgs": {"update-status": "true"}}, "would fight over it"),
            ("controller.extraArgs.kubeconfig", "/x", "the chart runs Adit with --kubernetes"),
        ):
            self.assertIn(said, self.refused(nested(path, value)))

    def test_or_named(self):
        for path, value, said in (
            (
                "controller",
                {"hostNetwork": True, "containerPort": {"http": 80}},
                "a user without rights may bind them only where",
            ),
            ("controller.metrics.serviceMonitor.enabled", True, "serviceMonitor finds nothing without"),
            ("controller.publishService.enabled", False, "The status of Ingresses is not written"),
            ("controller.service.internal.enabled", True, "controller.service.internal has no annotations"),
        ):
            self.assertIn(said, self.notes(nested(path, value)))
        self.assertIn(
            "service account ingress/adit",
            self.notes({"rbac": {"scope": True}, "controller": {"scope": {"enabled": True}}}),
        )
