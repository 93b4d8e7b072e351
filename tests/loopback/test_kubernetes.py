"""`adit serve --kubernetes` and `--kubeconfig`: the same Ingresses from an API server, which fails now and then."""

import base64
import collections
import contextlib
import json
import os
import ssl
import subprocess
import threading

import base
import certificates
import cluster
import daemon
import raw
from api_server import ApiServer
from cluster import ingress
from test_ingress import who

HOST = "store.example.test"


class Kubernetes(cluster.Case):
    def server(self, *services, **more):
        api = ApiServer(**more)
        self.addCleanup(api.stop)
        api.put(cluster.CLASS)
        for name in services:
            self.put_service(api, name)
        return api

    def put_service(self, api, name, ready=1, unready=0, namespace="shop"):
        api.put(cluster.service(name, namespace))
        api.put(cluster.slice_of(name, self.mirror_port(name), ready, unready, namespace))

    def store(self, api, service="stable", **more):
        api.put(ingress("store", HOST, [("/", "Prefix", service)], **more))

    def kubeconfig(self, api, user=None, **of_cluster):
        path = os.path.join(self.folder(), "config")
        server = ("https://" if api.context else "http://") + api.address
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "one", "user": "me"}}],
            "clusters": [{"name": "one", "cluster": {"server": server, **of_cluster}}],
            "users": [{"name": "me", "user": user or {}}],
        }
        base.write(path, json.dumps(config))
        return path

    def arguments(self, *source, status="127.0.0.1:0"):
        out = ["serve", *source, "--http", "127.0.0.1:0", "--https", "127.0.0.1:0"]
        return [*out, "--admin", "127.0.0.1:0", "--status", status, "--workers", 2]

    def follow_api(self, api, *arguments, user=None, **of_cluster):
        path = self.kubeconfig(api, user, **of_cluster)
        adit = self.start(*self.arguments("--kubeconfig", path), *arguments)
        self.settled(api)
        return adit

    def settled(self, api, streams=6):
        daemon.until(lambda: api.watching() >= streams, "the watches")

    def settled_down(self, api):
        api.drop()
        daemon.until(lambda: api.watching() == 0, "the watches to end")

    def ask(self, adit, target="/", host=HOST, **more):
        return who(raw.ask(adit.http[0], target, host=host, **more))

    def until_it_is(self, adit, name, seconds=5.0, host=HOST):
        daemon.until(lambda: self.ask(adit, host=host) == name, f"{name} at {host}", seconds)

    def verbose(self, adit):
        answer = raw.ask(adit.status, "/readyz?verbose")
        return answer.status, answer.body.decode()

    @contextlib.contextmanager
    def load(self, adit):
        """Requests all the while; none may fail."""
        got, over = collections.Counter(), threading.Event()

        def go():
            with raw.Connection(adit.http[0]) as c:
                while not over.is_set():
                    got[c.ask("/", HOST).status] += 1

        thread = threading.Thread(target=go)
        thread.start()
        try:
            yield got
        finally:
            over.set()
            thread.join()
        self.assertEqual(set(got), {200}, got)

    # Listing and watching.

    def test_what_changes_is_in_force_at_once(self):
        api = self.server("stable", "canary")
        self.store(api)
        adit = self.follow_api(api)
        self.assertEqual(self.ask(adit), "stable")
        with self.load(adit):
            canary = {"canary": "true", "canary-weight": "100"}
            api.put(ingress("next", HOST, [("/", "Prefix", "canary")], 2, annotations=canary))
            self.until_it_is(adit, "canary", 1.0)
            self.put_service(api, "canary", ready=0, unready=1)
            self.until_it_is(adit, "stable", 1.0)
            self.put_service(api, "canary")
            self.until_it_is(adit, "canary", 1.0)
            api.delete("Ingress", "shop", "next")
            self.until_it_is(adit, "stable", 1.0)
        api.delete("EndpointSlice", "shop", "stable-x1")
        daemon.until(lambda: self.ask(adit) == 503, "an empty Service", 1.0)

    def test_secrets_and_config_maps_are_followed(self):
        api = self.server("stable")
        authority = certificates.Authority(self.folder())

        def put_certificate(name):
            files = zip(("tls.crt", "tls.key"), authority.make(name, [HOST]))
            data = {k: base64.b64encode(open(f, "rb").read()).decode() for k, f in files}
            meta = {"name": "cert", "namespace": "shop"}
            api.put({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "kubernetes.io/tls", "data": data})
            return ssl.PEM_cert_to_DER_cert(open(authority.folder + f"/{name}.crt").read())

        first = put_certificate("first")
        self.store(api, tls=[{"hosts": [HOST], "secretName": "cert"}], annotations={"ssl-redirect": "false"})
        settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "gate"}}
        api.put({**settings, "data": {"custom-http-errors": ""}})
        adit = self.follow_api(api, "--configmap=gate/c")

        def shown():
            context = ssl.create_default_context(cafile=authority.cert)
            with contextlib.ExitStack() as stack:
                plain = stack.enter_context(raw.socket.create_connection(adit.https[0], 5))
                return context.wrap_socket(plain, server_hostname=HOST).getpeercert(True)

        self.assertEqual(shown(), first)
        second = put_certificate("second")
        daemon.until(lambda: shown() == second, "the new certificate", 2.0)
        api.put({**settings, "data": {"ssl-redirect": "false", "no-such-key": "x"}})
        daemon.until(lambda: "no-such-key" in adit.log(), "the ConfigMap", 2.0)

    def test_long_lists_come_in_pages(self):
        api = self.server("stable")
        for number in range(7):
            api.put(ingress(f"i{number}", f"h{number}.test", [("/", "Prefix", "stable")]))
        api.page = 3
        adit = self.follow_api(api)
        self.assertEqual([self.ask(adit, host=f"h{n}.test") for n in range(7)], ["stable"] * 7)
        lists = api.asked("ingresses", False)
        self.assertEqual(len(lists), 3)
        self.assertEqual([r.query["limit"] for r in lists], ["500"] * 3)

    def test_a_list_whose_pages_are_gone_begins_anew(self):
        api = self.server("stable")
        for number in range(4):
            api.put(ingress(f"i{number}", f"h{number}.test", [("/", "Prefix", "stable")]))
        api.page = 3

        def compact(request):
            if request.collection == "ingresses" and "continue" in request.query:
                api.put(ingress("late", "late.test", [("/", "Prefix", "stable")]))
                api.compact()

        api.answer = compact
        adit = self.follow_api(api)
        self.assertEqual(self.ask(adit, host="h3.test"), "stable")
        self.assertEqual(self.ask(adit, host="late.test"), "stable")
        self.assertNotIn("limit", api.asked("ingresses", False)[-1].query)

    def test_a_watch_goes_on_from_the_last_bookmark(self):
        api = self.server("stable", "canary")
        self.store(api)
        adit = self.follow_api(api)
        version = api.send_bookmarks()
        daemon.until(lambda: self.api(adit).metric("adit_kubernetes_events_total") >= 6, "bookmarks")
        before = len(api.requests)
        api.drop()
        daemon.until(lambda: api.asked("ingresses", True, before), "another watch")
        watch = api.asked("ingresses", True, before)[0]
        self.assertEqual(watch.query["resourceVersion"], str(version))
        self.assertEqual(watch.query["allowWatchBookmarks"], "true")
        self.store(api, "canary")
        self.until_it_is(adit, "canary")
        self.assertEqual(len(api.asked("ingresses", False)), 1)

    def test_versions_that_are_gone_are_listed_anew(self):
        for by_status in (False, True):
            with self.subTest(by_status=by_status):
                api = self.server("stable", "canary")
                api.gone_by_status = by_status
                self.store(api)
                api.put(ingress("old", "old.test", [("/", "Prefix", "stable")]))
                adit = self.follow_api(api)
                self.assertEqual(self.ask(adit, host="old.test"), "stable")
                api.answer = lambda r: api.status(503, "later") if r.watch else None
                api.drop()
                self.store(api, "canary")
                api.delete("Ingress", "shop", "old")
                api.compact()
                api.answer = lambda r: None
                self.until_it_is(adit, "canary")
                self.assertEqual(self.ask(adit, host="old.test"), 404)

    def test_who_is_too_busy_is_given_time(self):
        api = self.server("stable")
        self.store(api)
        refused = []

        def answer(request):
            if request.collection == "services" and len(refused) < 2:
                refused.append(request.time)
                return 429, {"Retry-After": "1"}, "slow down"

        api.answer = answer
        adit = self.follow_api(api)
        self.assertEqual(self.ask(adit), "stable")
        times = [r.time for r in api.asked("services", False)]
        self.assertEqual(len(times), 3)
        for earlier, later in zip(times, times[1:]):
            self.assertGreaterEqual(later - earlier, 0.99)
        self.assertIn("429", adit.log())

    def test_an_event_that_breaks_off_is_heard_again(self):
        api = self.server("stable", "canary")
        self.store(api)
        adit = self.follow_api(api)
        with self.load(adit):
            api.cut_in_object = "ingresses"
            self.store(api, "canary")
            self.until_it_is(adit, "canary")
        self.assertIsNone(api.cut_in_object)
        self.assertEqual(len(api.asked("ingresses", False)), 1)

    def test_watches_that_end_are_begun_again(self):
        api = self.server("stable", "canary")
        self.store(api)
        adit = self.follow_api(api)
        for service in ("canary", "stable"):
            before = api.asked("ingresses", True)
            with api.changed:
                for one in before:
                    one.query["timeoutSeconds"] = "0"
            version = api.send_bookmarks()  # so that every stream looks at its time
            daemon.until(lambda: len(api.asked("ingresses", True)) > len(before), "another watch", 20)
            self.assertLessEqual(int(api.asked("ingresses", True)[-1].query["resourceVersion"]), version)
            self.store(api, service)
            self.until_it_is(adit, service)

    # The server comes and goes.

    def test_a_lost_server_costs_no_request(self):
        api = self.server("stable", "canary")
        self.store(api)
        adit = self.follow_api(api)
        self.assertEqual(self.api(adit).metric("adit_kubernetes_connected"), 1)
        with self.load(adit) as got:
            api.stop()
            daemon.until(lambda: "Connection refused" in self.verbose(adit)[1], "the loss to be told")
            status, text = self.verbose(adit)
            self.assertEqual(status, 200, text)
            self.assertIn("kubernetes", text)
            self.assertEqual(self.api(adit).metric("adit_kubernetes_connected"), 0)
            self.assertGreater(self.api(adit).metric("adit_kubernetes_failures_total"), 0)
            self.store(api, "canary")
            before = got[200]
            daemon.until(lambda: got[200] > before + 50, "requests without a server")
            self.assertEqual(self.ask(adit), "stable")
            api.start()
            self.until_it_is(adit, "canary", 15.0)
            daemon.until(lambda: self.api(adit).metric("adit_kubernetes_connected") == 1, "all of it")
        self.assertNotIn("Connection refused", self.verbose(adit)[1])
        lost = [x for x in adit.log().splitlines() if "cannot be followed" in x]
        self.assertEqual(len(lost), 1, adit.log())

    def test_nobody_is_let_in_before_everything_is_known(self):
        api = self.server("stable")
        self.store(api)
        api.answer = lambda r: api.status(503, "not yet") if r.collection == "endpointslices" else None
        port = daemon.free_port()
        arguments = self.arguments("--kubeconfig", self.kubeconfig(api), status=f"127.0.0.1:{port}")
        process = subprocess.Popen(
            [base.BINARY, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def readiness():
            try:
                answer = raw.ask(("127.0.0.1", port), "/readyz?verbose")
                return answer.status, answer.body.decode()
            except OSError:
                return None, ""

        daemon.until(lambda: "not yet" in readiness()[1], "the reason")
        self.assertEqual(readiness()[0], 503)
        self.assertEqual(raw.ask(("127.0.0.1", port), "/livez").status, 200)
        api.answer = lambda r: None
        ready = json.loads(process.stdout.readline())
        self.assertEqual(ready["adit"], "ready")
        self.assertEqual(who(raw.ask(daemon.authority(ready["http"][0]), "/", host=HOST)), "stable")
        self.assertEqual(readiness()[0], 200)

    def test_the_end_may_come_before_the_first_answer(self):
        api = self.server()
        api.answer = lambda r: api.status(503, "not yet")
        arguments = self.arguments("--kubeconfig", self.kubeconfig(api))
        process = subprocess.Popen(
            [base.BINARY, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.addCleanup(process.kill)
        daemon.until(lambda: api.requests, "a request")
        process.terminate()
        self.assertEqual(process.wait(10), 0)

    # Who asks.

    def test_tokens_are_read_again(self):
        api = self.server("stable", "canary", tokens={"one"})
        self.store(api)
        path = os.path.join(self.folder(), "token")
        base.write(path, "one\n")
        adit = self.follow_api(api, user={"tokenFile": path})
        # Changed in time, nobody notices.
        base.write(path, "two\n")
        api.tokens = {"two"}
        api.drop()
        self.store(api, "canary")
        self.until_it_is(adit, "canary")
        # Late, it is noticed soon.
        api.tokens = {"three"}
        api.drop()
        daemon.until(lambda: "401" in self.verbose(adit)[1], "the refusal")
        base.write(path, "three\n")
        self.store(api, "stable")
        self.until_it_is(adit, "stable")
        self.assertEqual({r.authorization for r in api.requests}, {"Bearer one", "Bearer two", "Bearer three"})

    def secure(self, folder, authority):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["h2", "http/1.1"])
        context.load_cert_chain(*authority.make("server", ["127.0.0.1"]))
        return context

    def test_a_pod_in_the_cluster(self):
        folder = self.folder()
        authority = certificates.Authority(self.folder())
        api = self.server("stable", "canary", context=self.secure(folder, authority), tokens={"mine"})
        self.store(api)
        with open(authority.cert) as f:
            base.write(os.path.join(folder, "ca.crt"), f.read())
        base.write(os.path.join(folder, "token"), "mine")
        environment = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(api.port)}
        adit = self.start(*self.arguments("--kubernetes", "--service-account", folder), env=environment)
        self.assertEqual(self.ask(adit), "stable")
        self.settled(api)
        # The cluster's authority is renewed: what it signed before is not trusted any more.
        other = certificates.Authority(self.folder(), "other")
        api.stop()
        api.context = self.secure(folder, other)
        api.start()
        daemon.until(lambda: "TLS" in self.verbose(adit)[1], "the distrust")
        with open(other.cert) as f:
            base.write(os.path.join(folder, "ca.crt"), f.read())
        self.store(api, "canary")
        self.until_it_is(adit, "canary", 15.0)

    def test_client_certificates_and_whom_to_trust(self):
        authority = certificates.Authority(self.folder())
        context = self.secure(authority.folder, authority)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority.cert)
        api = self.server("stable", context=context)
        self.store(api)
        cert, key = authority.make("me")
        with open(key, "rb") as f:
            user = {"client-certificate": cert, "client-key-data": base64.b64encode(f.read()).decode()}
        with open(authority.cert, "rb") as f:
            data = base64.b64encode(f.read()).decode()
        for trust in ({"certificate-authority-data": data}, {"insecure-skip-tls-verify": True}):
            with self.subTest(trust=list(trust)):
                adit = self.follow_api(api, user=user, **trust)
                self.assertEqual(self.ask(adit), "stable")
                adit.kill()
                self.settled_down(api)

    def test_a_bad_kubeconfig_is_refused_with_the_place(self):
        path = os.path.join(self.folder(), "config")
        rows = (
            ("{", ["--kubeconfig", path], "config:1", 1),
            ("current-context: x\n", ["--kubeconfig", path], "contexts", 1),
            ("", ["--kubeconfig", path + "s"], "cannot be opened", 1),
            ("", ["--kubernetes"], "--kubeconfig", 1),
            ("", ["--kubernetes", "--kubeconfig", path], "excludes", 2),
            ("", ["--kubernetes", "--watch-namespace-selector", "a in b"], "label selector", 2),
        )
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KUBERNETES_")}
        for text, arguments, wanted, code in rows:
            base.write(path, text)
            argv = [base.BINARY, *map(str, self.arguments(*arguments))]
            got = subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=20)
            self.assertEqual(got.returncode, code, got)
            self.assertIn(wanted, got.stderr)

    # What it holds.

    def test_one_bad_object_stops_no_other_and_its_last_good_version_stays(self):
        api = self.server("stable", "canary")
        self.store(api)
        adit = self.follow_api(api)
        self.store(api, "canary", rules=[(HOST, [("/", "Nonsense", "canary")])])
        api.put(ingress("new", "new.test", [("/", "Nonsense", "canary")]))
        api.put(ingress("other", "other.test", [("/", "Prefix", "canary")]))
        self.until_it_is(adit, "canary", host="other.test")
        self.assertEqual(self.ask(adit), "stable")
        self.assertIn("Ingress shop/new: spec.rules[0].http.paths[0].pathType", adit.log())
        self.assertIn("Ingress shop/", self.verbose(adit)[1])
        # It is kept over a list as well, and goes when the object goes.
        gone = [api.status(410, "gone", "Expired")]
        api.answer = lambda r: gone.pop() if gone and r.watch and r.collection == "ingresses" else None
        lists = len(api.asked("ingresses", False))
        api.drop()
        daemon.until(lambda: len(api.asked("ingresses", False)) > lists, "another list")
        self.settled(api)
        self.assertEqual(self.ask(adit), "stable")
        api.delete("Ingress", "shop", "new")
        api.delete("Ingress", "shop", "store")
        daemon.until(lambda: self.ask(adit) == 404, "the Ingress to go")
        daemon.until(lambda: "pathType" not in self.verbose(adit)[1], "the complaint to go")

    def test_nonsense_changes_nothing(self):
        api = self.server("stable", "canary")
        self.store(api)
        adit = self.follow_api(api)
        for line in ("nonsense", "{}", '{"type": "ADDED", "object": {"kind": 7}}', "[" * 500, "\x00"):
            api.say("ingresses", line)
        api.say("services", '{"type": "ADDED", "object": "' + "x" * (11 << 20) + '"}')
        self.store(api, "canary")
        self.until_it_is(adit, "canary")
        self.put_service(api, "extra")
        api.put(ingress("extra", "extra.test", [("/", "Prefix", "extra")]))
        self.until_it_is(adit, "extra", host="extra.test")
        # A list that is none, or that is empty by mistake of something in between, removes nothing.
        told = {
            "ingresses": (200, {}, "<html>a proxy's page</html>"),
            "services": (200, {}, '{"kind": "ServiceList", "apiVersion": "v1", "metadata": {}, "items": []}'),
            "endpointslices": (200, {}, '{"kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": []}'),
            "secrets": (200, {}, '{"kind": "SecretList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}}'),
            "ingressclasses": api.status(500, "the database is down"),
        }

        def answer(request):
            if request.collection not in told:
                return None
            return api.status(410, "gone", "Expired") if request.watch else told.pop(request.collection)

        api.answer = answer
        with self.load(adit):
            api.drop()
            daemon.until(lambda: not told and api.watching() >= 6, "the nonsense to be over", 60)
            self.assertEqual(self.ask(adit), "canary")
            self.store(api, "stable")
            self.until_it_is(adit, "stable")

    def test_namespaces(self):
        api = self.server("stable")
        self.put_service(api, "canary", namespace="labs")
        self.store(api)
        api.put(ingress("labs", "labs.test", [("/", "Prefix", "canary")], namespace="labs"))
        for name, team in (("shop", "front"), ("labs", "back")):
            meta = {"name": name, "labels": {"team": team}}
            api.put({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
        adit = self.follow_api(api, "--watch-namespace=shop", "--configmap=gate/settings")
        self.assertEqual([self.ask(adit), self.ask(adit, host="labs.test")], ["stable", 404])
        spaces = {(r.collection, r.namespace) for r in api.requests}
        named = {(k, "shop") for k in ("ingresses", "services", "endpointslices", "secrets", "configmaps")}
        self.assertEqual(spaces, named | {("ingressclasses", None), ("configmaps", "gate")})
        adit.kill()
        self.settled_down(api)
        adit = self.follow_api(api, "--watch-namespace-selector=team in (back)")
        self.assertEqual([self.ask(adit), self.ask(adit, host="labs.test")], [404, "canary"])
        meta = {"name": "shop", "labels": {"team": "back"}}
        api.put({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
        self.until_it_is(adit, "stable")

    # Where they are reached.

    @staticmethod
    def told(*addresses):
        return {"status": {"loadBalancer": {"ingress": [{"ip": x} for x in addresses]}}}

    def test_the_holder_of_the_lease_writes_the_status(self):
        api = self.server("stable")
        self.store(api)
        other = ingress("other", "other.test", [("/", "Prefix", "stable")], ingressClassName="another")
        api.put(other)
        flags = ["--publish-status-address=192.0.2.7,192.0.2.8", "--election-id=gate"]
        first = self.follow_api(api, *flags)
        daemon.until(lambda: api.patches, "the status")
        second = self.start(*self.arguments("--kubeconfig", self.kubeconfig(api)), *flags)
        self.settled(api, 12)
        api.put(ingress("late", "late.test", [("/", "Prefix", "stable")]))
        daemon.until(lambda: len(api.patches) >= 2, "the status of a new one")
        written = self.told("192.0.2.7", "192.0.2.8")
        self.assertEqual(api.patches, [("shop", "store", written), ("shop", "late", written)])
        self.assertEqual(list(api.leases), [("default", "gate-adit")])
        self.assertNotIn("writes the status", second.log())
        # What is written is no wish.
        self.until_it_is(first, "stable", host="late.test")
        generation = self.api(first).metric("adit_config_generation")

        def events(number, what):
            daemon.until(lambda: self.api(first).metric("adit_kubernetes_events_total") == number, what)

        events(3, "`late` and what was written to both")
        api.put({**api.objects["ingresses", "shop", "late"], **self.told("192.0.2.9")})
        events(4, "the status")
        api.put(ingress("third", "third.test", [("/", "Prefix", "stable")]))
        self.until_it_is(first, "stable", host="third.test")
        self.assertEqual(self.api(first).metric("adit_config_generation"), generation + 1)
        first.kill()
        api.lease_lasts = 1
        api.put(ingress("later", "later.test", [("/", "Prefix", "stable")]))
        daemon.until(lambda: ("shop", "later", written) in api.patches, "the other replica", 20)
        self.assertIn("this replica writes the status", second.log())

    def test_the_addresses_of_a_service_are_written(self):
        api = self.server("stable")
        self.store(api)
        gate = cluster.service("gate", "ingress")
        gate["spec"]["type"] = "LoadBalancer"
        api.put(gate)
        adit = self.follow_api(api, "--publish-service=ingress/gate")
        api.put({**gate, **self.told("198.51.100.4")})
        daemon.until(lambda: api.patches, "the status")
        api.put({**gate, **self.told("198.51.100.5")})
        daemon.until(lambda: len(api.patches) > 1, "the other status")
        self.assertEqual([p[2] for p in api.patches], [self.told("198.51.100.4"), self.told("198.51.100.5")])
        adit.kill()
        self.settled_down(api)
        api.leases.clear()
        self.follow_api(api, "--publish-service=ingress/gate", "--update-status=false")
        api.put({**gate, **self.told("198.51.100.6")})
        api.put(ingress("late", "late.test", [("/", "Prefix", "stable")]))
        daemon.until(lambda: api.asked("ingresses", True), "a watch")
        self.assertEqual((api.leases, len(api.patches)), ({}, 2))

    def test_who_may_not_write_serves_all_the_same(self):
        api = self.server("stable")
        self.store(api)
        api.answer = lambda r: api.status(403, "leases is forbidden") if "coordination" in r.path else None
        adit = self.follow_api(api, "--publish-status-address=192.0.2.7")
        daemon.until(lambda: "leases is forbidden" in adit.log(), "the reason")
        self.assertEqual(self.ask(adit), "stable")
        self.assertEqual(self.verbose(adit)[0], 200)
