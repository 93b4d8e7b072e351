"""Times: whoever does not move ends at a named setting, and each setting has a counter of its own."""

import fcntl
import socket
import termios
import threading
import time

import daemon
import raw
import sockets

from sockets import GET, POST, SWITCHED, WEBSOCKET, ended, read_head, reset


def route(endpoint, more="", timeouts=""):
    return f"""
routes:
- name: r
  tracks: {{stable: {{endpoints: ["{endpoint.address}"]}}}}
{more}
timeouts: {{{timeouts}}}
"""


class TimesCase(sockets.Case):
    def counted(self, adit, timeout, reason=None, at_least=1):
        """Waits until the time has been counted, and the refusal that goes with it."""
        api = self.api(adit)
        daemon.until(
            lambda: api.metric("adit_timeouts_total", timeout=timeout) >= at_least,
            f"timeout {timeout} to be counted",
        )
        if reason:
            self.assertGreaterEqual(api.metric("adit_refusals_total", reason=reason), at_least)


class Times(TimesCase):
    def test_slow_head(self):
        adit = self.serve(route(self.endpoint(), timeouts="head: 300ms"), workers=1)
        sock = self.connect(adit)
        sock.sendall(GET[:20])
        self.assertIn(b" 408 ", ended(sock))
        self.counted(adit, "head", "head-timeout")
        # who never speaks is counted too, and is not answered
        self.assertEqual(ended(self.connect(adit)), b"")
        self.counted(adit, "head", at_least=2)

    def test_flood_of_slow_heads(self):
        adit = self.serve(route(self.endpoint(), timeouts="head: 500ms"), workers=1)
        socks = [self.connect(adit) for _ in range(200)]
        for sock in socks:
            sock.sendall(GET[:20])
        for sock in socks:
            self.assertIn(b" 408 ", ended(sock))
        self.counted(adit, "head", "head-timeout", 200)

    def test_idle(self):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint, timeouts="idle: 300ms, upstream_idle: 200ms"), workers=1)
        sock = self.connect(adit)
        sock.sendall(GET)
        up, _ = endpoint.head()
        up.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        self.assertTrue(ended(sock).endswith(b"ok"))
        self.assertEqual(ended(up), b"")
        self.counted(adit, "idle")
        self.counted(adit, "upstream_idle")
        self.assertEqual(self.api(adit).metric("adit_timeouts_total", timeout="head"), 0)

    def test_body_that_stops(self):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint, "  timeouts: {body: 300ms}"), workers=1)
        sock = self.connect(adit)
        sock.sendall(POST + b"x")
        up, _ = endpoint.head()
        self.assertIn(b" 408 ", ended(sock))
        ended(up)
        self.counted(adit, "body", "body-timeout")

    def test_body_that_trickles(self):
        """Each byte comes soon enough, all together too slowly."""
        endpoint = self.endpoint()
        times = "body: 2s, rate_grace: 2s, min_rate: 1000"
        adit = self.serve(route(endpoint, timeouts=times), workers=1)
        sock = self.connect(adit)
        sock.sendall(POST)
        up, _ = endpoint.head()
        go_on = threading.Event()

        def trickle():
            try:
                while not go_on.wait(0.1):
                    sock.send(b"x")
            except OSError:
                pass

        sender = threading.Thread(target=trickle)
        sender.start()
        self.addCleanup(sender.join)
        self.addCleanup(go_on.set)
        self.counted(adit, "body_rate", "body-too-slow")
        self.assertEqual(self.api(adit).metric("adit_timeouts_total", timeout="body"), 0)
        ended(up)

    def download(self, adit, endpoint):
        """A client with a small buffer, and an upstream that has more for it than all buffers hold."""
        sock = self.connect(adit, 4096)
        sock.sendall(GET)
        up, _ = endpoint.head()

        def flood():
            try:
                up.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 400000000\r\n\r\n")
                while True:
                    up.sendall(bytes(1 << 20))
            except OSError:
                pass

        sender = threading.Thread(target=flood)
        sender.start()
        self.addCleanup(sender.join)
        return sock

    def test_reader_that_stops(self):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint, "  timeouts: {send: 500ms}"), workers=1)
        self.download(adit, endpoint)
        self.counted(adit, "send", "send-timeout")

    def test_reader_that_trickles(self):
        """It takes some bytes all the time, and ends all the same."""
        endpoint = self.endpoint()
        times = "send: 2s, rate_grace: 2s, min_rate: 100MiB"
        adit = self.serve(route(endpoint, timeouts=times), workers=1)
        sock = self.download(adit, endpoint)
        stop = threading.Event()

        def trickle():
            try:
                while not stop.wait(0.02) and sock.recv(2048):
                    pass
            except OSError:
                pass

        reader = threading.Thread(target=trickle)
        reader.start()
        self.addCleanup(reader.join)
        self.addCleanup(stop.set)
        self.counted(adit, "send_rate", "send-too-slow")
        self.assertEqual(self.api(adit).metric("adit_timeouts_total", timeout="send"), 0)

    def test_slow_but_steady_reader(self):
        """At the least rate it gets all of it, long after `send` and `rate_grace`."""
        endpoint = self.endpoint()
        times = "send: 2s, rate_grace: 2s, min_rate: 1KiB"
        adit = self.serve(route(endpoint, timeouts=times), workers=1)
        sock = self.download(adit, endpoint)
        end = time.monotonic() + 5
        while time.monotonic() < end:
            self.assertTrue(sock.recv(65536))
            time.sleep(0.05)
        self.assertEqual(self.api(adit).metric("adit_timeouts_total", timeout="send"), 0)
        self.assertEqual(self.api(adit).metric("adit_timeouts_total", timeout="send_rate"), 0)

    def test_first_byte_and_response(self):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint, "  timeouts: {first_byte: 300ms, response: 400ms}"), workers=1)
        sock = self.connect(adit)
        sock.sendall(GET)
        endpoint.head()
        got = b""
        while b"first-byte-timeout\n" not in got:
            got += sock.recv(65536)
        self.assertIn(b" 504 ", got)
        self.counted(adit, "first_byte", "first-byte-timeout")
        sock.sendall(GET)
        up, _ = endpoint.head()
        up.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhe")
        self.assertTrue(ended(sock).endswith(b"he"))
        self.counted(adit, "response", "response-timeout")

    def test_connect(self):
        full = self.endpoint(backlog=0)
        kept = [socket.socket() for _ in range(4)]
        for one in kept:  # the queue of connections that nobody takes is full then
            self.addCleanup(one.close)
            one.setblocking(False)
            one.connect_ex(full.sock.getsockname())
        adit = self.serve(route(full, "  timeouts: {connect: 300ms}"), workers=1)
        self.assert_status(raw.ask(adit.http[0]), 504)
        self.counted(adit, "connect", "connect-timeout")

    def test_whole_exchange(self):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint, "  timeouts: {exchange: 600ms}"), workers=1)
        sock = self.connect(adit)
        sock.sendall(GET)
        endpoint.head()
        self.assertIn(b" 504 ", ended(sock))
        self.counted(adit, "exchange", "exchange-timeout")
        # one that moves all the time, too
        sock = self.connect(adit)
        sock.sendall(GET)
        up, _ = endpoint.head()
        up.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                up.sendall(b"1\r\nx\r\n")
                time.sleep(0.05)
        except OSError:
            pass
        got = ended(sock)
        if got is not None:
            self.assertIn(b" 200 ", got)
            self.assertFalse(got.endswith(b"0\r\n\r\n"))
        self.counted(adit, "exchange", "exchange-timeout", 2)

    def test_tunnel_is_bound_by_its_own_time(self):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint, "  timeouts: {exchange: 300ms, tunnel_idle: 1s}"), workers=1)
        sock = self.connect(adit)
        sock.sendall(WEBSOCKET)
        up, _ = endpoint.head()
        up.sendall(SWITCHED)
        read_head(sock)
        began = time.monotonic()
        for _ in range(8):
            time.sleep(0.2)
            sock.sendall(b"ping")
            self.assertEqual(up.recv(4), b"ping")
        self.assertEqual(ended(sock), b"")
        self.assertGreater(time.monotonic() - began, 2)
        self.counted(adit, "tunnel_idle", "tunnel-idle")
        self.assertEqual(self.api(adit).metric("adit_timeouts_total", timeout="exchange"), 0)

    def test_routes_have_times_of_their_own(self):
        endpoint = self.endpoint()
        adit = self.serve(
            f"""
routes:
- name: short
  match: {{path: {{prefix: /short}}}}
  tracks: {{stable: {{endpoints: ["{endpoint.address}"]}}}}
  timeouts: {{first_byte: 200ms}}
- name: long
  tracks: {{stable: {{endpoints: ["{endpoint.address}"]}}}}
timeouts: {{first_byte: 1500ms}}
""",
            workers=1,
        )
        short, long = raw.Connection(adit.http[0]), raw.Connection(adit.http[0])
        self.addCleanup(short.close)
        self.addCleanup(long.close)
        began = time.monotonic()
        long.send(GET)
        endpoint.head()
        short.send(GET.replace(b" / ", b" /short "))
        endpoint.head()
        self.assert_status(short.read(), 504)
        self.assertLess(time.monotonic() - began, 1.5)
        self.assert_status(long.read(), 504)
        self.assertGreaterEqual(time.monotonic() - began, 1.4)


