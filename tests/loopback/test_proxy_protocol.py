"""The PROXY protocol in front of plain and of TLS listeners."""

import os
import socket
import struct

import base
import daemon
import raw
from test_tls import Secure, TlsCase, context

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def first(source="192.0.2.7"):
    family = "TCP6" if ":" in source else "TCP4"
    target = "2001:db8::1" if ":" in source else "198.51.100.1"
    return f"PROXY {family} {source} {target} 56324 443\r\n".encode()


def second(source="192.0.2.7", command=0x21, more=b""):
    body = socket.inet_aton(source) + socket.inet_aton("198.51.100.1") + struct.pack("!HH", 56324, 443) + more
    return SIGNATURE + bytes([command, 0x11]) + struct.pack("!H", len(body)) + body


class ProxyCase(TlsCase):
    FROM = "[127.0.0.1]"

    def start_gateway(self, listed=None, more=""):
        path = os.path.join(self.folder(), "adit.yaml")
        line = f"proxy_protocol: {{from: {listed or self.FROM}}}"
        base.write(
            path,
            f"""listeners:
- {{address: "127.0.0.1:0", {line}}}
- {{address: "127.0.0.1:0", tls: true, {line}}}
tls: {{certificates: [{{cert: {self.shop[0]}, key: {self.shop[1]}}}]}}
{more}routes:
- name: all
  tracks:
    stable: {{endpoints: ["{self.mirror('stable').address}"]}}
    canary: {{endpoints: ["{self.mirror('canary').address}"]}}
  force: [{{source: 192.0.2.0/24, track: canary}}]
""",
        )
        self.adit = self.start("serve", "--config", path, "--admin", "127.0.0.1:0", "--status", "", "--workers", 1)
        return self.adit

    def ask(self, before, *, secure=False):
        if secure:
            with Secure(self.adit.https[0], "shop.test", context(self.authority), before=before) as c:
                return c.ask("/").json()
        with raw.Connection(self.adit.http[0]) as c:
            c.send(before)
            return c.ask("/").json()

    def refused(self, data, reason, address=None):
        api = self.api(self.adit)
        before = api.metric("adit_refusals_total", reason=reason)
        with raw.Connection(address or self.adit.http[0]) as c:
            c.send(data)
            with self.assertRaises((raw.Closed, ConnectionError)):
                c.read()
        self.assertEqual(api.metric("adit_refusals_total", reason=reason), before + 1, data)


class Balancers(ProxyCase):
    def test_the_address_is_the_clients_everywhere(self):
        self.start_gateway()
        for before, source in (
            (first(), "192.0.2.7"),
            (first("2001:db8::7"), "2001:db8::7"),
            (second(), "192.0.2.7"),
            (second("203.0.113.9"), "203.0.113.9"),
            (second(more=b"\x03\0\x04abcd"), "192.0.2.7"),
            (second(more=b"\x04" + struct.pack("!H", 3000) + bytes(3000)), "192.0.2.7"),
            (second(command=0x20), "127.0.0.1"),
            (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        ):
            for secure in (False, True):
                got = self.ask(before, secure=secure)
                fields = {k.lower(): v for k, v in got["fields"]}
                self.assertEqual(fields["x-forwarded-for"], source)
                self.assertEqual(fields["x-real-ip"], source)
                self.assertEqual(got["name"], "canary" if source.startswith("192.0.2.") else "stable", source)

    def test_bytes_may_come_one_by_one(self):
        self.start_gateway()
        for before in (first(), second(more=bytes(20))):
            with raw.Connection(self.adit.http[0]) as c:
                request = raw.head("GET", "/", "shop.test", (), None)
                for byte in before + request[:20]:
                    c.send(bytes([byte]))
                c.send(request[20:])
                self.assertEqual(c.read().json()["name"], "canary")
                self.assertEqual(c.ask("/").json()["name"], "canary")  # and for the next request

    def test_a_request_may_come_with_the_line(self):
        self.start_gateway()
        with raw.Connection(self.adit.http[0]) as c:
            c.send(first() + raw.head("GET", "/", "shop.test", (), None) * 3)
            self.assertEqual([c.read().json()["name"] for _ in range(3)], ["canary"] * 3)

    def test_wrong_lines_are_refused(self):
        self.start_gateway()
        for line in (b"PROXY TCP4 nonsense\r\n", b"PROXY " + b"x" * 200, second(command=0x31), second()[:12] + b"\x21\x11\xff\xff"):
            self.refused(line, "bad-proxy-line")
        self.refused(raw.head("GET", "/", "shop.test", (), None), "proxy-line-missing")
        self.refused(b"\x16\x03\x01", "proxy-line-missing", self.adit.https[0])

    def test_a_line_that_does_not_end_is_given_up(self):
        self.start_gateway(more="timeouts: {head: 300ms}\n")
        for address in (self.adit.http[0], self.adit.https[0]):
            for data in (b"", b"PROXY TCP4", second()[:14]):
                with raw.Connection(address) as c:
                    c.send(data)
                    with self.assertRaises((raw.Closed, ConnectionError)):
                        c.more()


class Others(ProxyCase):
    FROM = "[192.0.2.0/24]"

    def test_others_speak_for_themselves_and_may_send_no_line(self):
        self.start_gateway()
        self.assertEqual(self.ask(b"")["name"], "stable")
        self.assertEqual(self.ask(b"", secure=True)["name"], "stable")
        for line in (first(), second(), b"PROXY nonsense\r\n"):
            for address in (self.adit.http[0], self.adit.https[0]):
                self.refused(line, "proxy-line-untrusted", address)

    def test_a_reload_changes_who_is_believed(self):
        self.start_gateway()
        path = self.adit.argv[self.adit.argv.index("--config") + 1]
        base.write(path, open(path).read().replace(self.FROM, "[127.0.0.0/8]"))

        def believed():
            try:
                return self.ask(first())["name"] == "canary"
            except (raw.Closed, ConnectionError):
                return False

        daemon.until(believed, "the balancer to be believed")
