"""Retries: what is sent again, to whom, how often, and what the client sees of it."""

import socket
import threading

import base
import daemon
import raw
import sockets

from sockets import Server, answer


def always(response):
    return lambda *_: response


GOOD = always(answer(200, b"good"))
BUSY = always(answer(503, b"busy"))


class Case(sockets.Case):
    def server(self, behave):
        return self.keep(Server(behave))

    def gateway(self, retry, *endpoints, **more):
        addresses = ", ".join(f'"{e if isinstance(e, str) else e.address}"' for e in endpoints)
        return self.serve(
            f"""
routes:
- name: r
  tracks: {{stable: {{endpoints: [{addresses}]}}}}
{"  retry: {" + retry + "}" if retry is not None else ""}
{more.get("also", "")}
""",
            workers=1,
        )

    def ask(self, adit, **more):
        return raw.ask(adit.http[0], **more)

    def retries(self, adit, reason):
        return self.api(adit).metric("adit_retries_total", reason=reason)


def dead():
    """An address that refuses."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return "127.0.0.1:%d" % one.getsockname()[1]


class Stale(Case):
    def test_a_row_of_closed_connections_ends_at_a_new_one(self):
        """Each pooled connection closes at its second request; the third attempt is on none of them."""
        together, lock, used = threading.Barrier(4), threading.Lock(), set()

        def behave(server, number, head, sock):
            with lock:
                is_new = sock not in used
                used.add(sock)
            if not is_new:
                return None
            if number <= 4:
                together.wait(10)
            return answer(200, b"good")

        adit = self.gateway(None, self.server(behave))
        asking = [threading.Thread(target=self.ask, args=(adit,)) for _ in range(4)]
        for one in asking:
            one.start()
        for one in asking:
            one.join()
        daemon.until(lambda: self.api(adit).metric("adit_upstream_idle_connections") == 4, "four idle connections")
        self.assertEqual(self.ask(adit).status, 200)
        self.assertEqual(self.retries(adit, "stale"), 2)


class Conditions(Case):
    def check_saved(self, retry, reason, behave, asked=10, **request):
        """One of two endpoints fails in some way: no client notices, and everything is counted once."""
        bad, good = self.server(behave), self.server(GOOD)
        adit = self.gateway(retry, bad, good)
        for _ in range(asked):
            got = self.ask(adit, **request)
            self.assertEqual((got.status, got.body), (200, b"good"))
        self.assertGreater(len(bad.seen), 0)
        self.assertEqual(len(good.seen), asked)
        self.assertEqual(self.retries(adit, reason), len(bad.seen))
        api = self.api(adit)
        self.assertEqual(api.metric("adit_retries_total"), len(bad.seen))
        self.assertEqual(api.metric("adit_retry_successes_total"), len(bad.seen))
        self.assertEqual(api.metric("adit_requests_total", code="200"), asked)
        self.assertEqual(api.metric("adit_requests_total"), asked)
        return adit, bad, good

    def test_status(self):
        self.check_saved("on: [503]", "status", BUSY)
        self.check_saved("on: [5xx]", "status", BUSY)

    def test_long_response_is_thrown_away(self):
        self.check_saved("on: [502]", "status", always(answer(502, bytes(1000000))))

    def test_reset(self):
        self.check_saved("on: [reset]", "reset", always(None))
        self.check_saved("on: [reset]", "reset", lambda s, n, h, sock: sock.sendall(b"HTTP/1.1 200 O"))

    def test_bad_response(self):
        self.check_saved("on: [bad_response]", "bad_response", always(b"SSH-2.0-OpenSSH\r\n\r\n"))

    def test_timeout(self):
        hang = threading.Event()
        self.addCleanup(hang.set)
        retry = "attempts: 3, on: [timeout], per_try_timeout: 500ms"
        adit, *_ = self.check_saved(retry, "timeout", lambda *_: hang.wait(30) and None, asked=3)
        self.assertGreater(self.api(adit).metric("adit_timeouts_total", timeout="attempt"), 0)
        self.assertEqual(self.api(adit).metric("adit_timeouts_total", timeout="first_byte"), 0)

    def test_connect(self):
        """Nothing was sent: whatever the method, and beyond the one silent attempt."""
        good = self.server(GOOD)
        adit = self.gateway("attempts: 4, on: [connect]", dead(), dead(), dead(), good)
        for method in ("GET", "POST"):
            got = self.ask(adit, method=method, body=b"x" if method == "POST" else None)
            self.assert_status(got, 200)
        self.assertGreaterEqual(self.retries(adit, "connect"), 2)

    def test_what_is_not_named_is_not_retried(self):
        for retry, behave, status in (
            ("on: [502]", BUSY, 503),
            ("on: [5xx]", always(None), 502),
            ("on: [reset, timeout]", BUSY, 503),
            ("on: [reset]", always(b"SSH-2.0-OpenSSH\r\n\r\n"), 502),
        ):
            bad = self.server(behave)
            adit = self.gateway("attempts: 3, " + retry, bad)
            self.assert_status(self.ask(adit), status)
            self.assertEqual(len(bad.seen), 1)
            self.assertEqual(self.api(adit).metric("adit_retry_successes_total"), 0)

    def test_without_rules_an_answer_is_an_answer(self):
        busy = self.server(BUSY)
        adit = self.gateway(None, busy)
        self.assertEqual(self.ask(adit).body, b"busy")
        self.assertEqual(len(busy.seen), 1)
        good = self.server(GOOD)
        adit = self.gateway(None, dead(), good)
        for _ in range(4):
            self.assert_status(self.ask(adit), 200)
        self.assertGreaterEqual(self.retries(adit, "connect"), 1)


class Bounds(Case):
    def test_last_answer_goes_through(self):
        busy = self.server(lambda s, number, *_: answer(503, b"busy %d" % number, b"X-A: 1\r\n"))
        adit = self.gateway("attempts: 3, on: [5xx]", busy)
        got = self.ask(adit)
        self.assertEqual((got.status, got.body, got.get("x-a")), (503, b"busy 3", "1"))
        self.assertEqual(self.retries(adit, "status"), 2)
        api = self.api(adit)
        self.assertEqual(api.metric("adit_requests_total", code="503"), 1)
        self.assertEqual(api.metric("adit_retry_successes_total"), 0)
        # its connection was kept all the time
        self.assertEqual(busy.connections, 1)

    def test_last_failure_is_told(self):
        gone = self.server(always(None))
        adit = self.gateway("attempts: 3, on: [reset]", gone)
        self.assert_status(self.ask(adit), 502)
        self.assertEqual(len(gone.seen), 3)

    def test_within(self):
        busy = self.server(lambda *_: threading.Event().wait(0.3) or answer(503))
        adit = self.gateway("attempts: 8, on: [5xx], within: 500ms", busy)
        self.assert_status(self.ask(adit), 503)
        self.assertLess(len(busy.seen), 4)
        self.assertGreater(len(busy.seen), 1)

    def test_budget(self):
        """Of 20 requests under way that all fail at once, 20 % are sent again."""
        arrived, go = threading.Semaphore(0), threading.Event()
        again, end = threading.Semaphore(0), threading.Event()

        def behave(server, number, *_):
            if number <= 20:
                arrived.release()
                go.wait(20)
                return answer(503, b"first")
            again.release()
            end.wait(20)
            return answer(200, b"second")

        adit = self.gateway("attempts: 2, on: [5xx]", self.server(behave))
        self.addCleanup(end.set)
        got = []
        clients = [threading.Thread(target=lambda: got.append(self.ask(adit))) for _ in range(20)]
        for one in clients:
            one.start()
        for _ in range(20):
            self.assertTrue(arrived.acquire(timeout=20))
        go.set()
        for _ in range(4):
            self.assertTrue(again.acquire(timeout=20))
        daemon.until(lambda: len(got) == 16, "those without a retry to have their answer")
        self.assertFalse(again.acquire(timeout=0))
        end.set()
        for one in clients:
            one.join()
        self.assertEqual(sorted(g.body for g in got), [b"first"] * 16 + [b"second"] * 4)
        api = self.api(adit)
        self.assertEqual(api.metric("adit_retry_budget_exhausted_total"), 16)
        self.assertEqual(self.retries(adit, "status"), 4)
        # the places are free again
        self.assert_status(self.ask(adit), 200)

    def test_no_budget(self):
        busy = self.server(BUSY)
        adit = self.gateway("on: [5xx], budget: {percent: 0, min: 0}", busy)
        self.assert_status(self.ask(adit), 503)
        self.assertEqual(len(busy.seen), 1)
        self.assertEqual(self.api(adit).metric("adit_retry_budget_exhausted_total"), 1)

    def test_floor_of_the_budget(self):
        """One after the other, places are given back."""
        busy = self.server(lambda s, number, *_: answer(503 if number % 2 else 200))
        adit = self.gateway("on: [5xx]", busy)
        for _ in range(20):
            self.assert_status(self.ask(adit), 200)
        self.assertEqual(self.api(adit).metric("adit_retry_budget_exhausted_total"), 0)


class Replays(Case):
    def once_busy(self, retry="on: [5xx]", more=""):
        server = self.server(lambda s, number, *_: answer(503) if number == 1 else answer(200, b"good"))
        return server, self.gateway(retry, server, also=more)

    def test_sent_again_as_it_was(self):
        server, adit = self.once_busy("on: [5xx], non_idempotent: true")
        with raw.Connection(adit.http[0]) as c:
            c.send(
                b"POST http://a.test/x?y HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 1.2.3.4\r\n"
                b"X-Odd:   spaced  \r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
            )
            self.assert_status(c.read(), 200)
        first, second = server.seen
        self.assertEqual(first, second)
        self.assertEqual(first.lower().count(b"x-forwarded-for: 127.0.0.1\r\n"), 1)
        self.assertEqual(first.lower().count(b"x-request-id: "), 1)
        self.assertIn(b"hello!", first)

    def test_methods(self):
        for method, again in (("GET", True), ("PUT", True), ("DELETE", True), ("POST", False), ("PATCH", False)):
            server, adit = self.once_busy()
            got = self.ask(adit, method=method, body=None if method == "GET" else b"abc")
            self.assert_status(got, 200 if again else 503)
            self.assertEqual(len(server.seen), 2 if again else 1, method)
        server, adit = self.once_busy("on: [5xx], non_idempotent: true")
        self.assert_status(self.ask(adit, method="POST", body=b"abc"), 200)
        self.assertTrue(server.seen[1].endswith(b"\r\n\r\nabc"))

    def test_body_that_is_not_at_hand_is_not_replayed(self):
        server, adit = self.once_busy()
        self.assert_status(self.ask(adit, method="PUT", body=bytes(1000000)), 503)
        self.assertEqual(len(server.seen), 1)

    def test_nothing_after_an_interim_answer(self):
        def behave(server, number, head, sock):
            sock.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
            return answer(503, b"busy")

        server = self.server(behave)
        adit = self.gateway("attempts: 3, on: [5xx, reset]", server)
        self.assertEqual(self.ask(adit).body, b"busy")
        self.assertEqual(len(server.seen), 1)

    def test_nothing_after_the_head(self):
        def behave(server, number, head, sock):
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")

        server = self.server(behave)
        adit = self.gateway("attempts: 3, on: [5xx, reset, timeout, bad_response]", server)
        with raw.Connection(adit.http[0]) as c:
            c.send(sockets.GET)
            with self.assertRaises((raw.Closed, ConnectionError)):
                c.read()
        self.assertEqual(len(server.seen), 1)

    def test_nothing_while_the_client_waits_for_100(self):
        def behave(server, number, head, sock):
            raise OSError  # never comes to it: the body is waited for

        server = self.server(behave)
        adit = self.gateway("attempts: 3, on: [reset, timeout], per_try_timeout: 200ms", server)
        with raw.Connection(adit.http[0]) as c:
            c.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            self.assertIn("100 Continue", c.line())
            c.line()
            c.send(b"hello")
            self.assert_status(c.read(), 502)
        self.assertEqual(len(server.seen), 1)

    def test_early_status_while_the_body_is_on_its_way(self):
        endpoint = self.endpoint()
        adit = self.gateway("attempts: 3, on: [5xx]", endpoint)
        with raw.Connection(adit.http[0]) as c:
            c.send(sockets.POST.replace(b"POST", b"PUT") + b"x")
            up, _ = endpoint.head()
            up.sendall(answer(503, b"no"))
            self.assertEqual(c.read().body, b"no")


class Mistakes(base.Case):
    def test_are_named(self):
        import subprocess

        path = self.folder() + "/adit.yaml"
        base.write(
            path,
            """
routes:
- name: r
  tracks: {stable: {endpoints: ["127.0.0.1:1"]}}
  retry: {attempts: 9, on: [sometimes, 302], budget: {percent: 101}}
  trailers: {request: te}
  upgrades: [h2c]
""",
        )
        done = subprocess.run([base.BINARY, "check", "--config", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        told = done.stdout + done.stderr
        for part in (
            "5:21: error: routes[0].retry.attempts: 9 is out of range (from 1 to 8)",
            "routes[0].retry.on[0]: `sometimes` is nothing to retry on",
            "routes[0].retry.on[1]: `302` is nothing to retry on",
            "routes[0].retry.budget.percent: 101 is out of range",
            "routes[0].trailers.request: `te` is no policy for trailers (drop or pass)",
            "routes[0].upgrades[0]: h2c is never tunnelled",
        ):
            self.assertIn(part, told)
