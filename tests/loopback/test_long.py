"""What takes long: streams and long polls, upgraded connections, Expect, trailers."""

import base64
import hashlib
import os
import resource
import shutil
import socket
import subprocess
import threading
import time
import unittest

import base
import daemon
import raw
import sockets

from sockets import GET, SWITCHED, WEBSOCKET, Server, answer, ended, read_head, reset


def route(endpoint, more="", top=""):
    return f"""
routes:
- name: r
  tracks: {{stable: {{endpoints: ["{endpoint.address}"]}}}}
{more}
{top}
"""


def exactly(sock, size):
    data = b""
    while len(data) < size:
        got = sock.recv(size - len(data))
        if not got:
            raise AssertionError(f"{len(data)} of {size} bytes, then the end")
        data += got
    return data


def until_has(sock, what):
    data = b""
    while what not in data:
        got = sock.recv(65536)
        if not got:
            raise AssertionError(f"no {what!r} in {data!r}")
        data += got
    return data


class Streams(sockets.Case):
    def open_stream(self, more="", top="", framing=b"Transfer-Encoding: chunked"):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint, more, top), workers=1)
        sock = self.connect(adit)
        sock.sendall(GET)
        up, _ = endpoint.head()
        up.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + framing + b"\r\n\r\n")
        self.assertIn(b"text/event-stream", read_head(sock))
        return adit, sock, up

    def test_each_event_at_once(self):
        for framing, write, wire in (
            (b"Transfer-Encoding: chunked", lambda e: b"%x\r\n%s\r\n" % (len(e), e), lambda e: b"%x\r\n%s\r\n" % (len(e), e)),
            (b"X-Ends: with the connection", lambda e: e, lambda e: b"%x\r\n%s\r\n" % (len(e), e)),
            (b"Content-Length: 1000000", lambda e: e, lambda e: e),
        ):
            _, sock, up = self.open_stream(framing=framing)
            for i in range(20):
                event = b"data: %d\n\n" % i
                up.sendall(write(event))
                self.assertEqual(exactly(sock, len(wire(event))), wire(event))  # before there is another one

    def test_a_chunk_in_pieces(self):
        """What has come of a chunk goes on, in a chunk of its own."""
        _, sock, up = self.open_stream()
        up.sendall(b"a\r\nhello")
        self.assertEqual(exactly(sock, 10), b"5\r\nhello\r\n")
        up.sendall(b"!")
        self.assertEqual(exactly(sock, 6), b"1\r\n!\r\n")
        up.sendall(b"bye.\r\n0\r\n\r\n")
        self.assertEqual(until_has(sock, b"0\r\n\r\n"), b"4\r\nbye.\r\n0\r\n\r\n")

    def test_silence_within_the_time_of_the_route(self):
        adit, sock, up = self.open_stream("  timeouts: {response: 5s}", "timeouts: {response: 300ms}")
        time.sleep(1)
        up.sendall(b"5\r\nhello\r\n0\r\n\r\n")
        self.assertIn(b"hello", until_has(sock, b"0\r\n\r\n"))
        self.assertEqual(self.api(adit).metric("adit_timeouts_total", timeout="response"), 0)

    def test_comments_keep_a_stream_open(self):
        _, sock, up = self.open_stream(top="timeouts: {response: 1s}")
        for _ in range(6):
            time.sleep(0.4)
            up.sendall(b"3\r\n:\n\n\r\n")
        up.sendall(b"0\r\n\r\n")
        self.assertEqual(until_has(sock, b"0\r\n\r\n"), b"3\r\n:\n\n\r\n" * 6 + b"0\r\n\r\n")

    def test_long_poll(self):
        endpoint = self.endpoint()
        adit = self.serve(
            route(endpoint, "  timeouts: {first_byte: 10s}", "timeouts: {first_byte: 200ms, idle: 200ms}"), workers=1
        )
        with raw.Connection(adit.http[0]) as c:
            c.send(GET)
            up, _ = endpoint.head()
            time.sleep(1)
            up.sendall(answer(200, b"news"))
            self.assertEqual(c.read().body, b"news")

    @unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl_sees_each_event(self):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint), workers=1)
        curl = subprocess.Popen(
            ["curl", "-sN", "http://{}:{}/events".format(*adit.http[0])], stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(curl.stdout.close)
        self.addCleanup(curl.wait, 20)
        up, _ = endpoint.head()
        up.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for i in range(5):
            event = b"data: %d\n" % i
            up.sendall(b"%x\r\n%s\r\n" % (len(event), event))
            self.assertEqual(curl.stdout.readline(), f"data: {i}\n")
        up.sendall(b"0\r\n\r\n")
        self.assertEqual(curl.wait(20), 0)

    def test_client_that_leaves_ends_the_stream(self):
        for leave in (socket.socket.close, reset):
            adit, sock, up = self.open_stream()
            up.sendall(b"1\r\nx\r\n")
            exactly(sock, 6)
            leave(sock)
            until = time.monotonic() + 20
            try:
                while time.monotonic() < until:
                    up.sendall(b"1\r\nx\r\n")
                    time.sleep(0.05)
            except OSError:
                continue
            self.fail("the upstream was not told")


def frame(kind, payload, mask=b""):
    """A WebSocket frame (RFC 6455 §5.2)."""
    size = len(payload)
    head = bytes([0x80 | kind])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + size.to_bytes(8, "big")
    if mask:
        payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
    return head + mask + payload


def read_frame(sock):
    kind, size = exactly(sock, 2)
    masked, size = size & 0x80, size & 0x7F
    if size >= 126:
        size = int.from_bytes(exactly(sock, 2 if size == 126 else 8), "big")
    mask = exactly(sock, 4) if masked else b""
    payload = exactly(sock, size)
    if masked:
        payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
    return kind & 15, payload


TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MASK = b"\x11\x22\x33\x44"


class TunnelCase(sockets.Case):
    def upgrade(self, adit, endpoint, behind=b""):
        sock = self.connect(adit)
        key = base64.b64encode(os.urandom(16))
        sock.sendall(WEBSOCKET[:-2] + b"Sec-WebSocket-Key: " + key + b"\r\nSec-WebSocket-Version: 13\r\n\r\n" + behind)
        up = endpoint.take()
        head = until_has(up, b"\r\n\r\n")
        self.assertIn(b"Sec-WebSocket-Key: " + key, head)
        seal = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        up.sendall(SWITCHED[:-2] + b"Sec-WebSocket-Accept: " + seal + b"\r\n\r\n")
        self.assertIn(b"Sec-WebSocket-Accept: " + seal, read_head(sock))
        return sock, up


class WebSockets(TunnelCase):
    def open_tunnel(self, more="", behind=b""):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint, more), workers=1)
        sock, up = self.upgrade(adit, endpoint, behind)
        return adit, sock, up

    def test_frames_pass_as_they_are(self):
        adit, sock, up = self.open_tunnel()
        for kind, size in ((TEXT, 0), (PING, 4), (TEXT, 125), (BINARY, 900), (BINARY, 70000), (PONG, 0), (BINARY, 300000)):
            payload = os.urandom(size)
            sent = frame(kind, payload, MASK)
            sender = threading.Thread(target=sock.sendall, args=(sent,))
            sender.start()
            self.assertEqual(read_frame(up), (kind, payload))
            sender.join()
            sender = threading.Thread(target=up.sendall, args=(frame(kind, payload),))
            sender.start()
            self.assertEqual(read_frame(sock), (kind, payload))
            sender.join()
        self.assertEqual(self.api(adit).metric("adit_connections", state="tunnel"), 1)
        sock.sendall(frame(CLOSE, b"\x03\xe8", MASK))
        self.assertEqual(read_frame(up), (CLOSE, b"\x03\xe8"))
        up.sendall(frame(CLOSE, b"\x03\xe8"))
        self.assertEqual(read_frame(sock), (CLOSE, b"\x03\xe8"))
        up.close()
        self.assertEqual(ended(sock), b"")
        sock.close()
        daemon.until(lambda: self.api(adit).metric("adit_requests_total", code="101") == 1, "the tunnel to end")
        self.assertEqual(self.api(adit).metric("adit_requests_in_flight"), 0)

    def test_both_ways_at_once(self):
        """Much in each direction, neither waits for the other."""
        _, sock, up = self.open_tunnel()
        size = 8 << 20
        data = os.urandom(1 << 16) * (size >> 16)
        got = {}

        def receive(name, one):
            got[name] = exactly(one, size)

        threads = [
            threading.Thread(target=receive, args=("client", sock)),
            threading.Thread(target=receive, args=("upstream", up)),
            threading.Thread(target=sock.sendall, args=(data,)),
            threading.Thread(target=up.sendall, args=(data,)),
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual(got["client"], data)
        self.assertEqual(got["upstream"], data)

    def test_a_reader_that_pauses_holds_the_writer(self):
        for writes_first in (True, False):
            _, sock, up = self.open_tunnel()
            writer, reader = (sock, up) if writes_first else (up, sock)
            size = 32 << 20
            sender = threading.Thread(target=writer.sendall, args=(bytes(size),))
            sender.start()
            sender.join(0.3)
            self.assertTrue(sender.is_alive(), "32 MiB vanished somewhere")
            exactly(reader, size)
            sender.join()

    def test_first_bytes_behind_the_request(self):
        _, _, up = self.open_tunnel(behind=b"early" * 1000)
        self.assertEqual(exactly(up, 5000), b"early" * 1000)

    def test_client_ends_its_side(self):
        adit, sock, up = self.open_tunnel()
        sock.sendall(b"last words")
        sock.shutdown(socket.SHUT_WR)
        self.assertEqual(ended(up), b"last words")
        up.sendall(bytes(1000000))
        up.sendall(b"and an answer")
        up.close()
        self.assertTrue(ended(sock).endswith(b"and an answer"))
        daemon.until(lambda: self.api(adit).metric("adit_requests_in_flight") == 0, "the tunnel to end")

    def test_upstream_ends_its_side(self):
        adit, sock, up = self.open_tunnel()
        up.sendall(b"last words")
        up.shutdown(socket.SHUT_WR)
        self.assertEqual(ended(sock), b"last words")
        sender = threading.Thread(target=sock.sendall, args=(bytes(1000000) + b"and an answer",))
        sender.start()
        exactly(up, 1000000)
        self.assertEqual(exactly(up, 13), b"and an answer")
        sender.join()
        sock.close()
        self.assertEqual(ended(up), b"")
        daemon.until(lambda: self.api(adit).metric("adit_requests_in_flight") == 0, "the tunnel to end")

    def test_either_side_breaks(self):
        for client_first in (True, False):
            adit, sock, up = self.open_tunnel()
            reset(sock if client_first else up)
            self.assertIn(ended(up if client_first else sock), (b"", None))
            daemon.until(lambda: self.api(adit).metric("adit_requests_in_flight") == 0, "the tunnel to end")

    def test_only_what_is_on_the_list(self):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint, "  upgrades: [chat]"), workers=1)
        sock = self.connect(adit)
        sock.sendall(WEBSOCKET)
        up, head = endpoint.head()
        self.assertNotIn(b"upgrade", head.lower())
        up.sendall(answer(200, b"plain", b"Connection: close\r\n"))
        self.assertIn(b"plain", until_has(sock, b"plain"))
        # and only what was offered
        for told in (b"websocket", b"chat, websocket", b"h2c"):
            sock = self.connect(adit)
            sock.sendall(WEBSOCKET.replace(b"websocket", b"chat"))
            up = endpoint.take()
            self.assertIn(b"Upgrade: chat\r\n", until_has(up, b"\r\n\r\n"))
            up.sendall(SWITCHED.replace(b"websocket", told) + b"secret")
            got = until_has(sock, b"unwanted-upgrade")
            self.assertIn(b" 502 ", got)
            self.assertNotIn(b"secret", got)


