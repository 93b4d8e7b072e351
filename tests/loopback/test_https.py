"""Plain requests sent to https, and Strict-Transport-Security."""

import subprocess

import base
import daemon
import raw
from test_tls import Secure, TlsCase, context


class Https(TlsCase):
    def start_gateway(self, wish, more=""):
        self.adit = self.gateway(self.mirror("a").address, self.shop, route=f"  https: {wish}\n", more=more)
        return self.adit

    def plain(self, target="/", host="shop.test", **more):
        return raw.ask(self.adit.http[0], target, host=host, **more)

    def secure(self, **more):
        with Secure(self.adit.https[0], "shop.test", context(self.authority)) as c:
            return c.ask("/", **more)

    def test_plain_requests_are_sent_on(self):
        self.start_gateway("{redirect: true}")
        for target, host, location in (
            ("/", "shop.test", "https://shop.test/"),
            ("/a/../b%20c?x=1&y=%2F", "shop.test:8080", "https://shop.test/a/../b%20c?x=1&y=%2F"),
            ("/?", "Shop.test", "https://Shop.test/?"),
            ("/", "[::1]:8080", "https://[::1]/"),
            ("http://abs.test", "shop.test", "https://abs.test/"),
        ):
            answer = self.plain(target, host)
            self.assert_status(answer, 308)
            self.assertEqual(answer.get("location"), location)
            self.assertIsNone(answer.get("strict-transport-security"))
        self.assert_status(self.secure(), 200)
        self.assert_status(self.plain(method="POST", body=b"x" * 1000), 308)

    def test_the_connection_goes_on(self):
        self.start_gateway("{redirect: 302, port: 8443}")
        with raw.Connection(self.adit.http[0]) as c:
            for i in range(3):
                answer = c.ask(f"/{i}", host="shop.test", method="POST", body=b"ignored")
                self.assert_status(answer, 302)
                self.assertEqual(answer.get("location"), f"https://shop.test:8443/{i}")

    def test_a_trusted_proxy_may_say_that_it_was_tls(self):
        told = [("X-Forwarded-Proto", "https")]
        self.start_gateway("{redirect: true}")
        self.assert_status(self.plain(fields=told), 308)  # anybody could say so
        self.start_gateway("{redirect: true, hsts: {}}", more="trusted_proxies: [127.0.0.1]\n")
        answer = self.plain(fields=told)
        self.assert_status(answer, 200)
        self.assertEqual(answer.get("strict-transport-security"), "max-age=31536000")
        self.assert_status(self.plain(), 308)

    def test_hsts_is_told_over_tls_only(self):
        self.start_gateway("{hsts: {max_age: 3600, include_subdomains: true, preload: true}}")
        self.assertEqual(
            self.secure().all("strict-transport-security"), ["max-age=3600; includeSubDomains; preload"]
        )
        answer = self.plain()
        self.assert_status(answer, 200)
        self.assertIsNone(answer.get("strict-transport-security"))

    def test_a_cohort_cookie_is_secure_where_the_client_is(self):
        self.adit = self.gateway(self.mirror("a").address, self.shop)
        split = base.two_tracks(self.mirror("a").address, self.mirror("b").address, 50, "all")
        pair = f"tls: {{certificates: [{{cert: {self.shop[0]}, key: {self.shop[1]}}}]}}\n"
        base.write(self.adit.config, pair + split + "  cohort: {cookie: adit}\n")
        daemon.until(lambda: self.plain().get("set-cookie"), "the cohort")
        self.assertIn("; Secure", self.secure().get("set-cookie"))
        self.assertNotIn("; Secure", self.plain().get("set-cookie"))

    def test_proxy_serves_tls_without_a_file(self):
        upstream = self.mirror("a").address
        adit = self.start(
            "proxy", "--stable", f"http://{upstream}", "--https", "127.0.0.1:0", "--admin", "127.0.0.1:0",
            "--cert", self.shop[0], "--key", self.shop[1], "--cert", self.wild[0], "--key", self.wild[1],
        )  # fmt: skip
        self.assertEqual(adit.http, [])
        for name, pair in (("shop.test", self.shop), ("x.wild.test", self.wild)):
            with Secure(adit.https[0], name, context(self.authority)) as c:
                self.assertEqual(c.certificate, self.der(pair))
                self.assert_status(c.ask("/"), 200)
        done = subprocess.run(
            [adit.argv[0], "proxy", "--stable", f"http://{upstream}", "--https", ":0", "--cert", self.shop[0]],
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        self.assertEqual(done.returncode, 2)
        self.assertIn("each certificate needs its key", done.stderr)
