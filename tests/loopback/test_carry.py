"""Carrying: large bodies in bounded memory, pipelining, real servers behind, draining."""

import os
import signal
import socket
import threading
import time
import zlib

import base
import daemon
import raw
import upstreams

GIB = 1 << 30
BLOCK = bytes(range(256)) * 4096  # 1 MiB


class Large(base.Case):
    SIZE = GIB
    GROWTH = 16 << 20

    def peak_from_now(self, adit):
        with open(f"/proc/{adit.pid}/clear_refs", "w") as f:
            f.write("5")
        return adit.resident("VmRSS")

    def setUp(self):
        self.adit = self.proxy(self.mirror("v1").address)
        self.assert_status(raw.ask(self.adit.http[0]), 200)
        self.before = self.peak_from_now(self.adit)

    def check_growth(self):
        growth = self.adit.resident("VmHWM") - self.before
        self.assertLess(growth, self.GROWTH, f"{growth >> 20} MiB more resident")

    def upload(self, fields, frame):
        with raw.Connection(self.adit.http[0], 60) as c:
            c.send(raw.head("POST", "/upload", "wire.test", fields, None))
            sent, crc = 0, 0
            while sent < self.SIZE:
                c.send(frame(BLOCK))
                sent, crc = sent + len(BLOCK), zlib.crc32(BLOCK, crc)
            c.send(frame(b""))
            told = c.read().json()
        self.assertEqual((told["body"], told["crc"]), (self.SIZE, crc))
        self.check_growth()

    def test_upload(self):
        self.upload([("Content-Length", self.SIZE)], lambda block: block)

    def test_upload_chunked(self):
        self.upload(
            [("Transfer-Encoding", "chunked")], lambda block: b"%x\r\n" % len(block) + block + b"\r\n"
        )

    def download(self, target):
        with raw.Connection(self.adit.http[0], 60) as c:
            c.send(raw.head("GET", target, "wire.test", (), None))
            self.assertIn(" 200 ", c.line())
            fields = dict((k.lower(), v) for k, v in c.fields())
            size, crc = 0, 0

            def take(n):
                nonlocal size, crc
                while n:
                    if not c.data:
                        c.more()
                    part = bytes(c.data[:n])
                    del c.data[:n]
                    size, crc, n = size + len(part), zlib.crc32(part, crc), n - len(part)

            if "content-length" in fields:
                take(int(fields["content-length"]))
            else:
                while n := int(c.line(), 16):
                    take(n)
                    c.take(2)
                c.fields()
        want = 0
        for _ in range(self.SIZE // len(BLOCK)):
            want = zlib.crc32(BLOCK, want)
        self.assertEqual((size, crc), (self.SIZE, want))
        self.check_growth()

    def test_download(self):
        self.download(f"/bytes/{self.SIZE}")

    def test_download_chunked(self):
        self.download(f"/chunks/{self.SIZE}")


class SlowReaders(base.Case):
    def test_stalled_downloads(self):
        """32 clients that do not read cost bounded memory, and others are served."""
        adit = self.proxy(self.mirror("v1").address)
        self.assert_status(raw.ask(adit.http[0]), 200)
        before = adit.resident()
        clients = []
        for _ in range(32):
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
            sock.connect(adit.http[0])
            sock.sendall(b"GET /bytes/100000000 HTTP/1.1\r\nHost: a\r\n\r\n")
            clients.append(sock)
            self.addCleanup(sock.close)
        for sock in clients:
            self.assertTrue(sock.recv(100))
        self.assert_status(raw.ask(adit.http[0]), 200)
        self.assertLess(adit.resident() - before, 16 << 20)


class Pipelining(base.Case):
    def test_thousands_in_order(self):
        adit = self.proxy(self.mirror("v1").address)
        with raw.Connection(adit.http[0]) as c:
            for start in range(0, 3000, 300):
                requests = [
                    raw.head("POST" if n % 3 else "GET", f"/{n}", "a", (), b"x" * (n % 50) if n % 3 else None)
                    for n in range(start, start + 300)
                ]
                told = [r.json() for r in c.pipeline(requests)]
                self.assertEqual([t["target"] for t in told], [f"/{n}" for n in range(start, start + 300)])
                self.assertEqual(
                    [t["body"] for t in told], [n % 50 if n % 3 else 0 for n in range(start, start + 300)]
                )

    def test_sent_without_reading(self):
        """A client may write many requests before it reads the first answer."""
        adit = self.proxy(self.fast("v1").address)
        with raw.Connection(adit.http[0]) as c:
            sender = threading.Thread(target=c.send, args=(b"GET /1k HTTP/1.1\r\nHost: a\r\n\r\n" * 20000,))
            sender.start()
            for _ in range(20000):
                self.assertEqual(len(c.read().body), 1024)
            sender.join()


class RealServers(base.Case):
    def test_nginx_behind(self):
        nginx = self.keep(upstreams.Nginx("one"))
        adit = self.proxy(nginx.address)
        with raw.Connection(adit.http[0]) as c:
            answer = c.ask("/a%20b?c=d")
            self.assertEqual(answer.body, b"one /a%20b?c=d")
            self.assertEqual(answer.get("x-name"), "one")
            page = c.ask("/files/page.txt")
            self.assertEqual(len(page.body), 10000)
            self.assert_status(c.ask("/files/page.txt", fields=[("If-None-Match", page.get("etag"))]), 304)
            part = c.ask("/files/page.txt", fields=[("Range", "bytes=5-9")])
            self.assertEqual((part.status, part.body), (206, b"56789"))
            self.assertEqual(c.ask("/files/page.txt", method="HEAD").get("content-length"), "10000")
            self.assert_status(c.ask("/files/none"), 404)
            self.assert_status(c.ask("/", method="DELETE"), 200)

    def test_upstream_restarts(self):
        first = upstreams.mirror("one")
        adit = self.proxy(first.address)
        with raw.Connection(adit.http[0]) as c:
            self.assert_status(c.ask(), 200)
            first.stop()
            self.assert_status(c.ask(), 502)
            second = self.keep(upstreams.mirror("two", first.port))
            self.assertEqual(second.port, first.port)
            self.assertEqual(c.ask().json()["name"], "two")
        self.assertGreaterEqual(self.api(adit).metric("adit_upstream_connect_failures_total"), 1)


class Drain(base.Case):
    def test_finishes_what_is_under_way(self):
        adit = self.proxy(self.mirror("v1").address)
        flag = os.path.join(self.folder(), "go")
        busy, idle = raw.Connection(adit.http[0]), raw.Connection(adit.http[0])
        self.addCleanup(busy.close)
        self.addCleanup(idle.close)
        self.assert_status(idle.ask(), 200)
        busy.send(raw.head("GET", f"/wait/1?{flag}", "wire.test", (), None))
        daemon.until(
            lambda: self.api(adit).metric("adit_requests_in_flight") >= 1, "the exchange to be under way"
        )
        adit.signal(signal.SIGTERM)

        def refuses():
            try:
                with socket.create_connection(adit.http[0], 1) as s:
                    s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    return s.recv(10) == b""
            except OSError:
                return True

        daemon.until(refuses, "the listener to close")
        self.assertTrue(adit.alive(), "it left while an exchange was under way")
        open(flag, "w").close()
        self.assert_status(busy.read(), 200)
        self.assertEqual(adit.wait(10), 0)

    def test_idle_process_ends_at_once(self):
        adit = self.proxy(self.fast("v1").address)
        with raw.Connection(adit.http[0]) as c:
            c.ask()
            start = time.monotonic()
            self.assertEqual(adit.stop(), 0)
            self.assertLess(time.monotonic() - start, 3)

    def test_interrupt(self):
        adit = self.proxy(self.fast("v1").address)
        adit.signal(signal.SIGINT)
        self.assertIn(adit.wait(10), (0, 130))

    def test_no_request_lost_while_stopping(self):
        """Whoever has an answer coming gets it; kept connections are closed between two requests."""
        adit = self.proxy(self.fast("v1").address)
        stop = threading.Event()
        broken = []

        def client():
            try:
                c = raw.Connection(adit.http[0])
            except OSError:
                return
            while not stop.is_set():
                try:
                    c.send(b"GET /1k HTTP/1.1\r\nHost: a\r\n\r\n")
                    answer = c.read()
                    if (answer.get("connection") or "").lower() == "close":
                        return
                except (raw.Closed, OSError):
                    if c.data:
                        broken.append(bytes(c.data))
                    return

        threads = [threading.Thread(target=client) for _ in range(8)]
        for t in threads:
            t.start()
        daemon.until(lambda: self.api(adit).metric("adit_requests_total") > 200, "some load")
        self.assertEqual(adit.stop(), 0)
        stop.set()
        for t in threads:
            t.join(10)
        self.assertEqual(broken, [])