@unittest.skipIf(daemon.sanitized(base.BINARY), "costs are counted without sanitizers: ./dev test loopback does")
class IdleTunnels(TunnelCase):
    NUMBER = 2000
    WANTED, MEMORY = 10000, 60 << 20

    def setUp(self):
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        need = 2 * self.NUMBER + 500
        if limits[1] != resource.RLIM_INFINITY and limits[1] < need:
            self.skipTest(f"the limit of open files is {limits[1]}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(limits[0], need), limits[1]))

    def test_memory(self):
        """10,000 idle WebSockets fit into 60 MiB, the program included."""
        endpoint = self.endpoint(backlog=1024)
        adit = self.serve(route(endpoint), workers=1)
        kept = [self.upgrade(adit, endpoint) for _ in range(100)]
        before = adit.resident()
        kept += [self.upgrade(adit, endpoint) for _ in range(self.NUMBER)]
        each = (adit.resident() - before) / self.NUMBER
        whole = before + each * (self.WANTED - 100)
        self.assertLess(whole, self.MEMORY, f"{each:.0f} bytes for an idle tunnel, {before >> 20} MiB before")
        for sock, up in kept[::100]:
            sock.sendall(frame(PING, b"?", MASK))
            self.assertEqual(read_frame(up), (PING, b"?"))
            up.sendall(frame(PONG, b"?"))
            self.assertEqual(read_frame(sock), (PONG, b"?"))

    def test_no_blocks_are_held(self):
        """What a large message took is given back before the next tunnel needs it."""
        endpoint = self.endpoint(backlog=1024)
        adit = self.serve(route(endpoint), workers=1)
        kept = [self.upgrade(adit, endpoint) for _ in range(200)]
        data = os.urandom(60000)

        def message(sock, up):
            sock.sendall(data)
            self.assertEqual(exactly(up, len(data)), data)
            up.sendall(data)
            self.assertEqual(exactly(sock, len(data)), data)

        for pair in kept[:10]:
            message(*pair)
        before = adit.resident()
        for pair in kept:
            message(*pair)
        growth = adit.resident() - before
        self.assertLess(growth, 2 << 20, f"{growth >> 10} KiB for 200 tunnels that have carried something")


class Expectations(sockets.Case):
    HEAD = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"

    def begin(self, more=""):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint, more), workers=1)
        sock = self.connect(adit)
        sock.sendall(self.HEAD)
        up, head = endpoint.head()
        self.assertIn(b"expect: 100-continue", head.lower())
        return adit, sock, up

    def test_accepting_upstream(self):
        _, sock, up = self.begin()
        up.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.assertEqual(read_head(sock), b"HTTP/1.1 100 Continue\r\n\r\n")
        for _ in range(2):  # and the connection serves on, on both sides
            sock.sendall(b"hello")
            self.assertEqual(exactly(up, 5), b"hello")
            up.sendall(answer(200, b"ok"))
            self.assertTrue(until_has(sock, b"ok").startswith(b"HTTP/1.1 200 "))
            sock.sendall(self.HEAD)
            read_head(up)
            up.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            read_head(sock)

    def test_refusing_upstream(self):
        """The body will not come: neither connection can be used again, and nobody waits for it."""
        for status in (417, 401, 200):
            _, sock, up = self.begin()
            up.sendall(answer(status, b"no"))
            got = ended(sock)
            self.assertIn(b" %d " % status, got)
            self.assertIn(b"\r\nConnection: close\r\n", got)
            self.assertTrue(got.endswith(b"no"))
            self.assertNotIn(b"100 Continue", got)
            self.assertIn(ended(up), (b"", None))

    def test_silent_upstream(self):
        _, sock, up = self.begin()
        self.assertEqual(read_head(sock), b"HTTP/1.1 100 Continue\r\n\r\n")
        sock.sendall(b"hello")
        self.assertEqual(exactly(up, 5), b"hello")
        up.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")  # nobody waits for it any more
        up.sendall(answer(200, b"ok"))
        self.assertTrue(until_has(sock, b"ok").startswith(b"HTTP/1.1 200 "))

    @unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl(self):
        body = os.path.join(self.folder(), "body")
        with open(body, "wb") as f:
            f.write(bytes(200000))

        def behave(server, number, head, sock):
            return answer(200, b"got it")

        def refuse(server, number, head, sock):
            return None

        accepting = self.keep(Server(behave))
        adit = self.serve(route(accepting), workers=1)
        command = ["curl", "-s", "-w", "%{http_code}", "-T", body, "-H", "Expect: 100-continue"]
        url = "http://{}:{}/x".format(*adit.http[0])
        done = subprocess.run([*command, url], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.stdout, "got it200")
        self.assertEqual(len(accepting.seen[0].partition(b"\r\n\r\n")[2]), 200000)

        endpoint = self.endpoint()
        adit = self.serve(route(endpoint), workers=1)
        url = "http://{}:{}/x".format(*adit.http[0])
        curl = subprocess.Popen([*command, url], stdout=subprocess.PIPE, text=True)
        up, _ = endpoint.head()
        up.sendall(answer(413, b"too much"))
        self.assertEqual(curl.communicate(timeout=30)[0], "too much413")


