"""An upstream in the test's own process that answers with the bytes it is given."""

import socket
import threading


def answer(body, *fields, status="200 OK", length=True):
    """A whole response as bytes."""
    lines = [f"HTTP/1.1 {status}", *fields]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Request:
    def __init__(self, head, body):
        start, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = start.split(" ")
        self.fields = [tuple(line.split(": ", 1)) if ": " in line else (line.rstrip(":"), "") for line in lines]
        self.body = body

    def get(self, name, default=None):
        for key, value in self.fields:
            if key.lower() == name.lower():
                return value
        return default

    def all(self, name):
        return [v for k, v in self.fields if k.lower() == name.lower()]


class Scripted:
    """`answers`: {target: bytes}, or a function of the Request. An answer that is callable gets the socket, which is
    closed behind it; None closes at once. `requests` are those that have come."""

    def __init__(self, answers):
        self.answers, self.requests, self.connections = answers, [], 0
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listening.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            with peer:
                self.converse(peer)
        except OSError:
            pass

    def converse(self, peer):
        data = b""

        def more():
            nonlocal data
            got = peer.recv(262144)
            data += got
            return got

        while True:
            while b"\r\n\r\n" not in data:
                if not more():
                    return
            head, _, data = data.partition(b"\r\n\r\n")
            request = Request(head, b"")
            size = int(request.get("content-length", 0))
            while len(data) < size:
                if not more():
                    return
            request.body, data = data[:size], data[size:]
            self.requests.append(request)
            answers = self.answers
            what = answers(request) if callable(answers) else answers[request.target]
            if callable(what):
                what = what(peer)
            if what is None:
                return
            peer.sendall(what)

    def stop(self):
        self.listening.close()
