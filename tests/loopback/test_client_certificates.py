"""Certificates of clients: asked for by host, told upstream, never believed from a header."""

import hashlib
import ssl
import urllib.parse

import base
import certificates
import daemon
import raw
from test_tls import Secure, TlsCase, context, s_client


class ClientCase(TlsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = certificates.Authority(cls.folder_.name, "people")
        cls.strangers = certificates.Authority(cls.folder_.name, "strangers")
        cls.ada = cls.people.make("ada")
        cls.late = cls.people.make("late", days=-1)
        cls.eve = cls.strangers.make("eve")
        cls.names = cls.authority.make(
            "names", ["shop.test", "must.test", "may.test", "any.test", "also.test", "more.test"]
        )

    RULES = """  clients:
  - {{hosts: [must.test, also.test], ca: {ca}, pass: {{certificate: ssl-client-cert}}}}
  - {{hosts: [may.test], ca: {ca}, verify: optional}}
  - {{hosts: [any.test], verify: unverified}}
  - {{hosts: [more.test], ca: {ca}, depth: 2}}
"""

    def start_gateway(self, **more):
        self.adit = self.gateway(
            self.mirror("a").address, self.names, tls=self.RULES.format(ca=self.people.cert), **more
        )
        return self.adit

    def client(self, name, pair=None, version=None, **more):
        with_context = context(self.authority, version)
        if pair:
            with_context.load_cert_chain(*pair)
        return Secure(self.adit.https[0], name, with_context, **more)

    def ask(self, name, pair=None, fields=()):
        with self.client(name, pair) as c:
            return c.ask("/", fields=fields)

    def told(self, answer):
        self.assert_status(answer, 200)
        return {k.lower(): v for k, v in answer.json()["fields"]}


class Demands(ClientCase):
    def test_required(self):
        self.start_gateway()
        told = self.told(self.ask("must.test", self.ada))
        self.assertEqual(told["ssl-client-verify"], "SUCCESS")
        self.assertEqual(told["ssl-client-subject-dn"], "CN=ada,O=Adit")
        self.assertEqual(told["ssl-client-issuer-dn"], "CN=people")
        der = ssl.PEM_cert_to_DER_cert(open(self.ada[0]).read())
        self.assertEqual(told["ssl-client-fingerprint"], hashlib.sha1(der).hexdigest())
        self.assertEqual(ssl.PEM_cert_to_DER_cert(urllib.parse.unquote(told["ssl-client-cert"])), der)
        self.assertNotRegex(told["ssl-client-cert"], r"[^A-Za-z0-9._~%-]")
        for pair, reason in (
            (None, "client-certificate-missing"),
            (self.eve, "client-certificate-invalid"),
            (self.late, "client-certificate-invalid"),
        ):
            answer = self.ask("must.test", pair)
            self.assert_status(answer, 400)
            self.assertIn(f"reason: {reason}".encode(), answer.body)
        api = self.api(self.adit)
        self.assertEqual(api.metric("adit_refusals_total", reason="client-certificate-missing"), 1)
        self.assertEqual(api.metric("adit_refusals_total", reason="client-certificate-invalid"), 2)

    def test_optional(self):
        self.start_gateway()
        self.assertEqual(self.told(self.ask("may.test", self.ada))["ssl-client-verify"], "SUCCESS")
        told = self.told(self.ask("may.test"))
        self.assertEqual(told["ssl-client-verify"], "NONE")
        self.assertNotIn("ssl-client-subject-dn", told)
        self.assertNotIn("ssl-client-cert", told)
        self.assert_status(self.ask("may.test", self.eve), 400)
        self.assert_status(self.ask("may.test", self.late), 400)

    def test_unverified(self):
        self.start_gateway()
        told = self.told(self.ask("any.test", self.eve))
        self.assertTrue(told["ssl-client-verify"].startswith("FAILED:"), told)
        self.assertEqual(told["ssl-client-subject-dn"], "CN=eve,O=Adit")
        self.assertEqual(self.told(self.ask("any.test"))["ssl-client-verify"], "NONE")

    def test_headers_from_clients_are_never_believed(self):
        self.start_gateway()
        lies = [
            ("ssl-client-verify", "SUCCESS"),
            ("SSL-Client-Subject-DN", "CN=root"),
            ("ssl-client-fingerprint", "00"),
        ]
        told = self.told(self.ask("may.test", fields=lies))
        self.assertEqual(told["ssl-client-verify"], "NONE")
        self.assertNotIn("ssl-client-subject-dn", told)
        self.assertNotIn("ssl-client-fingerprint", told)
        # Over plain HTTP nobody has shown anything either.
        told = self.told(raw.ask(self.adit.http[0], "/", host="may.test", fields=lies))
        self.assertNotIn("ssl-client-verify", told)
        answer = raw.ask(self.adit.http[0], "/", host="must.test", fields=lies)
        self.assert_status(answer, 400)
        # A host that asks for nothing has no business with these names.
        self.assertEqual(self.told(self.ask("shop.test", fields=lies))["ssl-client-verify"], "SUCCESS")

    def test_only_hosts_that_ask_are_sent_the_question(self):
        self.start_gateway()
        asked = s_client(self.adit.https[0], "-servername", "must.test")
        self.assertRegex(asked, r"Acceptable client certificate CA names\s+CN = people")
        self.assertNotIn("Acceptable client certificate", s_client(self.adit.https[0], "-servername", "shop.test"))


class Bounds(ClientCase):
    def test_a_request_for_a_host_with_other_demands_is_misdirected(self):
        self.start_gateway()
        with self.client("shop.test") as c:
            for host in ("must.test", "may.test", "any.test"):
                answer = c.ask("/", host=host)
                self.assert_status(answer, 421)
                self.assertIn(b"reason: misdirected", answer.body)
            self.assert_status(c.ask("/", host="other.test"), 200)  # asks for nothing, as shop.test does
            self.assert_status(c.ask("/", host="MUST.test:443"), 421)
            self.assert_status(c.ask("/"), 200)
        with self.client("must.test", self.ada) as c:
            self.assert_status(c.ask("/", host="shop.test"), 421)
            self.assert_status(c.ask("/", host="more.test"), 421)  # a deeper chain is another demand
            self.assert_status(c.ask("/", host="also.test"), 200)  # the same demand
        self.assertEqual(self.api(self.adit).metric("adit_refusals_total", reason="misdirected"), 6)

    def test_a_session_carries_no_identity_elsewhere(self):
        self.start_gateway()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with_context = context(self.authority, version)
            with_context.load_cert_chain(*self.ada)
            with Secure(self.adit.https[0], "must.test", with_context) as c:
                self.assert_status(c.ask("/"), 200)
                session = c.sock.session
            with Secure(self.adit.https[0], "must.test", with_context, session) as c:
                self.assertTrue(c.sock.session_reused)
                told = self.told(c.ask("/"))
                self.assertEqual(told["ssl-client-subject-dn"], "CN=ada,O=Adit")
                session = c.sock.session
            for name in ("shop.test", "also.test"):
                with Secure(self.adit.https[0], name, with_context, session) as c:
                    self.assertFalse(c.sock.session_reused, name)

    def test_new_demands_count_for_open_connections(self):
        self.start_gateway()
        with self.client("shop.test") as c:
            self.assert_status(c.ask("/"), 200)
            text = open(self.adit.config).read()
            base.write(self.adit.config, text.replace("hosts: [may.test]", "hosts: [may.test, shop.test]"))
            daemon.until(lambda: c.ask("/").status == 421, "the new demand")
