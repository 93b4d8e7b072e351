"""What the chart makes of what the cluster has already: keys, token, IngressClass."""

import base64
import json
import os

import chart
from api_server import ApiServer
from chart import kinds, pick

ADMIN = {"controller": {"admin": {"service": {"enabled": True}}}}


def secret(name, **data):
    coded = {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": chart.SPACE}, "data": coded}


def ingress_class(controller, release):
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": "nginx", "annotations": {"meta.helm.sh/release-name": release}},
        "spec": {"controller": controller},
    }


class Kept(chart.Case):
    def beside(self, there, values=None):
        """The rendered objects where a cluster has those; as `helm upgrade` renders them."""
        server = ApiServer(there)
        self.addCleanup(server.stop)
        path = os.path.join(self.folder(), "kubeconfig")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(server.kubeconfig(), file)
        objects = self.objects(values, "--dry-run=server", "--kubeconfig", path)
        self.assertIn(f"/api/v1/namespaces/{chart.SPACE}/secrets/adit-keys", server.asked)
        return objects

    def test_keys_are_made_once(self):
        first = pick(self.beside([], ADMIN), "Secret", "adit-keys")
        self.assertEqual(first["metadata"]["annotations"], {"helm.sh/resource-policy": "keep"})
        keys = [base64.b64decode(one) for one in first["data"].values()]
        self.assertEqual([len(base64.b64decode(one, validate=True)) for one in keys], [32, 32, 32])
        self.assertEqual(len(set(keys)), 3)
        token = pick(self.beside([], ADMIN), "Secret", "adit-admin-token")
        again = self.beside([first, token], ADMIN)
        self.assertEqual(pick(again, "Secret", "adit-keys")["data"], first["data"])
        self.assertEqual(pick(again, "Secret", "adit-admin-token")["data"], token["data"])
        self.assertEqual(token["metadata"]["annotations"], {"helm.sh/resource-policy": "keep"})

    def test_a_key_that_is_missing_is_added(self):
        found = pick(self.beside([secret("adit-keys", cookie="mine", extra="x")]), "Secret", "adit-keys")["data"]
        self.assertEqual(base64.b64decode(found["cookie"]), b"mine")
        self.assertEqual(set(found), {"cookie", "peer", "ticket"})

    def test_two_installations_have_different_keys(self):
        one, other = (pick(self.objects(), "Secret", "adit-keys")["data"] for _ in range(2))
        self.assertFalse(set(one.values()) & set(other.values()))

    def test_keys_of_your_own(self):
        objects = self.objects({"controller": {"keys": {"existingSecret": "mine"}}})
        self.assertNotIn("Secret", kinds(objects))
        self.assertEqual(chart.pod(objects)["volumes"][0]["secret"]["secretName"], "mine")

    def test_a_class_of_ingress_nginx_is_used_as_it_is(self):
        self.assertNotIn("IngressClass", kinds(self.beside([ingress_class("k8s.io/ingress-nginx", "ingress-nginx")])))
        self.assertIn("IngressClass", kinds(self.beside([ingress_class("k8s.io/ingress-nginx", "adit")])))
        self.assertIn("IngressClass", kinds(self.beside([])))

    def test_a_class_of_somebody_else_is_refused(self):
        with self.assertRaises(chart.Refused) as caught:
            self.beside([ingress_class("traefik.io/ingress-controller", "traefik")])
        self.assertIn("belongs to controller traefik.io/ingress-controller", str(caught.exception))
