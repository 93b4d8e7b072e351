"""The upstream behind the proxy: raw sockets that follow a case's script.

Steps of a script, one list per request in order of arrival; without a script the answer is 200 with the body
`ok`:
    (bytes)              write them
    early                (first) do not wait for the request's body
    split                let the proxy read what was written before going on
    wait body N          until N bytes of the request's body have come
    wait received TEXT   until the client has received TEXT
    wait gone            until the proxy has closed this connection
    pause S              S seconds: for cases about time
    flood N              write N bytes, counting
    echo                 give back every further byte (a tunnel)
    body                 answer 200 with the request's own body, Content-Length
    mark                 let a client go on that waits for it
    finish | close | reset | stall
    mark-then finish|close|reset
"""

import select
import socket
import struct
import threading
import time

import message
import scene as scenes
import script

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BARRIER = b"/-/barrier"


def reset(sock):
    """Closes with RST."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
    except OSError:
        pass


class Connection:
    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.number = 0
        self.data = b""  # read, not yet taken
        self.ended = None  # "end" or "reset"
        self.ended_at = None
        self.scene = None
        self.exchange = None
        self.closed = False  # by us
        threading.Thread(target=self.serve, daemon=True).start()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """Takes what comes, all the time, so that closing is seen at once."""
        while True:
            try:
                got = self.sock.recv(262144)
                ended = None if got else "end"
            except OSError:
                got, ended = b"", "reset"
            with self.server.changed:
                self.data += got
                if ended:
                    self.ended, self.ended_at = ended, time.monotonic()
                if self.exchange:
                    self.fill()
                self.server.changed.notify_all()
            if ended:
                if self.scene:
                    self.scene.tell()
                return

    def fill(self):
        """Brings the exchange up to date with the bytes read. Locks are taken in the order server, scene."""
        with self.server.changed, self.scene.changed:
            exchange = self.exchange
            if len(self.data) < exchange.not_before:
                return
            exchange.raw = self.data
            found = message.read_request(self.data)
            if found:
                exchange.request = request = found[0]
                if not request.complete and request.framing == "length" and len(request.body) > 65536:
                    exchange.not_before = (
                        len(self.data) - len(request.body) + int(request.first(b"content-length"))
                    )
            self.scene.changed.notify_all()

    def wait(self, condition, seconds=None):
        end = None if seconds is None else time.monotonic() + seconds
        with self.server.changed:
            while not condition():
                if self.closed or end and time.monotonic() > end:
                    return False
                self.server.changed.wait(0.25 if end is None else max(0.001, end - time.monotonic()))
            return True

    def serve(self):
        try:
            while self.one():
                pass
        except OSError:
            pass

    def one(self):
        """One request and its answer; False when the connection is done."""
        self.wait(lambda: self.data or self.ended or self.closed)
        if not self.data:
            return False
        self.wait(lambda: self.data.find(b"\r\n\r\n") >= 0 or self.ended)
        target = (self.data.split(b" ", 2) + [b"", b""])[1]
        if target.startswith(BARRIER) or target.startswith(b"http://") and BARRIER in target:
            found = message.read_request(self.data)
            self.data = found[1]
            self.sock.sendall(PLAIN)
            return True
        scene = self.server.scene
        if scene is None or scene.over:
            return False
        with scene.changed:
            if self.scene is not scene:
                scene.connections += 1
            self.scene = scene
            self.exchange = exchange = scenes.Exchange(self)
            scene.exchanges.append(exchange)
            steps = (
                list(scene.case.upstream[len(scene.exchanges) - 1])
                if len(scene.exchanges) <= len(scene.case.upstream)
                else []
            )
        self.fill()
        early = bool(steps) and (
            steps[0][0] == "early" or steps[0][0] == "wait" and steps[0][1].startswith("body")
        )
        if steps and steps[0][0] == "early":
            steps.pop(0)
        if not early:
            self.wait(lambda: exchange.request and exchange.request.complete or self.ended)
        if not exchange.request:
            return False
        if not steps and not early:
            steps = [("send", PLAIN)]
        try:
            go_on = self.follow(steps, scene, exchange)
        except scenes.InVain as e:
            with scene.changed:
                if not scene.over:
                    scene.failures.append(f"the upstream waited in vain: {e}")
            return False
        if not go_on:
            return False
        self.wait(lambda: exchange.request.complete or self.ended)
        with self.server.changed:
            found = message.read_request(self.data)
            self.exchange = None
            self.data = found[1] if found and found[0].complete else b""
        return not self.closed

    def follow(self, steps, scene, exchange):
        for verb, argument in steps:
            if verb == "send":
                self.sock.sendall(argument)
            elif verb == "split":
                self.until_read()
            elif verb == "wait":
                self.condition(argument, scene, exchange)
            elif verb == "pause":
                self.wait(lambda: self.ended or scene.over, float(argument))
            elif verb == "flood":
                self.flood(int(argument), scene)
            elif verb == "body":
                body = exchange.request.body
                self.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            elif verb == "echo":
                self.echo(scene)
                return False
            elif verb == "finish":
                self.sock.shutdown(socket.SHUT_WR)
            elif verb == "stall":
                self.wait(lambda: scene.over)
            elif verb == "mark":
                scene.mark()
            elif verb == "mark-then":  # ends the connection as named, and tells the client when it has
                if argument == "finish":
                    self.sock.shutdown(socket.SHUT_WR)
                else:
                    self.leave(argument)
                scene.mark()
                self.wait(lambda: scene.over or self.ended)
                return False
            elif verb in ("close", "reset"):
                self.leave(verb)
                with scene.changed:
                    scene.script_closed += 1
                    scene.changed.notify_all()
                return False
            else:
                raise script.BadCase(f"unknown upstream step {verb!r}")
        return True

    def until_read(self):
        try:
            local, remote = self.sock.getpeername(), self.sock.getsockname()
        except OSError:
            return  # reset by the proxy: it has read enough
        end = time.monotonic() + 2
        while not scenes.read_queue_empty(local, remote) and time.monotonic() < end:
            time.sleep(0.001)

    def condition(self, argument, scene, exchange):
        kind, _, rest = argument.partition(" ")
        if kind == "body":
            scene.wait(lambda: len(exchange.request.body) >= int(rest) or self.ended, f"{rest} body bytes")
        elif kind == "received":
            text = script.unescape(rest)
            scene.wait(lambda: any(text in r for r in scene.received), f"the client to receive {rest!r}")
        elif kind == "gone":
            scene.wait(lambda: self.ended, "the proxy to close the upstream connection")
        else:
            raise script.BadCase(f"unknown wait {argument!r}")

    def flood(self, size, scene):
        block = b"x" * 65536
        while size and not scene.over:
            if not select.select([], [self.sock], [], 0.25)[1]:
                continue
            try:
                n = self.sock.send(block[:size], socket.MSG_DONTWAIT)
            except BlockingIOError:
                continue
            size -= n
            with scene.changed:
                scene.written += n
                scene.changed.notify_all()

    def echo(self, scene):
        found = message.read_request(self.data)
        given = len(self.data) - len(found[1])
        while True:
            self.wait(lambda: len(self.data) > given or self.ended or scene.over)
            more = self.data[given:]
            if not more:
                break
            given += len(more)
            self.sock.sendall(more)
        self.sock.shutdown(socket.SHUT_WR)

    def leave(self, how="close"):
        self.closed = True
        with self.server.changed:
            self.server.changed.notify_all()
        if how == "reset":
            try:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
        try:
            self.sock.shutdown(socket.SHUT_RD if how == "reset" else socket.SHUT_RDWR)
        except OSError:
            pass
        if how == "reset":  # as long as a thread is in recv() the kernel keeps the socket, and sends no RST
            with self.server.changed:
                self.server.changed.wait_for(lambda: self.ended, 5)
            reset(self.sock)
        else:
            self.sock.close()


class Upstream:
    """Listens on 127.0.0.1; `scene` is the case in progress."""

    def __init__(self):
        self.changed = threading.Condition()
        self.scene = None
        self.connections = []
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.changed:
                self.connections.append(Connection(self, sock))

    def clear(self):
        """Closes every connection and waits until the proxy has closed its side, so that its pools are
        empty."""
        with self.changed:
            old, self.connections = self.connections, []
        for connection in old:
            try:
                connection.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        for connection in old:
            connection.wait(lambda: connection.ended or connection.closed, 0.5)
            connection.leave()

    def stop(self):
        self.listener.close()
        self.clear()
