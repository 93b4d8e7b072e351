"""Annotations of ingress-nginx beyond canaries, the controller's ConfigMap, and TLS Secrets."""

import base64
import socket
import ssl

import certificates
import cluster
import daemon
import raw
from cluster import ingress

HOST = "shop.example.test"
USERS = "ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"  # "password"


def secret(name, namespace="shop", **data):
    encoded = {k.replace("_", "."): base64.b64encode(v.encode()).decode() for k, v in data.items()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "data": encoded,
    }


def certificate_secret(name, pair):
    cert, key = (open(one).read() for one in pair)
    return secret(name, tls_crt=cert, tls_key=key)


def config_map(name, namespace, data):
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


class Gateway(cluster.Case):
    def gateway(self, annotations, *arguments, path=("/", "Prefix"), objects=(), services=("stable", "other"), **spec):
        folder = self.cluster(*services)
        folder.put("store", ingress("store", HOST, [(*path, "stable")], annotations=annotations, **spec))
        for at, one in enumerate(objects):
            folder.put(f"more-{at}", one)
        self.manifests = folder
        return self.follow(folder, *arguments)

    def ask(self, adit, target="/", host=HOST, **more):
        return raw.ask(adit.http[0], target, host=host, **more)


class Policies(Gateway):
    def test_redirects(self):
        adit = self.gateway({"temporal-redirect": "https://a.test/x", "permanent-redirect": "https://b.test"})
        got = self.ask(adit)
        self.assertEqual((got.status, got.get("location")), (302, "https://a.test/x"))
        adit = self.gateway({"permanent-redirect": "https://b.test$request_uri", "permanent-redirect-code": "308"})
        got = self.ask(adit, "/p?q=1")
        self.assertEqual((got.status, got.get("location")), (308, "https://b.test/p?q=1"))
        adit = self.gateway({"app-root": "/app"})
        got = self.ask(adit)
        self.assertEqual((got.status, got.get("location")), (302, f"http://{HOST}/app"))
        self.assertEqual(self.ask(adit, "/else").status, 200)
        adit = self.gateway({"app-root": "/app"}, path=("/app", "Prefix"))
        self.assertEqual(self.ask(adit).get("location"), f"http://{HOST}/app")
        self.assertEqual(self.ask(adit, "/other").status, 404)
        adit = self.gateway({"from-to-www-redirect": "true"})
        got = self.ask(adit, "/p?q", host="www." + HOST)
        self.assertEqual((got.status, got.get("location")), (308, f"http://{HOST}/p?q"))

    def test_rewrites(self):
        adit = self.gateway(
            {"rewrite-target": "/$2", "x-forwarded-prefix": "/shop"},
            path=("/shop(/|$)(.*)", "ImplementationSpecific"),
        )
        got = self.ask(adit, "/SHOP/a%20b?x=1").json()
        self.assertEqual(got["target"], "/a%20b?x=1")
        self.assertIn(["X-Forwarded-Prefix", "/shop"], got["fields"])
        self.assertEqual(self.ask(adit, "/other").status, 404)

    def test_what_upstreams_are_told(self):
        adit = self.gateway({"upstream-vhost": "inside.test"})
        fields = dict((k.lower(), v) for k, v in self.ask(adit, fields=[("X-Scheme", "made-up")]).json()["fields"])
        self.assertEqual(fields["host"], "inside.test")
        self.assertEqual(fields["x-forwarded-host"], HOST)
        for name in ("x-forwarded-proto", "x-forwarded-scheme", "x-scheme"):
            self.assertEqual(fields[name], "http")
        self.assertEqual((fields["x-real-ip"], fields["x-forwarded-for"]), ("127.0.0.1", "127.0.0.1"))

    def test_who_may_come(self):
        adit = self.gateway({"denylist-source-range": "127.0.0.0/8"})
        self.assertEqual(self.ask(adit).status, 403)
        adit = self.gateway({"whitelist-source-range": "127.0.0.1/32,10.0.0.0/8"})
        self.assertEqual(self.ask(adit).status, 200)
        self.assertEqual(self.ask(adit, source=("127.0.0.9", 0)).status, 403)

    def test_passwords_of_a_secret(self):
        annotations = {"auth-type": "basic", "auth-secret": "users", "auth-realm": "Staff"}
        adit = self.gateway(annotations, objects=[secret("users", auth=USERS)])
        got = self.ask(adit)
        self.assertEqual((got.status, got.get("www-authenticate")), (401, 'Basic realm="Staff", charset="UTF-8"'))
        login = base64.b64encode(b"ann:password").decode()
        got = self.ask(adit, fields=[("Authorization", "Basic " + login)])
        self.assertEqual(got.status, 200)
        self.assertNotIn("authorization", [k.lower() for k, _ in got.json()["fields"]])
        # The Secret goes: what was guarded stays guarded.
        self.manifests.remove("more-0")
        self.manifests.put("late", ingress("late", "late.test", [("/", "Prefix", "stable")]))
        daemon.until(lambda: self.ask(adit, host="late.test").status == 200, "the next version")
        self.assertNotEqual(self.ask(adit).status, 200)

    def test_a_service_that_is_asked(self):
        port = self.mirror_port("other")
        adit = self.gateway({"auth-url": f"http://127.0.0.1:{port}/verify", "auth-response-headers": "Server"})
        got = self.ask(adit)
        self.assertEqual(got.status, 200)
        self.assertIn(["Server", "other"], got.json()["fields"])

    def test_limits(self):
        adit = self.gateway({"limit-rps": "1", "limit-burst-multiplier": "1", "proxy-body-size": "1k"})
        with raw.Connection(adit.http[0]) as c:
            statuses = [c.ask("/", HOST).status for _ in range(6)]
        self.assertEqual(statuses[0], 200)
        self.assertIn(429, statuses)
        got = self.ask(adit, method="POST", body=b"x" * 2000)
        self.assertEqual(got.status, 413)

    def test_cors(self):
        adit = self.gateway({"enable-cors": "true", "cors-allow-origin": "https://*.a.test"})
        got = self.ask(
            adit,
            method="OPTIONS",
            fields=[("Origin", "https://b.a.test"), ("Access-Control-Request-Method", "PUT")],
        )
        self.assertEqual((got.status, got.get("access-control-allow-origin")), (204, "https://b.a.test"))
        self.assertEqual(got.get("access-control-max-age"), "1728000")

    def test_default_backends_and_errors(self):
        folder = self.cluster("stable", "other")
        folder.put_service("stable", self.mirror_port("stable"), ready=0)
        own = {"default-backend": "other"}
        folder.put("own", ingress("own", HOST, [("/", "Prefix", "stable")], annotations=own))
        folder.put("bare", ingress("bare", "bare.test", [("/x", "Prefix", "stable")]))
        adit = self.follow(folder, "--default-backend-service=shop/other")
        self.assertEqual(self.ask(adit).json()["name"], "other")
        self.assertEqual(self.ask(adit, "/x", host="bare.test").status, 503)
        self.assertEqual(self.ask(adit, "/y", host="bare.test").json()["name"], "other")
        self.assertEqual(self.ask(adit, host="nobody.test").json()["name"], "other")

    def test_the_config_map(self):
        data = {"whitelist-source-range": "127.0.0.1/32", "use-forwarded-headers": "true", "no-such-key": "x"}
        settings = config_map("settings", "ingress", data)
        adit = self.gateway({}, "--configmap=ingress/settings", objects=[settings])
        self.assertEqual(self.ask(adit).status, 200)
        self.assertEqual(self.ask(adit, fields=[("X-Forwarded-For", "192.0.2.1")]).status, 403)
        self.assertIn("no-such-key", adit.log())
        self.manifests.put("more-0", config_map("settings", "ingress", {"use-forwarded-headers": "true"}))
        daemon.until(
            lambda: self.ask(adit, fields=[("X-Forwarded-For", "192.0.2.1")]).status == 200, "the change", 1.0
        )


