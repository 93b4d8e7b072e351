"""An upstream that leaves as a good one does, as a program: graceful.py NAME PORT.

It answers `NAME` to everything. At SIGTERM it lets nobody else in, takes what the kernel has queued, stops
listening, says Connection: close in every answer, closes connections on which nothing is under way, and exits 0.
Who has come and not yet asked is waited for: there the first request is on its way. The first line on stdout is
its port.
"""

import ctypes
import selectors
import signal
import socket
import struct
import sys
import time

SO_ATTACH_FILTER = 26
PATIENCE = 5  # seconds, for the first request of a connection


def let_nobody_in(listener):
    """What arrives from now on is dropped. Else a handshake that ends between the last accept() and close()
    would be reset."""
    program = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0))  # BPF_RET | BPF_K: no bytes
    listener.setsockopt(
        socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", 1, ctypes.addressof(program))
    )


class Upstream:
    def __init__(self, name, port):
        self.name, self.leaving = name.encode(), False
        self.selector = selectors.DefaultSelector()
        self.listener = socket.socket()
        # The next one may listen already while this one leaves.
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(1024)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.open = {}  # connection: bytes of a request that is not whole
        self.fresh = {}  # connections that have not asked yet: since when

    def leave(self, *_):
        self.leaving = True

    def accept(self):
        try:
            connection, _ = self.listener.accept()
        except BlockingIOError:
            return False
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(10)
        self.open[connection] = b""
        self.fresh[connection] = time.monotonic()
        self.selector.register(connection, selectors.EVENT_READ)
        return True

    def close(self, connection):
        self.selector.unregister(connection)
        del self.open[connection]
        self.fresh.pop(connection, None)
        connection.close()

    def read(self, connection):
        try:
            data = connection.recv(65536)
        except OSError:
            data = b""
        if not data:
            return self.close(connection)
        self.fresh.pop(connection, None)
        data = self.open[connection] + data
        while (end := data.find(b"\r\n\r\n")) >= 0:
            data = data[end + 4 :]
            last = b"Connection: close\r\n" if self.leaving else b""
            try:
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(self.name), last, self.name)
                )
            except OSError:
                return self.close(connection)
            if last:
                return self.close(connection)
        self.open[connection] = data

    def run(self):
        print(self.listener.getsockname()[1], flush=True)
        while not self.leaving:
            for key, _ in self.selector.select(0.05):
                self.accept() if key.fileobj is self.listener else self.read(key.fileobj)
        let_nobody_in(self.listener)
        while self.accept():
            pass
        self.selector.unregister(self.listener)
        self.listener.close()
        # Who has asked is answered; who is silent for a moment has nothing under way.
        while self.open:
            told = self.selector.select(0.05)
            for key, _ in told:
                self.read(key.fileobj)
            if not told:
                now = time.monotonic()
                for connection in list(self.open):
                    if now - self.fresh.get(connection, now - 2 * PATIENCE) > PATIENCE:
                        self.close(connection)


if __name__ == "__main__":
    one = Upstream(sys.argv[1], int(sys.argv[2]))
    signal.signal(signal.SIGTERM, one.leave)
    one.run()
