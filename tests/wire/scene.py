"""What both ends of a case have seen so far, and the conditions that they wait for."""

import threading
import time

import message


class InVain(Exception):
    """A condition that did not come true in time."""


class Exchange:
    """A request as the upstream got it."""

    def __init__(self, connection):
        self.connection = connection
        self.request = None  # message.Message once the head is complete
        self.not_before = 0  # bytes before which it cannot be whole
        self.raw = b""


class Scene:
    def __init__(self, case):
        self.case = case
        self.changed = threading.Condition()
        self.start = time.monotonic()
        self.deadline = self.start + case.within
        self.over = False
        self.failures = []
        # the client's side
        self.methods = []
        self.received = []  # bytes per client connection
        self.closed = []  # per client connection: None, "end" or "reset"
        self.closed_at = []
        self.first_byte_at = None
        self.client_left = None
        self.client_is_there = False
        # the upstream's side
        self.exchanges = []
        self.connections = 0
        self.stray = b""  # bytes that came where no request may come
        self.script_closed = 0  # connections that the script closed
        self.written = 0  # by `flood`
        self.marks = 0
        self.not_before = 0  # bytes before which no further response can be whole: large bodies are read once
        self.whole = 0

    def tell(self):
        with self.changed:
            self.changed.notify_all()

    def wait(self, condition, what, seconds=None):
        """Until condition() is true, with the lock held around it."""
        with self.changed:
            left = self.deadline - time.monotonic() if seconds is None else seconds
            end = time.monotonic() + left
            while not condition():
                rest = end - time.monotonic()
                if rest <= 0 or self.over and seconds is None:
                    raise InVain(what)
                self.changed.wait(min(rest, 0.25))

    def responses(self, which=None):
        """All messages that the client got, over all its connections."""
        found, methods = [], list(self.methods)
        for at, data in enumerate(self.received):
            if which is not None and at != which:
                continue
            got, _ = message.read_responses(bytes(data), methods, self.closed[at] is not None)
            finals = [m for m in got if not 100 <= m.status < 200 or m.status == 101]
            methods = methods[len(finals) :]
            found += got
        return found

    def rest(self):
        """Bytes behind the last whole response."""
        rest = b""
        methods = list(self.methods)
        for at, data in enumerate(self.received):
            got, rest = message.read_responses(bytes(data), methods, self.closed[at] is not None)
            methods = methods[len([m for m in got if m.status >= 200]) :]
        return rest

    def finals(self):
        return [m for m in self.responses() if m.status >= 200 or m.status in (0, 101)]

    def complete(self):
        """How many final responses are whole."""
        size = sum(len(r) for r in self.received)
        if size >= self.not_before or self.closed[-1]:
            finals = self.finals()
            self.whole = sum(1 for m in finals if m.complete)
            if finals and not finals[-1].complete and finals[-1].framing == "length":
                self.not_before = size - len(finals[-1].body) + int(finals[-1].first(b"content-length"))
        return self.whole

    def mark(self):
        with self.changed:
            self.marks += 1
            self.changed.notify_all()


def read_queue_empty(local, remote):
    """True when the process that owns the socket local<->remote (both (ip, port), IPv4) has read all that
    was sent to it."""

    def hexed(address):
        octets = address[0].split(".")
        return "".join(f"{int(o):02X}" for o in reversed(octets)) + f":{address[1]:04X}"

    mine, other = hexed(local), hexed(remote)
    with open("/proc/net/tcp") as table:
        for line in table:
            parts = line.split()
            if parts[1] == mine and parts[2] == other:
                return parts[4].split(":")[1] == "00000000"
    return True