class Vanished(TimesCase):
    """A client whose upload nobody reads is not being read itself: its end is noticed all the same."""

    def upload(self):
        endpoint = self.endpoint(receive_buffer=4096)
        adit = self.serve(route(endpoint), workers=1)
        sock = self.connect(adit)
        sock.sendall(POST.replace(b"1000000", b"400000000"))
        up, _ = endpoint.head()
        sock.setblocking(False)
        while self.delivered(sock):  # until every buffer on the way is full
            sock.send(bytes(1 << 16))
        return adit, sock, up

    @staticmethod
    def delivered(sock, seconds=0.5):
        """Whether the other end's kernel has all that was sent, or takes it in that time."""
        end = time.monotonic() + seconds
        while fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)) != bytes(4):
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def check(self, adit):
        api = self.api(adit)
        daemon.until(lambda: api.metric("adit_refusals_total", reason="client-gone") == 1, "the end to be seen")
        daemon.until(lambda: api.metric("adit_requests_in_flight") == 0, "the exchange to end")

    def test_reset(self):
        adit, sock, _ = self.upload()
        reset(sock)
        self.check(adit)

    def test_close(self):
        """Its end stands behind bytes that have arrived and are not read."""
        adit, sock, up = self.upload()
        while not self.delivered(sock, 0.02):
            up.recv(1 << 18)
        sock.close()
        self.check(adit)

    def test_reset_between_interim_answers(self):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint), workers=1)
        sock = self.connect(adit)
        sock.sendall(GET)
        up, _ = endpoint.head()
        up.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
        self.assertIn(b"103 Early Hints", read_head(sock))
        reset(sock)
        self.check(adit)
        self.assertIn(ended(up), (b"", None))

    def test_close_in_the_middle_of_interim_answers(self):
        endpoint = self.endpoint()
        adit = self.serve(route(endpoint), workers=1)
        sock = self.connect(adit)
        sock.sendall(GET)
        up, _ = endpoint.head()
        for _ in range(8):
            up.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
        self.assertIn(b"103 Early Hints", read_head(sock))
        sock.close()  # with unread bytes: a reset
        self.check(adit)
        self.assertIn(ended(up), (b"", None))
