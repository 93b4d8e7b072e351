"""The program as its users meet it: commands, exit codes, help, status pages, metrics."""

import os
import re
import shutil
import signal
import subprocess
import unittest

import base
import daemon
import raw

GOOD = """routes:
- name: shop
  match: {hosts: [shop.test]}
  tracks:
    stable: {endpoints: ["127.0.0.1:9"]}
    canary: {endpoints: ["127.0.0.1:9"], weight: 5}
  force: [{header: {name: X-Next, value: gold}, track: canary}]
"""


def run(*arguments, **more):
    return subprocess.run(
        [base.BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=20, **more
    )


class Commands(base.Case):
    def file(self, text):
        path = os.path.join(self.folder(), "adit.yaml")
        base.write(path, text)
        return path

    def test_help(self):
        for arguments in (
            ["--help"],
            ["serve", "--help"],
            ["proxy", "--help"],
            ["check", "--help"],
            ["explain", "--help"],
            ["weight", "--help"],
            ["migrate", "--help"],
            ["tap", "--help"],
            ["top", "--help"],
            ["demo", "--help"],
            ["version", "--help"],
        ):
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("adit", done.stdout)
                self.assertRegex(done.stdout, r"(?i)example", "no example")

    def test_usage_is_2(self):
        for arguments in (
            [],
            ["nonsense"],
            ["serve"],
            ["serve", "--nonsense"],
            ["proxy"],
            ["proxy", "--stable"],
            ["proxy", "--stable", "http://127.0.0.1:9", "--workers", "many"],
            ["proxy", "--stable", "http://127.0.0.1:9", "--weight", "101", "--canary", "http://127.0.0.1:9"],
            ["check"],
            ["migrate"],
            ["weight", "set"],
        ):
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertTrue(done.stderr.strip(), "it says nothing")

    def test_version(self):
        done = run("version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"\d+\.\d+")

    def test_check(self):
        self.assertEqual(run("check", "--config", self.file(GOOD)).returncode, 0)
        bad = self.file(GOOD.replace("weight: 5", "wieght: 5"))
        done = run("check", "--config", bad)
        self.assertEqual(done.returncode, 1)
        text = done.stdout + done.stderr
        self.assertRegex(text, re.escape(bad) + r":6:\d+", "no file, line and column")
        self.assertIn("wieght", text)
        self.assertIn("weight", text.replace("wieght", ""), "no suggestion")
        self.assertEqual(run("check", "--config", "/nonexistent/adit.yaml").returncode, 1)

    def test_check_defaults(self):
        done = run("check", "--defaults")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("request_line", done.stdout)

    def test_check_of_shipped_example(self):
        self.assertEqual(
            run("check", "--config", os.path.join(daemon.repository(), "config", "adit.yaml")).returncode, 0
        )

    def test_serve_with_bad_file(self):
        done = run(
            "serve",
            "--config",
            self.file("routes: ["),
            "--http",
            "127.0.0.1:0",
            "--admin",
            "127.0.0.1:0",
            "--status",
            "127.0.0.1:0",
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn("adit.yaml", done.stderr)

    def test_port_taken(self):
        adit = self.proxy("127.0.0.1:9")
        done = run(
            "proxy",
            "--stable",
            "http://127.0.0.1:9",
            "--http",
            "127.0.0.1:0",
            "--admin",
            "{}:{}".format(*adit.admin),
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(adit.admin[1]), done.stderr)

    def test_explain(self):
        path = self.file(GOOD)
        done = run("explain", "--config", path, "http://shop.test/x", "--header", "X-Next: gold")
        if done.returncode == 2:
            done = run("explain", "--config", path, "--header", "X-Next: gold", "http://shop.test/x")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("shop", done.stdout)
        self.assertIn("canary", done.stdout)
        self.assertIn("X-Next", done.stdout)

    def test_weight(self):
        adit = self.serve(GOOD)
        at = ["--admin", "{}:{}".format(*adit.admin)]
        done = run("weight", "get", "shop", *at)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("5", done.stdout)
        self.assertEqual(run("weight", "set", "shop", "canary=12.5", *at).returncode, 0)
        self.assertEqual(self.api(adit).get("/api/v1/routes/shop").json()["weights"]["canary"], 12.5)
        self.assertEqual(run("weight", "clear", "shop", *at).returncode, 0)
        self.assertEqual(self.api(adit).get("/api/v1/routes/shop").json()["weights"]["canary"], 5)
        self.assertEqual(run("weight", "set", "shop", "canary=101", *at).returncode, 2)
        self.assertEqual(run("weight", "set", "none", "canary=1", *at).returncode, 1)
        adit.stop()
        done = run("weight", "get", "shop", *at)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(adit.admin[1]), done.stderr)


class Demo(base.Case):
    def test_demo(self):
        demo = self.start("demo", "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0")
        daemon.until(lambda: raw.ask(demo.http[0]).status == 200, "an answer")
        daemon.until(lambda: raw.Api(demo.admin).metric("adit_requests_total") > 20, "the demo's own traffic")
        self.assertLessEqual(len([x for x in demo.lines if x.strip()]), 13)
        demo.signal(signal.SIGINT)
        self.assertEqual(demo.wait(), 0)


class Status(base.Case):
    def setUp(self):
        self.up = self.fast("v1")
        self.adit = self.serve(base.two_tracks(self.up.address, self.up.address, 25))

    def test_pages(self):
        for address in (self.adit.status, self.adit.admin):
            for page in ("/livez", "/readyz", "/healthz", "/metrics", "/version"):
                self.assert_status(raw.ask(address, page), 200)
        self.assertEqual(raw.ask(self.adit.admin, "/openapi.json").json()["openapi"][0], "3")

    def test_status_address_only_reads(self):
        for method, page in (
            ("GET", "/api/v1/routes"),
            ("PUT", "/api/v1/routes/shop/weights"),
            ("POST", "/api/v1/reload"),
        ):
            self.assertIn(raw.ask(self.adit.status, page, method=method, body=b"{}").status, (403, 404, 405))

    def test_foreign_host(self):
        """Pages in a browser cannot reach the API by a name of their own that resolves to this machine."""
        self.assert_status(raw.ask(self.adit.admin, "/api/v1/routes", host="evil.test"), 403)
        self.assert_status(raw.ask(self.adit.admin, "/api/v1/routes", host="localhost"), 200)

    def test_unknown(self):
        self.assert_status(raw.ask(self.adit.admin, "/nothing"), 404)
        self.assert_status(raw.ask(self.adit.admin, "/metrics", method="DELETE"), 405)

    def test_ready_line(self):
        self.assertEqual(set(self.adit.ready) >= {"adit", "http", "admin", "status"}, True)

    def test_events(self):
        with raw.Connection(self.adit.admin) as c:
            c.send(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
            while b"\r\n\r\n" not in c.data:
                c.more()
            self.assertIn(b"text/event-stream", c.data)
            self.api(self.adit).weights("shop", canary=33)
            while b"event: weights" not in c.data or b'"canary":33' not in c.data:
                c.more()

    def test_audit(self):
        self.api(self.adit).weights("shop", canary=33)
        daemon.until(
            lambda: any("weights" in x and "33" in x for x in self.adit.log().splitlines()), "an audit line"
        )


class Metrics(base.Case):
    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool(self):
        up = self.fast("v1")
        adit = self.serve(base.two_tracks(up.address, up.address, 25))
        for _ in range(10):
            raw.ask(adit.http[0])
        with raw.Connection(adit.http[0]) as c:
            c.send(b"BAD\r\n\r\n")
            c.read()
        text = self.api(adit).get("/metrics").body
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, b""))

    def test_names_and_numbers(self):
        stable, canary = self.fast("v1"), self.fast("v2")
        adit = self.serve(base.two_tracks(stable.address, canary.address, 0, hosts="shop.test"))
        api = self.api(adit)
        ask = lambda **m: raw.ask(adit.http[0], "/1k", host="shop.test", **m)  # noqa: E731
        for _ in range(5):
            ask()
        ask(method="POST", body=b"12345")
        ask(method="PURGE")
        api.weights("shop", canary=100)
        for _ in range(3):
            ask()
        self.assert_status(raw.ask(adit.http[0], host="other.test"), 404)
        with raw.Connection(adit.http[0]) as c:
            c.send(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")
            self.assert_status(c.read(), 400)
        total = lambda **labels: api.metric("adit_requests_total", **labels)  # noqa: E731
        daemon.until(lambda: total(route="shop") == 10, "all exchanges counted")
        self.assertEqual(total(route="shop", track="stable", method="GET", code="200"), 5)
        self.assertEqual(total(route="shop", track="stable", method="POST"), 1)
        self.assertEqual(total(route="shop", track="stable", method="other"), 1)
        self.assertEqual(total(route="shop", track="canary", code="200"), 3)
        self.assertEqual(api.metric("adit_request_duration_seconds_count", route="shop", track="canary"), 3)
        self.assertEqual(api.metric("adit_upstream_duration_seconds_count", route="shop", track="stable"), 7)
        self.assertGreater(api.metric("adit_response_bytes_total", route="shop"), 10 * 1024)
        self.assertGreaterEqual(api.metric("adit_request_bytes_total", route="shop"), 5)
        self.assertEqual(api.metric("adit_requests_in_flight", route="shop"), 0)
        self.assertEqual(api.metric("adit_weight_ratio", route="shop", track="canary"), 1)
        self.assertGreaterEqual(api.metric("adit_refusals_total"), 2)
        self.assertGreater(
            api.metric("adit_upstream_pool_hits_total") + api.metric("adit_upstream_pool_misses_total"), 9
        )
        names = {n for n, _ in api.metrics()}
        for name in (
            "adit_build_info",
            "adit_config_generation",
            "adit_config_last_reload_successful",
            "adit_connections",
            "adit_retries_total",
            "adit_fallbacks_total",
        ):
            self.assertIn(name, names)


class Tokens(base.Case):
    def test_token(self):
        folder = self.folder()
        token = os.path.join(folder, "token")
        base.write(token, "secret-token-of-the-test\n")
        adit = self.serve(GOOD, "--admin-token-file", token)
        with_token = [("Authorization", "Bearer secret-token-of-the-test")]
        self.assert_status(raw.ask(adit.admin, "/api/v1/routes"), 401)
        self.assert_status(
            raw.ask(adit.admin, "/api/v1/routes", fields=[("Authorization", "Bearer wrong")]), 401
        )
        self.assert_status(raw.ask(adit.admin, "/api/v1/routes", fields=with_token), 200)
        self.assert_status(raw.ask(adit.admin, "/livez"), 200)

    def test_open_address_needs_token(self):
        done = run("proxy", "--stable", "http://127.0.0.1:9", "--http", "127.0.0.1:0", "--admin", "0.0.0.0:0")
        self.assertIn(done.returncode, (1, 2))
        self.assertIn("admin-token-file", done.stderr)
