"""A WebSocket on both ends, as much of RFC 6455 as the tests speak: handshake, unfragmented frames, close."""

import base64
import hashlib
import os
import socket
import struct
import threading

import raw

TEXT, CLOSE = 1, 8


def accept_key(key):
    return base64.b64encode(
        hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    ).decode()


def frame(opcode, payload, masked):
    size = len(payload)
    head = bytes([0x80 | opcode])
    mark = 0x80 if masked else 0
    if size < 126:
        head += bytes([mark | size])
    elif size < 65536:
        head += bytes([mark | 126]) + struct.pack("!H", size)
    else:
        head += bytes([mark | 127]) + struct.pack("!Q", size)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


class Peer:
    """Either end, after the handshake; `masked`: we are the client (§5.3)."""

    def __init__(self, connection, masked):
        self.connection, self.masked = connection, masked

    def send(self, opcode, payload):
        self.connection.send(frame(opcode, payload, self.masked))

    def read(self):
        """(opcode, payload) of the next frame; AssertionError where its masking is the other side's."""
        first, second = self.connection.take(2)
        assert bool(second & 0x80) != self.masked, "masked by the wrong side"
        assert first & 0x80, "a fragment"
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self.connection.take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self.connection.take(8))
        mask = self.connection.take(4) if second & 0x80 else bytes(4)
        data = self.connection.take(size)
        return first & 0x0F, bytes(b ^ mask[i % 4] for i, b in enumerate(data))

    def read_close(self):
        """The code of the next close frame, whatever comes before it."""
        while True:
            opcode, payload = self.read()
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0]

    def ended(self):
        """Whether the peer closes in order; what it still sends is read."""
        try:
            while True:
                self.connection.more()
        except raw.Closed:
            return True


def connect(address, target="/"):
    """A client's end; the handshake must succeed."""
    connection = raw.Connection(address)
    key = base64.b64encode(os.urandom(16)).decode()
    answer = connection.ask(
        target,
        fields=[
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key),
        ],
    )
    assert answer.status == 101, answer
    assert answer.get("sec-websocket-accept") == accept_key(key), answer
    return Peer(connection, True)


class Echo:
    """An endpoint: it sends every text back, answers a close with a close, and remembers the codes it heard."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.closed_with = []
        self.changed = threading.Condition()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        connection = raw.Connection.__new__(raw.Connection)
        connection.sock, connection.data = client, bytearray()
        try:
            connection.line()
            fields = {k.lower(): v for k, v in connection.fields()}
            connection.send(
                b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Accept: %s\r\n\r\n" % accept_key(fields["sec-websocket-key"]).encode()
            )
            peer = Peer(connection, False)
            while True:
                opcode, payload = peer.read()
                peer.send(opcode, payload)
                if opcode == CLOSE:
                    self.heard(struct.unpack("!H", payload[:2])[0])
                    return
        except (raw.Closed, OSError):
            self.heard(None)
        finally:
            client.close()

    def heard(self, code):
        with self.changed:
            self.closed_with.append(code)
            self.changed.notify_all()

    def wait_closed(self, number, seconds=20):
        with self.changed:
            self.changed.wait_for(lambda: len(self.closed_with) >= number, seconds)
            return self.closed_with

    def stop(self):
        self.listener.close()
