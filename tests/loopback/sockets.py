"""Endpoints and clients that a test drives by hand, byte by byte."""

import re
import socket
import struct
import threading

import base

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
WEBSOCKET = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


class Endpoint:
    """A listening socket whose connections the test answers by hand."""

    def __init__(self, backlog=64, receive_buffer=0):
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(backlog)
        self.sock.settimeout(15)
        self.address = "127.0.0.1:%d" % self.sock.getsockname()[1]
        self.taken = []

    def take(self):
        """The next connection."""
        one = self.sock.accept()[0]
        one.settimeout(15)
        self.taken.append(one)
        return one

    def head(self):
        """The next connection, and the head that came on it."""
        one = self.take()
        return one, read_head(one)

    def stop(self):
        for one in [*self.taken, self.sock]:
            one.close()


def read_head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        got = sock.recv(1)
        if not got:
            raise AssertionError(f"no whole head: {data!r}")
        data += got
    return data


def reset(sock):
    """Closes so that the peer sees a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def ended(sock):
    """Reads to the end; what came, or None where it was reset on the way."""
    data = b""
    try:
        while got := sock.recv(65536):
            data += got
    except ConnectionError:
        return None
    return data


class Case(base.Case):
    def endpoint(self, **more):
        return self.keep(Endpoint(**more))

    def connect(self, adit, receive_buffer=0):
        """A client; it asked the kernel for little to receive into where that matters."""
        sock = socket.socket()
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(20)
        sock.connect(adit.http[0])
        self.addCleanup(sock.close)
        return sock


class Server:
    """An endpoint that answers by itself: behave(server, number, head, sock) is called in a thread of the
    connection for each request, and returns the bytes of the response, or None to close. `seen` has every
    request as it was received, head and body."""

    def __init__(self, behave):
        self.behave = behave
        self.sock = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.address = "127.0.0.1:%d" % self.sock.getsockname()[1]
        self.lock = threading.Lock()
        self.seen, self.open, self.connections = [], [], 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                one = self.sock.accept()[0]
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open.append(one)
            threading.Thread(target=self.serve, args=(one,), daemon=True).start()

    def serve(self, one):
        try:
            data = b""
            while True:
                while b"\r\n\r\n" not in data:
                    got = one.recv(65536)
                    if not got:
                        return
                    data += got
                head, _, data = data.partition(b"\r\n\r\n")
                body, data = self.body(one, head.lower(), data)
                with self.lock:
                    self.seen.append(head + b"\r\n\r\n" + body)
                    number = len(self.seen)
                answer = self.behave(self, number, head, one)
                if answer is None:
                    return
                one.sendall(answer)
        except OSError:
            pass
        finally:
            one.close()

    @staticmethod
    def body(one, head, data):
        def ends():
            if b"transfer-encoding: chunked" in head:
                at = data.find(b"0\r\n")
                at = data.find(b"\r\n\r\n", at) if at >= 0 else -1
                return at + 4 if at >= 0 else None
            found = re.search(rb"content-length: (\d+)", head)
            size = int(found.group(1)) if found else 0
            return size if len(data) >= size else None

        while (at := ends()) is None:
            got = one.recv(65536)
            if not got:
                raise OSError("cut")
            data += got
        return data[:at], data[at:]

    def stop(self):
        self.sock.close()
        for one in self.open:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def answer(status, body=b"", more=b""):
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), more, body)
