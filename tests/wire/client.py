"""The client in front of the proxy: a raw socket that follows a case's script.

Steps:
    (bytes)                 write them
    split                   let the proxy read what was written before going on
    wait responses N        until N whole final responses have come (all connections)
    wait heads N            until N heads of final responses have come
    wait interim N          until N 1xx have come
    wait received TEXT      until TEXT has come
    wait seen N             until the heads of N requests have reached the upstream
    wait body N             until N bytes of the last request's body have reached the upstream
    wait closed             until the proxy has closed this connection
    wait upstream-closed N  until the upstream's script has closed N connections
    wait mark N             until the upstream's script has passed N marks
    wait stalled            until the upstream's `flood` has not moved for 0.7 s
    pause S                 S seconds: for cases about time
    trickle S TEXT          write TEXT byte by byte, one each S seconds, until the proxy closes
    hold | resume           stop reading, read on
    finish                  shut down writing
    close | reset           leave
    again                   a new connection (the old one is left open)
"""

import re
import socket
import threading
import time

import scene as scenes
import script
import upstream


class Client:
    def __init__(self, scene, address):
        self.scene, self.address = scene, address
        self.sock = None
        self.at = -1
        self.reading = threading.Event()
        self.reading.set()
        self.sockets = []
        self.sent = b""
        self.small = any(step == ("hold", "") for step in scene.case.client)

    def connect(self):
        sock = socket.socket()
        if self.small:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        sock.settimeout(5)
        sock.connect(self.address)
        sock.settimeout(None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.scene.changed:
            self.at += 1
            self.scene.client_is_there = True
            self.scene.received.append(bytearray())
            self.scene.closed.append(None)
            self.scene.closed_at.append(None)
        self.sock = sock
        self.sockets.append(sock)
        threading.Thread(target=self.read, args=(sock, self.at), daemon=True).start()

    def read(self, sock, at):
        while True:
            self.reading.wait()
            try:
                got = sock.recv(262144)
                ended = None if got else "end"
            except OSError:
                got, ended = b"", "reset"
            with self.scene.changed:
                if got and self.scene.first_byte_at is None:
                    self.scene.first_byte_at = time.monotonic()
                self.scene.received[at] += got
                if ended and not self.scene.closed[at]:
                    self.scene.closed[at], self.scene.closed_at[at] = ended, time.monotonic()
                self.scene.changed.notify_all()
            if ended:
                return

    def run(self):
        self.connect()
        for verb, argument in self.scene.case.client:
            if verb == "send":
                self.note_methods(argument)
                self.send(argument)
            elif verb == "split":
                end = time.monotonic() + 2
                while (
                    not scenes.read_queue_empty(self.address, self.sock.getsockname())
                    and time.monotonic() < end
                ):
                    time.sleep(0.001)
            elif verb == "wait":
                self.wait(argument)
            elif verb == "pause":
                time.sleep(float(argument))
            elif verb == "trickle":
                self.trickle(*argument.split(None, 1))
            elif verb == "hold":
                self.reading.clear()
            elif verb == "resume":
                self.reading.set()
            elif verb == "finish":
                self.sock.shutdown(socket.SHUT_WR)
            elif verb in ("close", "reset"):
                self.leave(verb)
            elif verb == "again":
                self.connect()
            else:
                raise script.BadCase(f"unknown client step {verb!r}")

    def note_methods(self, data):
        """Methods tell which answers have no body; request lines are found by their look."""
        self.sent += data
        self.scene.methods = re.findall(rb"([A-Z]{1,20}) [^\r\n]*HTTP/1\.[01]\r\n", self.sent)

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            pass  # refused early: what came back is judged

    def trickle(self, seconds, text):
        data = script.unescape(text)
        for at in range(len(data)):
            if self.scene.closed[self.at] or time.monotonic() > self.scene.deadline:
                return
            self.send(data[at : at + 1])
            with self.scene.changed:
                self.scene.changed.wait_for(lambda: self.scene.closed[self.at], float(seconds))

    def leave(self, how):
        sock = self.sock
        with self.scene.changed:
            self.scene.client_left = time.monotonic()
            self.scene.client_is_there = False
        if how == "reset":
            sock.shutdown(socket.SHUT_RD)
            with self.scene.changed:  # as long as a thread is in recv() the kernel keeps the socket, and sends no RST
                self.scene.changed.wait_for(lambda: self.scene.closed[self.at] or not self.reading.is_set(), 5)
            upstream.reset(sock)
        else:
            sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def wait(self, argument):
        scene = self.scene
        kind, _, rest = argument.partition(" ")
        what = f"the client waits for: {argument}"
        if kind == "responses":
            scene.wait(lambda: scene.complete() >= int(rest), what)
        elif kind == "heads":
            scene.wait(lambda: len(scene.finals()) >= int(rest), what)
        elif kind == "interim":
            scene.wait(lambda: len(scene.responses()) - len(scene.finals()) >= int(rest), what)
        elif kind == "received":
            text = script.unescape(rest)
            scene.wait(lambda: text in scene.received[self.at], what)
        elif kind == "seen":
            scene.wait(lambda: sum(1 for e in scene.exchanges if e.request) >= int(rest), what)
        elif kind == "body":
            scene.wait(
                lambda: scene.exchanges
                and scene.exchanges[-1].request
                and len(scene.exchanges[-1].request.body) >= int(rest),
                what,
            )
        elif kind == "closed":
            scene.wait(lambda: scene.closed[self.at], what)
        elif kind == "upstream-closed":
            scene.wait(lambda: scene.script_closed >= int(rest), what)
        elif kind == "mark":
            scene.wait(lambda: scene.marks >= int(rest), what)
        elif kind == "stalled":
            self.stalled()
        else:
            raise script.BadCase(f"unknown wait {argument!r}")

    def stalled(self):
        scene, last, since = self.scene, -1, time.monotonic()
        while time.monotonic() < scene.deadline:
            with scene.changed:
                scene.changed.wait(0.05)
                if scene.written != last:
                    last, since = scene.written, time.monotonic()
            if last > 0 and time.monotonic() - since > 0.7:
                return
        raise scenes.InVain("the flood never stalled")

    def stop(self):
        self.reading.set()
        for sock in self.sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()
