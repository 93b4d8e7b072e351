"""Buffered requests: the upstream hears of a request when all of it is there."""

import socket
import threading

import base
import daemon
import raw
from scripted import Scripted, answer


class Buffered(base.Case):
    def gateway(self, body="{buffer: true, buffer_limit: 300KiB}", limits=""):
        self.upstream = self.keep(Scripted(lambda request: answer(b"%d" % len(request.body))))
        return self.serve(
            f"""
{limits}
routes:
- name: shop
  tracks: {{stable: {{endpoints: ["{self.upstream.address}"]}}}}
  body: {body}
""",
            workers=1,
        )

    def test_nothing_is_sent_before_all_is_there(self):
        adit = self.gateway()
        with raw.Connection(adit.http[0]) as c, raw.Connection(adit.http[0]) as other:
            c.send(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345")
            for _ in range(5):
                self.assert_status(other.ask("/"), 200)
            self.assertEqual({x.target for x in self.upstream.requests}, {"/"})
            c.send(b"67890")
            self.assertEqual(c.read().body, b"10")
            seen = self.upstream.requests[-1]
            self.assertEqual((seen.target, seen.body), ("/slow", b"1234567890"))

    def test_chunks_become_a_length(self):
        adit = self.gateway()
        parts = [bytes([i]) * (i * 997 + 1) for i in range(20)]
        with raw.Connection(adit.http[0]) as c:
            for _ in range(3):
                c.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for part in parts:
                    c.send(b"%x\r\n%s\r\n" % (len(part), part))
                c.send(b"0\r\nX-Trailer: a\r\n\r\n")
                self.assert_status(c.read(), 200)
                seen = self.upstream.requests[-1]
                self.assertEqual(seen.body, b"".join(parts))
                self.assertEqual(seen.get("Content-Length"), str(len(seen.body)))
                self.assertIsNone(seen.get("Transfer-Encoding"))
            c.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            self.assertEqual(c.read().body, b"0")
            self.assertEqual(self.upstream.requests[-1].get("Content-Length"), "0")

    def test_up_to_the_limit_and_no_further(self):
        adit = self.gateway()
        limit = 300 * 1024
        body = bytes(range(256)) * (limit // 256)
        with raw.Connection(adit.http[0]) as c:
            self.assertEqual(c.ask("/", method="PUT", body=body).body, b"%d" % limit)
            self.assertEqual(self.upstream.requests[-1].body, body)
        with raw.Connection(adit.http[0]) as c:
            c.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (limit + 1))
            got = c.read()
            self.assertEqual(got.status, 413)
            self.assertIn(b"body-not-buffered", got.body)
        with raw.Connection(adit.http[0]) as c:
            c.send(b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % (limit * 2))
            try:
                c.send(body + b"12345678")
            except OSError:
                pass
            self.assertEqual(c.read().status, 413)
        self.assertEqual(len(self.upstream.requests), 1)
        self.assertEqual(self.api(adit).metric("adit_refusals_total", reason="body-not-buffered"), 2)

    def test_a_client_is_told_to_continue(self):
        adit = self.gateway()
        with raw.Connection(adit.http[0]) as c:
            c.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            self.assertEqual(c.line(), "HTTP/1.1 100 Continue")
            self.assertEqual(c.fields(), [])
            self.assertEqual(self.upstream.requests, [])
            c.send(b"12345")
            self.assertEqual(c.read().body, b"5")
        self.assertIsNone(self.upstream.requests[0].get("Expect"))

    def test_a_client_that_leaves_was_never_heard_of(self):
        adit = self.gateway()
        c = raw.Connection(adit.http[0])
        c.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12")
        c.close()
        api = self.api(adit)
        daemon.until(lambda: api.metric("adit_refusals_total", reason="client-gone") == 1, "the client to be gone")
        self.assertEqual(self.upstream.requests, [])
        self.assertEqual(api.metric("adit_requests_in_flight"), 0)

    def test_many_at_once_and_pipelined(self):
        adit = self.gateway()
        body = b"x" * 100_000
        failed = []

        def work():
            try:
                with raw.Connection(adit.http[0]) as c:
                    one = raw.head("POST", "/", c.host, (), body)
                    for got in c.pipeline([one, raw.head("GET", "/", c.host, (), None), one]):
                        self.assertEqual(got.status, 200)
            except Exception as error:  # noqa: BLE001: told by the test's own thread
                failed.append(error)

        workers = [threading.Thread(target=work) for _ in range(8)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()
        self.assertEqual(failed, [])

    def test_another_attempt_sends_all_of_it_again(self):
        bad = self.keep(Scripted(lambda request: answer(b"no", status="503 No")))
        good = self.keep(Scripted(lambda request: answer(b"%d" % len(request.body))))
        adit = self.serve(
            f"""
routes:
- name: shop
  tracks: {{stable: {{endpoints: ["{bad.address}", "{good.address}"]}}}}
  body: {{buffer: true}}
  retry: {{attempts: 2, on: [503], non_idempotent: true, budget: {{percent: 100, min: 10}}}}
""",
            workers=1,
        )
        body = bytes(range(256)) * 1000  # more than the block that the head came in
        with raw.Connection(adit.http[0]) as c:
            for chunked in (False, True, False, True):
                if chunked:
                    c.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                    c.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
                else:
                    c.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
                    self.assertEqual((c.line(), c.fields()), ("HTTP/1.1 100 Continue", []))
                    c.send(body)
                self.assertEqual(c.read().body, b"%d" % len(body))
        self.assertEqual(len(good.requests), 4)
        self.assertGreater(len(bad.requests), 0)
        for seen in bad.requests + good.requests:
            self.assertEqual((seen.body == body, seen.get("Content-Length")), (True, str(len(body))))
        self.assertEqual(self.api(adit).metric("adit_retries_total", reason="status"), len(bad.requests))

    def test_an_upstream_that_reads_slowly(self):
        go = threading.Event()
        listening = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listening.close)

        def accept():
            peer, _ = listening.accept()
            with peer:
                data = b""
                while b"\r\n\r\n" not in data:
                    data += peer.recv(65536)
                go.wait(20)
                size = len(data.partition(b"\r\n\r\n")[2])
                while size < len(body):
                    size += len(peer.recv(1 << 20))
                peer.sendall(answer(b"%d" % size))

        body = bytes(range(256)) * (16 << 12)  # 16 MiB: more than any socket's buffer
        threading.Thread(target=accept, daemon=True).start()
        adit = self.serve(
            f"""
routes:
- name: shop
  tracks: {{stable: {{endpoints: ["127.0.0.1:{listening.getsockname()[1]}"]}}}}
  body: {{buffer: true, buffer_limit: 32MiB}}
""",
            workers=1,
        )
        with raw.Connection(adit.http[0], 60) as c:
            c.send(raw.head("POST", "/", c.host, (), body))
            go.set()
            self.assertEqual(c.read().body, b"%d" % len(body))


if __name__ == "__main__":
    import unittest

    unittest.main()
