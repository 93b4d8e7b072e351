"""Pages in the place of errors: of files and texts, made by a service, for refusals and for upstream answers."""

import os
import subprocess
import threading

import base
import daemon
import raw
from scripted import Scripted, answer

PAGE = "<h1>gone fishing</h1>\n" * 5000  # more than fits beside a head


class ErrorPages(base.Case):
    def gateway(self, route="", top="", endpoints=None, path=None):
        self.upstream = self.keep(Scripted(self.serve_status))
        endpoints = f'"{self.upstream.address}"' if endpoints is None else endpoints
        config = f"""
{top}
routes:
- name: shop
  match: {{hosts: [shop.test]}}
  tracks: {{stable: {{endpoints: [{endpoints}]}}}}
  {route}
"""
        if path:
            base.write(path, config)
        return self.serve(config, workers=1, path=path)

    def serve_status(self, request):
        status = request.target.strip("/") or "200"
        return answer(
            b"upstream says " + status.encode(),
            "Content-Type: text/plain",
            'WWW-Authenticate: Basic realm="x"',
            "Retry-After: 7",
            "X-Secret: stack trace",
            status=f"{status} X",
        )

    def test_files_and_texts_for_refusals(self):
        folder = self.folder()
        base.write(os.path.join(folder, "down.html"), PAGE)
        base.write(os.path.join(folder, "missing.json"), '{"error": "missing"}')
        adit = self.gateway(
            route="error_pages: {pages: {503: {file: down.html}}}",
            top="error_pages: {pages: {404: {file: missing.json}, 4xx: {text: no, type: text/x-no}}}",
            endpoints="",
            path=os.path.join(folder, "adit.yaml"),
        )
        with raw.Connection(adit.http[0]) as c:
            for _ in range(2):  # the connection goes on
                got = c.ask("/", "shop.test", fields=[("Accept", "application/json")])
                self.assertEqual((got.status, got.body), (503, PAGE.encode()))
                self.assertEqual(got.get("content-type"), "text/html; charset=utf-8")
                self.assertEqual((got.get("cache-control"), got.get("retry-after")), ("no-store", "1"))
                self.assertIsNotNone(got.get("x-request-id"))
            got = c.ask("/", "nobody.test")
            self.assertEqual((got.status, got.body), (404, b'{"error": "missing"}'))
            self.assertEqual(got.get("content-type"), "application/json")
            c.send(raw.head("HEAD", "/", "shop.test", (), None))
            got = c.read("HEAD")
            self.assertEqual((got.status, got.get("content-length")), (503, str(len(PAGE))))
            got = c.ask("/%zz", "shop.test")  # the route is not known yet
            self.assertEqual((got.status, got.body, got.get("content-type")), (400, b"no", "text/x-no"))
        with raw.Connection(adit.http[0]) as c:
            c.send(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
            got = c.read()
            self.assertEqual((got.status, got.body), (400, b"no"))
        self.assertEqual(self.api(adit).metric("adit_refusals_total", reason="no-endpoint"), 3)

    def test_routes_without_pages_keep_their_words(self):
        adit = self.gateway(route="error_pages: {pages: {404: {text: gone}}}", endpoints="")
        got = raw.ask(adit.http[0], host="shop.test", fields=[("Accept", "application/problem+json")])
        self.assertEqual((got.status, got.json()["reason"]), (503, "no-endpoint"))

    def test_upstream_answers_that_are_replaced(self):
        adit = self.gateway(
            route="error_pages: {pages: {404: {text: nothing here}, 5xx: {text: oops}}, intercept: [404, 5xx, 401]}"
        )
        with raw.Connection(adit.http[0]) as c:
            for status, body in ((404, b"nothing here"), (500, b"oops"), (503, b"oops"), (404, b"nothing here")):
                got = c.ask(f"/{status}", "shop.test")
                self.assertEqual((got.status, got.body), (status, body))
                self.assertEqual(got.get("retry-after"), "7")
                self.assertEqual(got.get("www-authenticate"), 'Basic realm="x"')
                self.assertIsNone(got.get("x-secret"))
            for status in (200, 401, 403):  # not asked for, or nothing to put in its place
                got = c.ask(f"/{status}", "shop.test")
                self.assertEqual((got.status, got.body), (status, b"upstream says %d" % status))
        self.assertEqual(self.upstream.connections, 1, "the connection is used again")
        api = self.api(adit)
        self.assertEqual(api.metric("adit_requests_total", code="404"), 2)
        self.assertEqual(api.metric("adit_intercepted_responses_total"), 4)

    def test_what_is_retried_is_replaced_after_the_last_attempt(self):
        adit = self.gateway(
            route="""error_pages: {pages: {503: {text: oops}}, intercept: [503]}
  retry: {attempts: 3, on: [503], budget: {percent: 100, min: 10}}"""
        )
        with raw.Connection(adit.http[0]) as c:
            got = c.ask("/503", "shop.test")
            self.assertEqual((got.status, got.body), (503, b"oops"))
            self.assertEqual(len(self.upstream.requests), 3)
            answers = iter(["503 No", "200 OK"])
            self.upstream.answers = lambda request: answer(b"at last", status=next(answers))
            got = c.ask("/", "shop.test")
            self.assertEqual((got.status, got.body), (200, b"at last"))
        self.assertEqual(self.api(adit).metric("adit_intercepted_responses_total"), 1)

    def test_what_adit_says_of_a_replaced_answer_stays(self):
        adit = self.gateway(
            route="""error_pages: {pages: {404: {text: lost}}, intercept: [404]}
  response_headers: {set: {X-Frame-Options: DENY}}
  respond: {server_timing: true, header: X-Track}"""
        )
        got = raw.ask(adit.http[0], "/404", host="shop.test")
        self.assertEqual((got.status, got.body), (404, b"lost"))
        self.assertEqual(got.all("x-frame-options"), ["DENY"])
        self.assertEqual((got.get("server-timing"), got.get("x-track")), ('adit;desc="stable"', "stable"))

    def test_a_long_answer_is_not_read_to_its_end(self):
        def endless(request):
            def flood(peer):
                peer.sendall(b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n")
                while True:
                    peer.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")

            return flood

        adit = self.gateway(route="error_pages: {pages: {500: {text: oops}}, intercept: [500]}")
        self.upstream.answers = endless
        with raw.Connection(adit.http[0]) as c:
            for _ in range(3):
                self.assertEqual(c.ask("/", "shop.test").body, b"oops")

    def test_pages_made_by_a_service(self):
        service = self.keep(
            Scripted(
                lambda request: answer(
                    b"<p>" + request.get("X-Code").encode(), "Content-Type: text/x-page", status="200 OK"
                )
            )
        )
        adit = self.gateway(
            route=f"""error_pages:
    pages: {{410: {{text: ours}}}}
    intercept: [4xx, 502]
    backend: ["{service.address}"]
    headers: {{X-Namespace: shop, X-Service-Port: "80"}}"""
        )
        with raw.Connection(adit.http[0]) as c:
            for status in (404, 502, 404):
                got = c.ask(f"/{status}", "shop.test", fields=[("Accept", "text/x-page")])
                self.assertEqual((got.status, got.body), (status, b"<p>%d" % status))
                self.assertEqual(got.get("content-type"), "text/x-page")
            self.assertEqual(c.ask("/410", "shop.test").body, b"ours")
            body = b"x" * 300_000
            got = c.ask("/404", "shop.test", "POST", (), body)
            self.assertEqual((got.status, got.body), (404, b"<p>404"))
        asked = service.requests[0]
        self.assertEqual(
            [asked.get(x) for x in ("X-Code", "X-Format", "X-Original-URI", "X-Namespace", "X-Service-Port")],
            ["404", "text/x-page", "/404", "shop", "80"],
        )
        self.assertIsNotNone(asked.get("X-Request-ID"))
        self.assertEqual(service.connections, 1)
        self.assertEqual(self.api(adit).metric("adit_requests_total", code="404"), 3)

    def test_refusals_go_to_the_service_too(self):
        service = self.keep(Scripted(lambda request: answer(request.get("X-Reason").encode())))
        adit = self.gateway(route=f'error_pages: {{backend: ["{service.address}"]}}', endpoints="")
        with raw.Connection(adit.http[0]) as c:
            for _ in range(2):
                got = c.ask("/", "shop.test")
                self.assertEqual((got.status, got.body), (503, b"no-endpoint"))

    def test_one_service_for_all_routes(self):
        service = self.keep(Scripted(lambda request: answer(request.get("X-Code").encode())))
        adit = self.gateway(
            top=f'error_pages: {{backend: ["{service.address}"], intercept: [404], headers: {{X-Namespace: all}}}}'
        )
        with raw.Connection(adit.http[0]) as c:
            got = c.ask("/404", "shop.test")
            self.assertEqual((got.status, got.body), (404, b"404"))
            self.assertIn(b"no-route", c.ask("/404", "nobody.test").body)
        self.assertEqual([x.get("X-Namespace") for x in service.requests], ["all"])

    def test_a_service_that_fails_leaves_the_plain_words(self):
        cases = {
            "closed": lambda request: None,
            "garbage": lambda request: b"what?\r\n\r\n",
            "too large": lambda request: answer(b"x" * 100_000),
            "endless": lambda request: answer(b"x" * 100_000, length=False),
        }
        for name, made in cases.items():
            with self.subTest(name):
                service = self.keep(Scripted(made))
                adit = self.gateway(route=f'error_pages: {{backend: ["{service.address}"], intercept: [404]}}')
                with raw.Connection(adit.http[0]) as c:
                    got = c.ask("/404", "shop.test")
                    self.assertEqual((got.status, got.body), (404, b"404 Not Found\n"))
                    self.assert_status(c.ask("/200", "shop.test"), 200)
                self.assertEqual(self.api(adit).metric("adit_error_page_failures_total"), 1)

    def test_a_client_that_leaves_while_a_page_is_made(self):
        left = threading.Event()

        def stall(peer):
            if not peer.recv(1):
                left.set()

        service = self.keep(Scripted(lambda request: stall))
        adit = self.gateway(route=f'error_pages: {{backend: ["{service.address}"]}}', endpoints="")
        c = raw.Connection(adit.http[0])
        c.send(raw.head("GET", "/", "shop.test", (), None))
        daemon.until(lambda: service.requests, "the question")
        c.close()
        api = self.api(adit)
        daemon.until(lambda: api.metric("adit_requests_in_flight") == 0, "the exchange to end")
        self.assertTrue(left.wait(20))

    def test_mistakes_have_a_place(self):
        path = self.folder() + "/bad.yaml"
        for pages, told in (
            ("{pages: {404: {file: none.html}}}", "none.html cannot be opened: No such file or directory"),
            ("{pages: {404: {text: a, file: b}}}", "only one of the two can be meant"),
            ("{pages: {404: {}}}", "one of the keys file or text is wanted"),
            ("{pages: {200: {text: a}}}", "`200` is not the status of an error"),
            ("{pages: {4x: {text: a}}}", "`4x` is not a status"),
            ("{intercept: [3xx]}", "`3xx` is not the status of an error"),
            ("{pages: {404: {text: a, type: html}}}", "`html` is not a media type"),
            ("{headers: {X-A: b}}", "nobody gets these headers"),
        ):
            base.write(path, f"routes:\n- name: a\n  tracks: {{stable: {{endpoints: [a]}}}}\n  error_pages: {pages}\n")
            done = subprocess.run([base.BINARY, "check", "--config", path], capture_output=True, text=True)
            said = done.stdout + done.stderr
            self.assertEqual(done.returncode, 1, said)
            self.assertIn(told, said)
            self.assertIn(path + ":4:", said)


class DefaultBackend(base.Case):
    def test_it_answers_when_stable_has_nobody(self):
        spare = self.keep(Scripted(lambda request: answer(b"spare " + request.target.encode())))
        usual = self.keep(Scripted(lambda request: answer(b"usual")))
        config = """
routes:
- name: shop
  tracks: {{stable: {{endpoints: [{}]}}, canary: {{endpoints: [], weight: 50}}}}
  default_backend: ["{}"]
"""
        adit = self.serve(config.format("", spare.address), workers=1)
        with raw.Connection(adit.http[0]) as c:
            for _ in range(10):
                got = c.ask("/a?b", method="POST", body=b"x")
                self.assertEqual((got.status, got.body), (200, b"spare /a?b"))
        api = self.api(adit)
        self.assertEqual(api.metric("adit_default_backend_requests_total"), 10)
        self.assertEqual(api.metric("adit_refusals_total", reason="no-endpoint"), 0)
        base.write(adit.config, config.format(f'"{usual.address}"', spare.address))
        daemon.until(lambda: raw.ask(adit.http[0]).body == b"usual", "the new endpoints")
        self.assertEqual(len(spare.requests), int(api.metric("adit_default_backend_requests_total")))
        base.write(adit.config, config.format("", spare.address).partition("  default_backend")[0])
        daemon.until(lambda: raw.ask(adit.http[0]).status == 503, "nobody to be left")

    def test_nobody_speaks_tls_to_it(self):
        path = self.folder() + "/bad.yaml"
        base.write(path, 'routes:\n- name: a\n  tracks: {stable: {endpoints: [a]}}\n  default_backend: ["https://b"]\n')
        done = subprocess.run([base.BINARY, "check", "--config", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("default_backend[0]: a service is asked over plain HTTP", done.stdout + done.stderr)


if __name__ == "__main__":
    import unittest

    unittest.main()
