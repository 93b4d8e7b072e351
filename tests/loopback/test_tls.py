"""TLS towards clients: openssl s_client, curl and Python's ssl against the real program."""

import base64
import hashlib
import os
import socket
import ssl
import subprocess
import threading

import base
import certificates
import daemon
import raw


def context(authority=None, version=None):
    out = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority:
        out.load_verify_locations(authority.cert)
    else:
        out.check_hostname, out.verify_mode = False, ssl.CERT_NONE
    if version:
        out.minimum_version = out.maximum_version = version
    return out


class Secure(raw.Connection):
    """A raw.Connection over TLS."""

    def __init__(self, address, name, with_context, session=None, before=b""):
        super().__init__(address)
        if before:
            self.sock.sendall(before)
        self.sock = with_context.wrap_socket(self.sock, server_hostname=name, session=session)
        self.host = name

    @property
    def certificate(self):
        return self.sock.getpeercert(True)


def s_client(address, *arguments, send=b"", seconds=20):
    done = subprocess.run(
        ["openssl", "s_client", "-connect", "{}:{}".format(*address), *arguments],
        input=send, capture_output=True, timeout=seconds,
    )  # fmt: skip
    return (done.stdout + done.stderr).decode("latin-1")


class TlsCase(base.Case):
    @classmethod
    def setUpClass(cls):
        import tempfile

        cls.folder_ = tempfile.TemporaryDirectory(prefix="tls.")
        cls.addClassCleanup(cls.folder_.cleanup)
        cls.authority = certificates.Authority(cls.folder_.name)
        cls.shop = cls.authority.make("shop", ["shop.test", "www.shop.test"])
        cls.wild = cls.authority.make("wild", ["*.wild.test"])

    def gateway(self, upstream, *pairs, more="", route="", tls="", workers=2, arguments=(), **rest):
        """`adit serve` at one TLS address, adit.https[0]."""
        listed = "".join(f"  - {{cert: {c}, key: {k}{x}}}\n" for c, k, *o in pairs for x in ["".join(o)])
        return self.serve(
            f"""tls:
  certificates:{'' if pairs else ' []'}
{listed}{tls}routes:
- name: all
  tracks: {{stable: {{endpoints: ["{upstream}"]}}}}
{route}{more}""",
            "--https",
            "127.0.0.1:0",
            *arguments,
            workers=workers,
            **rest,
        )

    def replace(self, pair, folder):
        """Copies of a certificate and key as files that a test may replace."""
        names = os.path.join(folder, "live.crt"), os.path.join(folder, "live.key")
        for source, target in zip(pair, names):
            base.write(target, open(source).read())
        return names

    def der(self, pair):
        return ssl.PEM_cert_to_DER_cert(open(pair[0]).read())