class Secrets(Gateway):
    def shown(self, adit, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(adit.https[0], 10) as plain:
            with context.wrap_socket(plain, server_hostname=name) as secure:
                return secure.getpeercert(binary_form=True)

    def der(self, pair):
        return ssl.PEM_cert_to_DER_cert(open(pair[0]).read())

    def test_certificates_by_name_and_a_made_up_one_for_the_rest(self):
        authority = certificates.Authority(self.folder())
        shop, spare = authority.make("shop", [HOST]), authority.make("spare", ["spare.test"])
        tls = [{"hosts": [HOST], "secretName": "cert"}]
        adit = self.gateway({}, objects=[certificate_secret("cert", shop)], tls=tls)
        self.assertEqual(self.shown(adit, HOST), self.der(shop))
        made_up = self.shown(adit, "other.test")
        self.assertNotEqual(made_up, self.der(shop))
        got = self.ask(adit, "/a/?b")
        self.assertEqual((got.status, got.get("location")), (308, f"https://{HOST}/a/?b"))
        # A new version is shown, a bad one is not.
        renewed = authority.make("renewed", [HOST])
        self.manifests.put("more-0", certificate_secret("cert", renewed))
        daemon.until(lambda: self.shown(adit, HOST) == self.der(renewed), "the new certificate", 2.0)
        self.manifests.put("more-0", certificate_secret("cert", (shop[0], renewed[1])))
        self.manifests.put("more-1", certificate_secret("default", spare))
        daemon.until(lambda: "is no certificate" in adit.log(), "the complaint")
        self.assertEqual(self.shown(adit, HOST), self.der(renewed))
        adit = self.follow(self.manifests, "--default-ssl-certificate=shop/default")
        self.assertEqual(self.shown(adit, "other.test"), self.der(spare))

    def test_hosts_without_a_tls_section_are_not_sent_to_https(self):
        adit = self.gateway({})
        self.assertEqual(self.ask(adit).status, 200)
        adit = self.gateway({"force-ssl-redirect": "true"})
        self.assertEqual(self.ask(adit).status, 308)
        adit = self.gateway({"ssl-redirect": "false"}, tls=[{"hosts": [HOST]}])
        self.assertEqual(self.ask(adit).status, 200)

    def test_clients_with_certificates(self):
        authority = certificates.Authority(self.folder())
        ca = secret("ca", ca_crt=open(authority.cert).read())
        annotations = {"auth-tls-secret": "shop/ca", "ssl-redirect": "false"}
        adit = self.gateway(annotations, objects=[ca], tls=[{"hosts": [HOST]}])
        pair = authority.make("client")

        def ask(chain):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            if chain:
                context.load_cert_chain(*chain)
            with socket.create_connection(adit.https[0], 10) as plain:
                with context.wrap_socket(plain, server_hostname=HOST) as secure:
                    secure.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
                    return secure.recv(100)

        self.assertTrue(ask(pair).startswith(b"HTTP/1.1 200"))
        try:
            self.assertFalse(ask(None).startswith(b"HTTP/1.1 200"))
        except (ssl.SSLError, ConnectionError):
            pass
