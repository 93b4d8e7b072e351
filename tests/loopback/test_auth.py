"""External authorisation: a real service on a socket says who may come."""

import base64
import hashlib
import subprocess
import threading

import base
import daemon
import raw
from scripted import Scripted, answer

OK = answer(b"")


class ExternalAuth(base.Case):
    def gateway(self, service, rule="", more="", workers=1):
        """`service`: what answers the questions, or an address. Behind the gateway stands self.upstream."""
        self.upstream = self.keep(Scripted(lambda request: answer(b"served")))
        if not isinstance(service, str):
            self.service = self.keep(Scripted(service))
            service = self.service.address
        return self.serve(
            f"""
routes:
- name: shop
  tracks: {{stable: {{endpoints: ["{self.upstream.address}"]}}}}
  external_auth: {{url: "http://{service}/verify?realm=shop"{rule}}}
  {more}
""",
            workers=workers,
        )

    def test_who_may_come_and_who_may_not(self):
        def judge(request):
            word = request.get("authorization")
            if word == "good":
                return answer(b"fine", "X-User: ann", "X-Role: staff", "X-Other: x")
            if word == "bad":
                return answer(b"never", status="403 Forbidden")
            return answer(b"who?", 'WWW-Authenticate: Bearer realm="shop"', status="401 Unauthorized")

        adit = self.gateway(judge, ", response_headers: [X-User, X-Role]")
        with raw.Connection(adit.http[0]) as c:
            got = c.ask("/cart?a=1", fields=[("Authorization", "good"), ("X-User", "root"), ("x-role", "root")])
            self.assertEqual((got.status, got.body), (200, b"served"))
            seen = self.upstream.requests[0]
            self.assertEqual((seen.all("X-User"), seen.all("X-Role"), seen.get("X-Other")), (["ann"], ["staff"], None))
            got = c.ask("/", fields=[("Authorization", "bad")])
            self.assertEqual(got.status, 403)
            self.assertIn(b"external-auth-forbidden", got.body)
            got = c.ask("/")
            self.assertEqual((got.status, got.get("www-authenticate")), (401, 'Bearer realm="shop"'))
            self.assertIn(b"external-auth-unauthorized", got.body)
            self.assertNotIn(b"who?", got.body)
        self.assertEqual(len(self.upstream.requests), 1)
        self.assertEqual(self.service.connections, 1, "questions go over one kept connection")
        api = self.api(adit)
        for name, count in (("allowed", 1), ("denied", 2), ("failed", 0), ("cached", 0)):
            self.assertEqual(api.metric("adit_external_auth_total", result=name), count, name)
        self.assertEqual(api.metric("adit_refusals_total", reason="external-auth-forbidden"), 1)

    def test_what_is_asked(self):
        adit = self.gateway(lambda request: OK)
        with raw.Connection(adit.http[0]) as c:
            fields = [("Cookie", "a=b"), ("X-Original-URL", "http://evil/"), ("Expect", "100-continue")]
            self.assert_status(c.ask("/a%20b?c=d", "shop.test", "POST", fields, b"body"), 200)
        asked = self.service.requests[0]
        self.assertEqual((asked.method, asked.target), ("GET", "/verify?realm=shop"))
        self.assertEqual(asked.all("Host"), [self.service.address])
        self.assertEqual(asked.all("X-Original-URL"), ["http://shop.test/a%20b?c=d"])
        self.assertEqual(asked.get("X-Original-Method"), "POST")
        self.assertEqual(asked.get("X-Auth-Request-Redirect"), "/a%20b?c=d")
        self.assertEqual(asked.get("X-Forwarded-Host"), "shop.test")
        self.assertEqual(asked.get("X-Forwarded-For"), "127.0.0.1")
        self.assertEqual(asked.get("Cookie"), "a=b")
        self.assertEqual((asked.get("Content-Length"), asked.get("Expect"), asked.body), (None, None, b""))
        seen = self.upstream.requests[0]
        self.assertEqual(seen.body, b"body")
        self.assertEqual(seen.get("X-Request-ID"), asked.get("X-Request-ID"))

    def test_only_named_fields_and_another_method(self):
        adit = self.gateway(
            lambda request: OK, ", method: POST, request_headers: [Authorization], request_redirect: /home"
        )
        with raw.Connection(adit.http[0]) as c:
            self.assert_status(c.ask("/", fields=[("Authorization", "x"), ("Cookie", "a=b")]), 200)
        asked = self.service.requests[0]
        self.assertEqual((asked.method, asked.get("Content-Length")), ("POST", "0"))
        self.assertEqual((asked.get("Authorization"), asked.get("Cookie")), ("x", None))
        self.assertEqual(asked.get("X-Auth-Request-Redirect"), "/home")

    def test_sign_in(self):
        adit = self.gateway(
            lambda request: answer(b"", "Set-Cookie: csrf=1", status="401 Unauthorized"),
            ', signin: "https://id.test/start?app=shop"',
        )
        got = raw.ask(adit.http[0], "/a?b=c", host="shop.test")
        self.assertEqual(got.status, 302)
        self.assertEqual(got.get("location"), "https://id.test/start?app=shop&rd=http%3A%2F%2Fshop.test%2Fa%3Fb%3Dc")
        self.assertEqual(got.get("set-cookie"), "csrf=1")

    def test_cookies_of_the_service_reach_the_client(self):
        adit = self.gateway(lambda request: answer(b"", "Set-Cookie: s=1; Path=/", "Set-Cookie: t=2"))
        self.assertEqual(raw.ask(adit.http[0]).all("set-cookie"), ["s=1; Path=/", "t=2"])

    def test_kept_answers(self):
        def judge(request):
            if request.get("authorization"):
                return answer(b"", "X-User: " + request.get("authorization"))
            return answer(b"", status="401 Unauthorized")

        adit = self.gateway(
            judge, ", response_headers: [X-User], cache: {key: [{header: Authorization}, {request: method}], ttl: 10m}"
        )
        with raw.Connection(adit.http[0]) as c:
            for word, status in (("ann", 200), ("ann", 200), ("bob", 200), (None, 401), (None, 401), ("ann", 200)):
                got = c.ask("/", fields=[("Authorization", word)] if word else [])
                self.assertEqual(got.status, status)
                if word:
                    self.assertEqual(self.upstream.requests[-1].get("X-User"), word)
            self.assertEqual(len(self.service.requests), 3)
            self.assert_status(c.ask("/", method="DELETE", fields=[("Authorization", "ann")]), 200)
            self.assertEqual(len(self.service.requests), 4)
        self.assertEqual(self.api(adit).metric("adit_external_auth_total", result="cached"), 3)

    def test_kept_answers_grow_old(self):
        adit = self.gateway(lambda request: OK, ", cache: {key: [{header: Authorization}], ttl: 1ms}")
        with raw.Connection(adit.http[0]) as c:

            def asked_again():
                self.assert_status(c.ask("/"), 200)
                return len(self.service.requests) > 1

            daemon.until(asked_again, "the answer to grow old")

    def test_a_service_that_fails(self):
        cases = {
            "500": lambda request: answer(b"", status="500 Oops"),
            "302": lambda request: answer(b"", "Location: /x", status="302 Found"),
            "garbage": lambda request: b"what?\r\n\r\n",
            "closed": lambda request: None,
            "too large": lambda request: answer(b"", "X-Large: " + "x" * 20000),
        }
        for name, judge in cases.items():
            for allow in (False, True):
                with self.subTest(name, allow=allow):
                    adit = self.gateway(judge, ", on_error: allow" if allow else ", status_on_error: 500")
                    got = raw.ask(adit.http[0])
                    self.assertEqual(got.status, 200 if allow else 500, got)
                    self.assertEqual(len(self.upstream.requests), 1 if allow else 0)
                    if not allow:
                        self.assertIn(b"external-auth-failed", got.body)
                    self.assertEqual(self.api(adit).metric("adit_external_auth_total", result="failed"), 1)

    def test_nobody_to_ask(self):
        adit = self.gateway(f"127.0.0.1:{daemon.free_port()}")
        with raw.Connection(adit.http[0]) as c:
            self.assert_status(c.ask("/"), 503)
            self.assert_status(c.ask("/"), 503)
        self.assertEqual(len(self.upstream.requests), 0)

    def test_a_service_that_is_slow(self):
        go = threading.Event()

        def stall(peer):
            go.wait(20)

        adit = self.gateway(lambda request: stall, ", timeout: 200ms")
        got = raw.ask(adit.http[0])
        go.set()
        self.assertEqual(got.status, 503)
        self.assertEqual(len(self.upstream.requests), 0)

    def test_a_connection_that_grew_stale_is_not_a_failure(self):
        def once(request):
            return lambda peer: peer.sendall(answer(b"", "Connection: keep-alive"))  # and closes

        adit = self.gateway(once)
        with raw.Connection(adit.http[0]) as c:
            for _ in range(4):
                self.assert_status(c.ask("/"), 200)

    def test_a_client_that_leaves_takes_its_question_along(self):
        left = threading.Event()

        def stall(peer):
            if not peer.recv(1):  # the gateway closes
                left.set()

        adit = self.gateway(lambda request: stall, ", timeout: 60s")
        c = raw.Connection(adit.http[0])
        c.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12")
        daemon.until(lambda: self.service.requests, "the question")
        c.close()
        self.assertTrue(left.wait(20))
        self.assertEqual(len(self.upstream.requests), 0)
        api = self.api(adit)
        daemon.until(lambda: api.metric("adit_requests_in_flight") == 0, "the exchange to end")

    def test_a_body_waits_for_the_answer(self):
        asked, go = threading.Event(), threading.Event()

        def judge(request):
            asked.set()
            go.wait(20)
            return OK

        adit = self.gateway(judge)
        body = bytes(range(256)) * 2000
        with raw.Connection(adit.http[0]) as c:
            c.send(raw.head("POST", "/", c.host, [], body)[: -len(body)] + body[:1000])
            self.assertTrue(asked.wait(20))
            sender = threading.Thread(target=c.send, args=(body[1000:],))
            sender.start()
            go.set()
            self.assert_status(c.read(), 200)
            sender.join()
        self.assertEqual(self.upstream.requests[0].body, body)

    def test_a_body_that_has_begun_finds_another_endpoint(self):
        self.upstream = self.keep(Scripted(lambda request: answer(b"%d" % len(request.body))))
        service = self.keep(Scripted(lambda request: OK))
        adit = self.serve(
            f"""
routes:
- name: shop
  tracks: {{stable: {{endpoints: ["127.0.0.1:{daemon.free_port()}", "{self.upstream.address}"]}}}}
  external_auth: {{url: "http://{service.address}/"}}
""",
            workers=1,
        )
        body = b"x" * 300_000
        for _ in range(4):
            self.assertEqual(raw.ask(adit.http[0], method="POST", body=body).body, b"300000")

    def test_a_name_is_looked_up(self):
        self.service = self.keep(Scripted(lambda request: OK))
        adit = self.gateway(f"localhost:{self.service.port}")
        daemon.until(lambda: raw.ask(adit.http[0]).status == 200, "the name to be known")
        self.assertEqual(self.service.requests[0].get("Host"), f"localhost:{self.service.port}")

    def test_behind_a_password(self):
        users = self.folder() + "/users"
        base.write(users, "ann:{SHA}" + base64.b64encode(hashlib.sha1(b"secret").digest()).decode() + "\n")
        adit = self.gateway(
            lambda request: answer(b"", status="401 Unauthorized"), more=f"basic_auth: {{file: {users}, realm: shop}}"
        )
        got = raw.ask(adit.http[0])
        self.assertEqual((got.status, len(got.all("www-authenticate"))), (401, 1))
        self.assertEqual(self.service.requests, [])
        login = base64.b64encode(b"ann:secret").decode()
        got = raw.ask(adit.http[0], fields=[("Authorization", "Basic " + login)])
        self.assertEqual((got.status, got.all("www-authenticate")), (401, []))
        self.assertIn(b"external-auth-unauthorized", got.body)
        self.assertEqual(len(self.service.requests), 1)

    def test_pipelined_requests_are_asked_about_one_by_one(self):
        adit = self.gateway(
            lambda request: answer(b"", status="403 No") if request.get("x-no") else OK
        )
        with raw.Connection(adit.http[0]) as c:
            requests = [raw.head("GET", "/", c.host, [("X-No", "1")] if i % 3 == 1 else [], None) for i in range(9)]
            self.assertEqual([x.status for x in c.pipeline(requests)], [200, 403, 200] * 3)

    def test_mistakes_have_a_place(self):
        path = self.folder() + "/bad.yaml"
        for rule, told in (
            ("{url: \"https://a/\"}", "a service is asked over plain HTTP"),
            ("{endpoints: [\"https://a\"]}", "external_auth.endpoints[0]: a service is asked over plain HTTP"),
            ("{url: \"http://a/#b\"}", "a service is not asked with a fragment"),
            ("{timeout: 1s}", "one of the keys url or endpoints is wanted"),
            ("{url: \"http://a/\", path: /b}", "the path stands in the URL already"),
            ("{url: \"http://a/\", cache: {key: [], ttl: 1s}}", "a key without parts"),
            ("{url: \"http://a/\", cache: {key: [{header: A}]}}", "external_auth.cache.ttl: the key is missing"),
            ("{url: \"http://a/\", response_headers: [Host]}", "`Host` belongs to one connection only"),
            ("{url: \"http://a/\", status_on_error: 200}", "200 does not say whose failure it is"),
            ("{url: \"http://a/\", signin: login}", "`login` is not a URL"),
        ):
            base.write(path, f"routes:\n- name: a\n  tracks: {{stable: {{endpoints: [a]}}}}\n  external_auth: {rule}\n")
            done = subprocess.run([base.BINARY, "check", "--config", path], capture_output=True, text=True)
            said = done.stdout + done.stderr
            self.assertEqual(done.returncode, 1, said)
            self.assertIn(told, said)
            self.assertIn(path + ":4:", said)


if __name__ == "__main__":
    import unittest

    unittest.main()