class Trailers(sockets.Case):
    REQUEST = (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, Host, X-Odd Name\r\n%s\r\n"
        b"5\r\nhello\r\n0\r\nX-Sum: 12\r\nAuthorization: Basic eDp5\r\nX-Forwarded-User: root\r\n"
        b"Content-Length: 99\r\nX-Last: 1\r\n\r\n"
    )

    def carry(self, more, fields=b"", version=b"1.1"):
        """What the endpoint got behind the body, its head, and what the client got."""
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint, more), workers=1)
        sock = self.connect(adit)
        sock.sendall(self.REQUEST % fields)
        up, head = endpoint.head()
        body = until_has(up, b"\r\n0\r\n")
        while not body.endswith(b"\r\n\r\n"):
            body += up.recv(65536)
        up.sendall(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Res, Set-Cookie\r\n\r\n"
            b"2\r\nok\r\n0\r\nX-Res: 1\r\nSet-Cookie: a=b\r\n\r\n"
        )
        got = until_has(sock, b"0\r\n")
        while not got.endswith(b"\r\n\r\n"):
            got += sock.recv(65536)
        return head, body, got

    def test_by_default(self):
        head, body, got = self.carry("")
        self.assertEqual(body, b"5\r\nhello\r\n0\r\n\r\n")
        self.assertNotIn(b"Trailer:", head)
        self.assertTrue(got.endswith(b"2\r\nok\r\n0\r\n\r\n"))
        self.assertNotIn(b"Trailer:", got)
        head, _, got = self.carry("", b"TE: trailers\r\n")
        self.assertIn(b"TE: trailers", head)
        self.assertTrue(got.endswith(b"2\r\nok\r\n0\r\nX-Res: 1\r\n\r\n"))
        self.assertIn(b"\r\nTrailer: X-Res\r\n", got)

    def test_passed(self):
        head, body, got = self.carry("  trailers: {request: pass, response: pass}")
        self.assertEqual(body, b"5\r\nhello\r\n0\r\nX-Sum: 12\r\nX-Last: 1\r\n\r\n")
        self.assertIn(b"\r\nTrailer: X-Sum\r\n", head)
        self.assertTrue(got.endswith(b"2\r\nok\r\n0\r\nX-Res: 1\r\n\r\n"))

    def test_dropped(self):
        head, _, got = self.carry("  trailers: {response: drop}", b"TE: trailers\r\n")
        self.assertNotIn(b"TE: trailers", head)
        self.assertTrue(got.endswith(b"2\r\nok\r\n0\r\n\r\n"))
