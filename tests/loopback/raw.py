"""A plain HTTP/1.1 client over one socket, and the client of the admin API."""

import json
import socket


class Response:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def get(self, name, default=None):
        """The first field of that name."""
        for key, value in self.fields:
            if key.lower() == name.lower():
                return value
        return default

    def all(self, name):
        return [v for k, v in self.fields if k.lower() == name.lower()]

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:200]!r}>"


class Closed(Exception):
    """The peer closed where an answer was due."""


def head(method, target, host, fields, body):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{k}: {v}" for k, v in fields]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


class Connection:
    def __init__(self, address, seconds=15.0, source=None):
        self.sock = socket.create_connection(address, seconds, source_address=source)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = bytearray()
        self.host = "{}:{}".format(*address)

    def more(self):
        got = self.sock.recv(262144)
        if not got:
            raise Closed(f"after {bytes(self.data[-100:])!r}")
        self.data += got

    def take(self, size):
        while len(self.data) < size:
            self.more()
        out = bytes(self.data[:size])
        del self.data[:size]
        return out

    def line(self):
        while (at := self.data.find(b"\r\n")) < 0:
            self.more()
        return self.take(at + 2)[:-2].decode("latin-1")

    def fields(self):
        out = []
        while text := self.line():
            name, _, value = text.partition(":")
            out.append((name, value.strip()))
        return out

    def send(self, data):
        self.sock.sendall(data)

    def read(self, method="GET"):
        """The next final response with its body."""
        while True:
            start = self.line()
            status = int(start.split(" ")[1])
            response = Response(status, self.fields(), b"")
            if status >= 200 or status == 101:
                break
        if method == "HEAD" or status in (101, 204, 304):
            return response
        if (response.get("transfer-encoding") or "").lower() == "chunked":
            parts = []
            while size := int(self.line().split(";")[0], 16):
                parts.append(self.take(size))
                self.take(2)
            self.fields()
            response.body = b"".join(parts)
        elif (size := response.get("content-length")) is not None:
            response.body = self.take(int(size))
        else:
            try:
                while True:
                    self.more()
            except Closed:
                response.body = bytes(self.data)
        return response

    def ask(self, target="/", host=None, method="GET", fields=(), body=None):
        """`host`: the address itself when absent."""
        self.send(head(method, target, host or self.host, fields, body))
        return self.read(method)

    def pipeline(self, requests):
        """Sends all the bytes at once, returns as many responses. `requests`: list of bytes, no HEAD among
        them."""
        self.send(b"".join(requests))
        return [self.read() for _ in requests]

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def ask(address, target="/", **more):
    """One request on a connection of its own."""
    source = more.pop("source", None)
    with Connection(address, source=source) as c:
        return c.ask(target, **more)


class Api:
    """The admin API; one kept connection, opened anew when it was closed."""

    def __init__(self, address):
        self.address, self.connection = address, None

    def call(self, method, target, body=None, fields=()):
        data = None if body is None else (body if isinstance(body, bytes) else json.dumps(body).encode())
        fields = [*fields, *([("Content-Type", "application/json")] if data is not None else [])]
        for attempt in range(2):
            fresh = self.connection is None
            if fresh:
                self.connection = Connection(self.address)
            try:
                answer = self.connection.ask(target, None, method, fields, data)
            except (Closed, OSError):
                self.connection = None
                if fresh or attempt:
                    raise
                continue
            if (answer.get("connection") or "").lower() == "close":
                self.connection.close()
                self.connection = None
            return answer

    def get(self, target):
        return self.call("GET", target)

    def weights(self, route, **weights):
        """PUT of the weights; the answer, which must be a 200."""
        answer = self.call("PUT", f"/api/v1/routes/{route}/weights", weights)
        if answer.status != 200:
            raise AssertionError(f"PUT weights {weights} of {route}: {answer}")
        return answer

    def metrics(self):
        """{(name, ((label, value), …)): number} of everything exposed."""
        import re

        out = {}
        for line in self.get("/metrics").body.decode().splitlines():
            m = re.match(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$", line)
            if m and not line.startswith("#"):
                labels = tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', m.group(2) or "")))
                out[m.group(1), labels] = float(m.group(3))
        return out

    def metric(self, name, **labels):
        """The sum over all series of that name with these labels."""
        want = set(labels.items())
        return sum(v for (n, have), v in self.metrics().items() if n == name and want <= set(have))
