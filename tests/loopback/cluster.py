"""A folder of Kubernetes objects that `adit serve --manifests` reads, and mirrors that stand for Services."""

import json
import os

import base

PREFIX = "nginx.ingress.kubernetes.io/"
CLASS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "nginx"},
    "spec": {"controller": "k8s.io/ingress-nginx"},
}


def backend(service, port=80):
    return {"service": {"name": service, "port": {"number": port}}}


def ingress(name, host=None, paths=(), created=1, namespace="shop", annotations=None, rules=None, **spec):
    """`paths`: (path, type, service). `annotations` without their prefix."""
    if rules is None and paths:
        rules = [(host, paths)]
    for one_host, some in rules or ():
        rule = {
            "http": {"paths": [{"path": p, "pathType": t, "backend": backend(s)} for p, t, s in some]},
            **({"host": one_host} if one_host else {}),
        }
        spec.setdefault("rules", []).append(rule)
    spec.setdefault("ingressClassName", "nginx")
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "creationTimestamp": f"2026-01-01T00:{created:02}:00Z",
            "annotations": {PREFIX + k: v for k, v in (annotations or {}).items()},
        },
        "spec": spec,
    }


def service(name, namespace="shop"):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"clusterIP": "10.96.0.9", "ports": [{"name": "http", "port": 80, "targetPort": 8080}]},
    }


def slice_of(name, port, ready=1, unready=0, namespace="shop", address="127.0.0.1"):
    ends = [{"addresses": [address], "conditions": {"ready": True}}] * ready
    ends += [{"addresses": [f"127.0.0.{2 + k}"], "conditions": {"ready": False}} for k in range(unready)]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "addressType": "IPv4",
        "metadata": {
            "name": name + "-x1",
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": name},
        },
        "endpoints": ends,
        "ports": [{"name": "http", "port": port}],
    }


class Folder:
    def __init__(self, path):
        self.path = path
        self.put("class", CLASS)

    def put(self, name, *objects):
        body = objects[0] if len(objects) == 1 else {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        # Written aside under a name that is passed over.
        base.write(os.path.join(self.path, name + ".json"), json.dumps(body))

    def remove(self, name):
        os.unlink(os.path.join(self.path, name + ".json"))

    def put_service(self, name, port, ready=1, unready=0, namespace="shop"):
        self.put(
            f"service-{namespace}-{name}",
            service(name, namespace),
            slice_of(name, port, ready, unready, namespace),
        )


class Case(base.Case):
    """Tests with one folder each and mirrors that they share."""

    mirrors = {}

    @classmethod
    def mirror_port(cls, name):
        import upstreams

        if name not in Case.mirrors:
            Case.mirrors[name] = upstreams.mirror(name)
        return Case.mirrors[name].port

    @classmethod
    def tearDownClass(cls):
        while Case.mirrors:
            Case.mirrors.popitem()[1].stop()

    def cluster(self, *services):
        folder = Folder(self.folder())
        for name in services:
            folder.put_service(name, self.mirror_port(name))
        return folder

    def follow(self, folder, *arguments, workers=2):
        return self.start(
            "serve",
            "--manifests",
            folder.path,
            "--http",
            "127.0.0.1:0",
            "--https",
            "127.0.0.1:0",
            "--admin",
            "127.0.0.1:0",
            "--status",
            "127.0.0.1:0",
            "--workers",
            workers,
            *arguments,
        )
