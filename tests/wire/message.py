"""Reads HTTP/1.1 messages out of bytes for judging: finds where they end, and complains of whatever a proxy
must not write.

It is no parser for the wild: it takes the reading of RFC 9112 literally and notes every departure in
`complaints`.
"""

import re

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
BODILESS = (204, 304)


class Message:
    """A head and what followed it. `complete` is False while bytes are missing."""

    def __init__(self, start, fields, raw):
        self.start = start  # bytes of the start line
        self.fields = fields  # [(name, value)], bytes, in order
        self.raw = raw  # the head as it was on the wire
        self.body = b""
        self.trailers = []
        self.framing = "none"  # none, length, chunked, close
        self.complete = False
        self.complaints = []

    def values(self, name):
        name = name.lower()
        return [v for k, v in self.fields if k.lower() == name]

    def first(self, name):
        found = self.values(name)
        return found[0] if found else None

    def trailer_values(self, name):
        return [v for k, v in self.trailers if k.lower() == name.lower()]

    @property
    def status(self):
        return int(self.start.split(b" ", 2)[1])

    @property
    def method(self):
        return self.start.split(b" ", 1)[0]

    @property
    def target(self):
        parts = self.start.split(b" ")
        return parts[1] if len(parts) > 1 else b""


def read_fields(block, complaints):
    """The field lines of a head or trailer section, without its empty line."""
    fields = []
    for line in block.split(b"\r\n") if block else []:
        name, colon, value = line.partition(b":")
        if not colon or not TOKEN.match(name):
            complaints.append(f"not a field line: {line[:60]!r}")
            continue
        if re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value):
            complaints.append(f"control byte in the value of {name.decode()}")
        fields.append((name, value.strip(b" \t")))
    return fields


def read_head(data):
    """(message, rest) once the head has ended, else None."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    start, _, block = data[:end].partition(b"\r\n")
    message = Message(start, [], data[: end + 4])
    message.fields = read_fields(block, message.complaints)
    return message, data[end + 4 :]


def read_chunks(data):
    """(body, trailer block or None while unfinished, rest, complaint). Everything decoded so far is in
    body."""
    body = []
    while True:
        line, found, after = data.partition(b"\r\n")
        if not found:
            return b"".join(body), None, data, None
        if not re.match(rb"[0-9A-Fa-f]{1,16}\Z", line):
            return b"".join(body), None, data, f"chunk size line {line[:40]!r}"
        size = int(line, 16)
        if size == 0:
            if after.startswith(b"\r\n"):
                return b"".join(body), b"", after[2:], None
            end = after.find(b"\r\n\r\n")
            if end < 0:
                return b"".join(body), None, data, None
            return b"".join(body), after[:end], after[end + 4 :], None
        body.append(after[:size])
        if len(after) < size + 2:
            if len(after) > size and after[size : size + 1] != b"\r":
                return b"".join(body), None, after, "no CRLF after chunk data"
            return b"".join(body), None, after, None
        if after[size : size + 2] != b"\r\n":
            return b"".join(body), None, after, "no CRLF after chunk data"
        data = after[size + 2 :]


def read_body(message, data, kind):
    """Fills the body in; the rest of the bytes. `kind`: none, length:N, chunked, close, eof (close, and it
    has come)."""
    if kind == "none":
        message.complete = True
        return data
    if kind.startswith("length:"):
        size = int(kind[7:])
        message.framing, message.body = "length", data[:size]
        message.complete = len(data) >= size
        return data[size:]
    if kind == "chunked":
        message.framing = "chunked"
        message.body, trailer, rest, complaint = read_chunks(data)
        if complaint:
            message.complaints.append(complaint)
        if trailer is not None:
            message.complete = True
            message.trailers = read_fields(trailer, message.complaints)
            return rest
        return b""
    message.framing, message.body, message.complete = "close", data, kind == "eof"
    return b""


def framing(message, complaints):
    """length:N, chunked or None, by the framing fields."""
    lengths, codings = message.values(b"content-length"), message.values(b"transfer-encoding")
    if lengths and codings:
        complaints.append("both Content-Length and Transfer-Encoding")
    if len(lengths) > 1:
        complaints.append("several Content-Length")
    if codings:
        if len(codings) > 1 or codings[0].lower() != b"chunked":
            complaints.append(f"Transfer-Encoding {b'|'.join(codings)!r}")
        return "chunked"
    if lengths:
        if not re.match(rb"[0-9]+\Z", lengths[0]):
            complaints.append(f"Content-Length {lengths[0]!r}")
            return None
        return f"length:{int(lengths[0])}"
    return None


def read_request(data):
    """(request, rest) once the head is there; the request may be incomplete. None before."""
    found = read_head(data)
    if not found:
        return None
    message, rest = found
    parts = message.start.split(b" ")
    if len(parts) != 3 or not TOKEN.match(parts[0]) or not re.match(rb"HTTP/1\.[01]\Z", parts[2]):
        message.complaints.append(f"request line {message.start[:80]!r}")
    if len(message.values(b"host")) != 1 and parts[-1] == b"HTTP/1.1":
        message.complaints.append(f"{len(message.values(b'host'))} Host fields")
    rest = read_body(message, rest, framing(message, message.complaints) or "none")
    return message, rest


def read_responses(data, methods, ended):
    """([responses], rest): interim ones included. `methods` are those of the requests sent; `ended`: the
    peer closed."""
    found, final = [], 0
    while data:
        head = read_head(data)
        if not head:
            break
        message, rest = head
        if not re.match(rb"HTTP/1\.[01] [1-5][0-9][0-9] ", message.start):
            message.complaints.append(f"status line {message.start[:80]!r}")
            if not re.match(rb"HTTP/\S+ [0-9]{3}\b", message.start):
                message.start = b"HTTP/1.1 000 unreadable"
        status = message.status
        method = methods[final] if final < len(methods) else b"GET"
        if 100 <= status < 200:
            message.complete = True
            found.append(message)
            data = rest
            if status == 101:  # what follows is the tunnel's
                message.body, data = rest, b""
            continue
        kind = framing(message, message.complaints)
        if method == b"HEAD" or status in BODILESS:
            kind = "none"
        data = read_body(message, rest, kind or ("eof" if ended else "close"))
        found.append(message)
        final += 1
        if not message.complete:
            break
    return found, data