class Names(TlsCase):
    def test_a_name_chooses_the_certificate(self):
        adit = self.gateway(self.mirror("a").address, self.shop, self.wild)
        trusting = context(self.authority)
        for name, pair in (
            ("shop.test", self.shop),
            ("www.shop.test", self.shop),
            ("a.wild.test", self.wild),
            ("b.wild.test", self.wild),
        ):
            with Secure(adit.https[0], name, trusting) as c:
                self.assertEqual(c.certificate, self.der(pair), name)
                answer = c.ask("/")
                self.assertEqual(answer.status, 200)
                fields = {k.lower(): v for k, v in answer.json()["fields"]}
                self.assertEqual(fields["x-forwarded-proto"], "https")
                self.assertEqual(fields["x-forwarded-port"], str(adit.https[0][1]))
        for name in ("wild.test", "a.b.wild.test", "other.test"):
            with Secure(adit.https[0], name, context()) as c:
                self.assertEqual(c.certificate, self.der(self.shop), name)

    def test_without_a_certificate_one_is_made_up(self):
        adit = self.gateway(self.mirror("a").address)
        self.assertIn("Adit self-signed", s_client(adit.https[0], "-noservername"))
        self.assertIn("self-signed", adit.log())

    def test_curl_speaks_http_1_1_by_alpn(self):
        adit = self.gateway(self.mirror("a").address, self.shop)
        host, port = adit.https[0]
        done = subprocess.run(
            ["curl", "-sS", "--http2", "--cacert", self.authority.cert, "--resolve",
             f"shop.test:{port}:{host}", "-w", "%{http_version} %{ssl_verify_result}", "-o", "/dev/null",
             f"https://shop.test:{port}/"],
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        self.assertEqual(done.stdout, "1.1 0", done.stderr)

    def test_only_h2_is_told_that_there_is_no_such_protocol(self):
        adit = self.gateway(self.mirror("a").address, self.shop)
        self.assertIn("no application protocol", s_client(adit.https[0], "-alpn", "h2"))
        self.assertIn("ALPN protocol: http/1.1", s_client(adit.https[0], "-alpn", "h2,http/1.1"))
        api = self.api(adit)
        self.assertEqual(api.metric("adit_tls_handshakes_total", outcome="no-application-protocol"), 1)
        self.assertEqual(api.metric("adit_refusals_total", reason="tls-handshake-failed"), 1)

    def test_versions_and_ciphers_are_as_configured(self):
        adit = self.gateway(
            self.mirror("a").address,
            self.shop,
            tls="  max_version: 1.2\n  ciphers: ECDHE-ECDSA-CHACHA20-POLY1305\n",
        )
        text = s_client(adit.https[0])
        self.assertIn("Protocol  : TLSv1.2", text)
        self.assertIn("ECDHE-ECDSA-CHACHA20-POLY1305", text)
        self.assertIn("alert", s_client(adit.https[0], "-tls1_3"))

    def test_a_staple_is_seen(self):
        staple = self.authority.staple(self.shop[0])
        adit = self.gateway(self.mirror("a").address, (*self.shop, f", ocsp: {staple}"), self.wild)
        self.assertIn("Cert Status: good", s_client(adit.https[0], "-status", "-servername", "shop.test"))
        self.assertIn("no response sent", s_client(adit.https[0], "-status", "-servername", "a.wild.test"))


class Bytes(TlsCase):
    SIZE = 64 << 20

    def test_keep_alive_and_pipelining(self):
        adit = self.gateway(self.mirror("a").address, self.shop)
        with Secure(adit.https[0], "shop.test", context(self.authority)) as c:
            for i in range(20):
                self.assertEqual(c.ask(f"/{i}").json()["target"], f"/{i}")
            answers = c.pipeline([raw.head("GET", f"/p{i}", "shop.test", (), None) for i in range(50)])
            self.assertEqual([a.json()["target"] for a in answers], [f"/p{i}" for i in range(50)])
        # One handshake carried them all.
        self.assertEqual(self.api(adit).metric("adit_tls_handshakes_total", outcome="done"), 1)

    def test_large_answers_are_whole(self):
        adit = self.gateway(self.mirror("a").address, self.shop)
        for target in (f"/bytes/{self.SIZE}", f"/chunks/{self.SIZE}"):
            with Secure(adit.https[0], "shop.test", context(self.authority)) as c:
                body = c.ask(target).body
                self.assertEqual(len(body), self.SIZE)
                block = bytes(range(256)) * 1024
                self.assertTrue(all(body[i : i + len(block)] == block for i in range(0, len(body), len(block))))

    def test_large_bodies_arrive_whole(self):
        import zlib

        adit = self.gateway(self.mirror("a").address, self.shop)
        body = os.urandom(1 << 20) * 64
        with Secure(adit.https[0], "shop.test", context(self.authority)) as c:
            answer = c.ask("/", method="POST", body=body).json()
            self.assertEqual((answer["body"], answer["crc"]), (len(body), zlib.crc32(body)))
            self.assertEqual(c.ask("/").status, 200)

    def test_a_slow_reader_holds_the_upstream_back(self):
        adit = self.gateway(self.mirror("a").address, self.shop, workers=1)
        size = 256 << 20
        with Secure(adit.https[0], "shop.test", context(self.authority)) as c:
            c.send(raw.head("GET", f"/bytes/{size}", "shop.test", (), None))
            self.assertEqual(c.line(), "HTTP/1.1 200 OK")
            api = self.api(adit)
            last = -1

            def settled():  # nobody reads, so nothing moves
                nonlocal last
                last, before = adit.resident(), last
                return last == before and api.metric("adit_requests_in_flight") == 1

            daemon.until(settled, "memory to stand still", step=0.2)
            self.assertLess(adit.resident(), 96 << 20)

    def test_an_end_in_the_middle_is_seen(self):
        upstream = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(upstream.close)

        def cut():
            one, _ = upstream.accept()
            one.recv(65536)
            one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort")
            one.close()

        threading.Thread(target=cut, daemon=True).start()
        adit = self.gateway("127.0.0.1:%d" % upstream.getsockname()[1], self.shop)
        with Secure(adit.https[0], "shop.test", context(self.authority)) as c:
            with self.assertRaises((raw.Closed, ssl.SSLError, ConnectionError)):
                c.ask("/")

    def test_a_client_that_breaks_off_leaves_nothing(self):
        adit = self.gateway(self.mirror("a").address, self.shop)
        for part in (b"GET / HT", raw.head("POST", "/", "shop.test", [("Content-Length", "100")], None) + b"half"):
            c = Secure(adit.https[0], "shop.test", context(self.authority))
            c.send(part)
            c.sock.close()
        plain = raw.Connection(adit.https[0])
        plain.send(b"\x16\x03\x01\x02\x00\x01")  # the beginning of a hello
        plain.close()
        api = self.api(adit)
        daemon.until(
            lambda: api.metric("adit_connections_accepted_total") == 3 == api.metric("adit_connections_closed_total"),
            "every connection to be closed",
        )
        self.assertEqual(api.metric("adit_tls_handshakes_total", outcome="closed"), 1)


class Entrance(TlsCase):
    def test_plain_http_is_answered_in_clear(self):
        adit = self.gateway(self.mirror("a").address, self.shop)
        answer = raw.ask(adit.https[0], "/")
        self.assertEqual(answer.status, 400)
        self.assertIn(b"reason: plain-on-tls", answer.body)
        with raw.Connection(adit.https[0]) as c:  # one byte is enough
            c.send(b"x")
            self.assertEqual(c.read().status, 400)
        self.assertEqual(self.api(adit).metric("adit_refusals_total", reason="plain-on-tls"), 2)

    def test_a_slow_handshake_ends_at_its_own_time(self):
        adit = self.gateway(self.mirror("a").address, self.shop, more="timeouts: {tls_handshake: 300ms}\n")
        for start in (b"", b"\x16\x03\x01\x02\x00\x01\x00\x01"):
            with raw.Connection(adit.https[0]) as c:
                c.send(start)
                with self.assertRaises((raw.Closed, ConnectionError)):
                    c.more()
        self.assertEqual(self.api(adit).metric("adit_refusals_total", reason="tls-handshake-timeout"), 2)

    def test_a_listener_of_the_file_speaks_tls(self):
        path = os.path.join(self.folder(), "adit.yaml")
        certificate = os.path.basename(self.shop[0])
        for one in self.shop:  # named as seen from the file
            os.symlink(one, os.path.join(os.path.dirname(path), os.path.basename(one)))
        base.write(
            path,
            f"""listeners: [{{address: "127.0.0.1:0", tls: true}}, {{address: "127.0.0.1:0"}}]
tls: {{certificates: [{{cert: {certificate}, key: {os.path.basename(self.shop[1])}}}]}}
routes: [{{name: all, tracks: {{stable: {{endpoints: ["{self.mirror('a').address}"]}}}}}}]
""",
        )
        adit = self.start("serve", "--config", path, "--admin", "127.0.0.1:0", "--status", "")
        with Secure(adit.https[0], "shop.test", context(self.authority)) as c:
            self.assertEqual(c.ask("/").status, 200)
        self.assert_status(raw.ask(adit.http[0], "/"), 200)


class Changes(TlsCase):
    def test_a_certificate_is_swapped_under_open_connections(self):
        live = self.replace(self.shop, self.folder())
        adit = self.gateway(self.mirror("a").address, live)
        trusting = context(self.authority)
        old = [Secure(adit.https[0], "shop.test", trusting) for _ in range(4)]
        for c in old:
            self.addCleanup(c.close)
            c.ask("/")
        renewed = self.authority.make("renewed", ["shop.test"])
        for source, target in zip(renewed, live):
            base.write(target, open(source).read())

        def shown():
            with Secure(adit.https[0], "shop.test", trusting) as c:
                return c.certificate == self.der(renewed) and c.ask("/").status == 200

        daemon.until(shown, "the new certificate to be shown")
        for c in old:
            self.assertEqual(c.ask("/").status, 200)
            self.assertEqual(c.certificate, self.der(self.shop))
        self.assertEqual(self.api(adit).metric("adit_connections_closed_total"), self.closed_by(adit, old))

    def closed_by(self, adit, kept):
        """All connections but these."""
        return self.api(adit).metric("adit_connections_accepted_total") - len(kept)

    def test_a_bad_certificate_changes_nothing(self):
        live = self.replace(self.shop, self.folder())
        adit = self.gateway(self.mirror("a").address, live)
        base.write(live[1], open(self.wild[1]).read())
        daemon.until(lambda: "does not belong to the certificate" in adit.log(), "the complaint")
        self.assertIn(live[1], adit.log())
        with Secure(adit.https[0], "shop.test", context(self.authority)) as c:
            self.assertEqual(c.certificate, self.der(self.shop))
        base.write(live[0], "nothing")
        daemon.until(lambda: "no certificate can be read" in adit.log(), "the complaint")
        for source, target in zip(self.wild, live):
            base.write(target, open(source).read())

        def shown():
            with Secure(adit.https[0], "x.wild.test", context()) as c:
                return c.certificate == self.der(self.wild)

        daemon.until(shown, "the good certificate to be shown")

    def test_check_and_start_say_what_is_wrong(self):
        path = os.path.join(self.folder(), "adit.yaml")
        base.write(
            path,
            f"""listeners: [{{address: "127.0.0.1:0", tls: true}}]
tls:
  certificates:
  - {{cert: {self.shop[0]}, key: {self.wild[1]}}}
  - {{cert: {self.folder_.name}/none.crt, key: {self.wild[1]}}}
routes: [{{name: all, tracks: {{stable: {{endpoints: ["127.0.0.1:1"]}}}}}}]
""",
        )
        done = subprocess.run(
            [base.BINARY, "check", "--config", path], capture_output=True, text=True, timeout=20
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{path}:4:5: error: tls.certificates[0]: {self.wild[1]}: the key does not belong", done.stderr)
        self.assertIn(f"{path}:5:5: error: tls.certificates[1].cert: ", done.stderr)
        with self.assertRaises(daemon.StartFailed) as failed:
            self.start("serve", "--config", path, "--admin", "127.0.0.1:0", "--status", "")
        self.assertIn("the key does not belong", str(failed.exception))

    def test_expiry_is_told(self):
        import time

        expired = self.authority.make("expired", ["old.test"], days=-1)
        adit = self.gateway(self.mirror("a").address, self.shop, expired)
        self.assertIn("expired at", adit.log())
        api = self.api(adit)
        name = "adit_certificate_expiry_timestamp_seconds"
        self.assertAlmostEqual(api.metric(name, host="shop.test"), time.time() + 30 * 86400, delta=3600)
        self.assertLess(api.metric(name, host="old.test"), time.time())


class Sessions(TlsCase):
    def resumes(self, address, name, session, version):
        with Secure(address, name, self.client_context(version), session) as c:
            c.ask("/")  # a ticket of TLS 1.3 comes with the first answer
            return c.sock.session_reused, c.sock.session

    def client_context(self, version):
        if version not in self.contexts:
            self.contexts[version] = context(self.authority, version)
        return self.contexts[version]

    def setUp(self):
        self.contexts = {}

    def test_tickets_resume_on_every_worker(self):
        adit = self.gateway(self.mirror("a").address, self.shop, self.wild, workers=4)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            _, session = self.resumes(adit.https[0], "shop.test", None, version)
            for _ in range(16):
                reused, session = self.resumes(adit.https[0], "shop.test", session, version)
                self.assertTrue(reused, version)
        api = self.api(adit)
        for version in ("1.2", "1.3"):
            self.assertEqual(
                api.metric("adit_tls_handshakes_total", peer="client", version=version, resumed="true"), 16
            )

    def test_a_session_is_bound_to_its_name(self):
        adit = self.gateway(self.mirror("a").address, self.wild, self.shop)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            _, session = self.resumes(adit.https[0], "a.wild.test", None, version)
            reused, _ = self.resumes(adit.https[0], "b.wild.test", session, version)
            self.assertFalse(reused, version)

    def test_tickets_outlive_the_process_with_their_keys(self):
        keys = self.folder()
        for name in ("cookie", "ticket", "peer"):
            base.write(os.path.join(keys, name), base64.b64encode(hashlib.sha256(name.encode()).digest()).decode())
        upstream = self.mirror("a").address
        session = None
        for reused in (False, True):
            adit = self.gateway(upstream, self.shop, arguments=["--keys", keys])
            got, session = self.resumes(adit.https[0], "shop.test", session, ssl.TLSVersion.TLSv1_3)
            self.assertEqual(got, reused)
            adit.stop()
