"""Judges a case once its scripts have run.

expect (the client; `expect N:` for the N-th final response, default the first):
    status 400|501          the status is one of these
    closed                  the proxy closes the connection, after what else is expected
    open                    the connection still serves a request
    responses N             exactly N final responses, none more
    no-response             closed or reset without a single byte
    body TEXT, body-size N  the whole body
    body-contains TEXT
    truncated               the body's framing is not fulfilled and the connection is over: the client can
                            see the cut
    header NAME absent | present | = VALUE | ~ REGEX | has TOKEN | count N
    trailer NAME absent | = VALUE
    framing none|length|chunked|close
    interim 103 100         exactly these 1xx, in order; `interim none`
    version 1.1             of the status line
    before S, after S       seconds from the start of the case to the first byte of the answer
    closed-before S, closed-after S
    written-below N         bytes that a flooding upstream could write before it was stopped
    rest TEXT               bytes behind a 101
    lacks TEXT, contains TEXT   of all bytes received
    no-surplus              no bytes behind the last whole response
    cut-or-502              a 502, or a visible cut
    next 200                the second response has that status, or the connection is closed
seen (the upstream; `seen N:` for the N-th request):
    nothing                 not one request
    requests N, connections N
    line TEXT               the request line
    body TEXT, body-size N, complete, incomplete
    header …, trailer …, framing …   as above
    lacks TEXT, contains TEXT   of all bytes of the case's requests
    lacks-line TEXT         no request line begins so
    unfinished              no whole request (or nothing)
    line-or-nothing TEXT, body-or-nothing TEXT
    gone-before S           the proxy closed the upstream connection within S seconds after the client left
                            (or answered)
    new-connection          this request came on another connection than the one before
    same-connection
"""

import re
import time

import scene as scenes
import script

HOP_BY_HOP = (
    b"keep-alive",
    b"proxy-connection",
    b"http2-settings",
    b"proxy-authenticate",
    b"proxy-authorization",
)


def check_field(fields, text, what):
    """A complaint, or None. `text` is `NAME absent` and so on."""
    name, _, condition = text.partition(" ")
    values = [v for k, v in fields if k.lower() == name.lower().encode()]
    word, _, operand = condition.partition(" ")
    operand = script.unescape(operand)
    good = {
        "absent": lambda: not values,
        "present": lambda: bool(values),
        "=": lambda: values == [operand],
        "~": lambda: bool(values) and all(re.search(operand, v) for v in values),
        "has": lambda: any(operand.lower() == t.strip().lower() for v in values for t in v.split(b",")),
        "hasnot": lambda: not any(
            operand.lower() == t.strip().lower() for v in values for t in v.split(b",")
        ),
        "count": lambda: len(values) == int(operand),
        "list": lambda: values == operand.split(b";"),
    }.get(word)
    if good is None:
        raise script.BadCase(f"unknown condition {text!r}")
    return None if good() else f"{what} {text}: it is {values!r}"


def short(data, limit=200):
    return repr(data if len(data) <= limit else data[:limit] + b"...(%d bytes)" % len(data))


class Verdict:
    def __init__(self, scene):
        self.scene, self.case = scene, scene.case
        self.failures = scene.failures

    def fail(self, text):
        if text:
            self.failures.append(text)

    def settle(self):
        """Waits until what is expected could have come; what has not come is then judged."""
        scene = self.scene
        words = [t.split()[0] for _, t in self.case.expect]
        waits = ("written-below", "no-response", "closed", "closed-before", "closed-after", "cut-or-502")
        need = max(
            [n for n, _ in self.case.expect]
            + [int(t.split()[1]) for _, t in self.case.expect if t.startswith("responses ")]
            + [1 if any(w not in waits for w in words) else 0]
        )
        requests = max(
            [n for n, _ in self.case.seen]
            + [int(t.split()[1]) for _, t in self.case.seen if t.startswith("requests ")]
            + [0]
        )
        quiet = ("nothing", "unfinished", "lacks", "lacks-line", "line-or-nothing", "body-or-nothing")
        if not requests and any(t.split()[0] not in quiet for _, t in self.case.seen):
            requests = 1
        try:
            if (
                "truncated" in words
                or "no-response" in words
                or {"closed", "closed-before", "closed-after"} & set(words)
            ):
                scene.wait(lambda: scene.closed[-1], "the proxy to close the connection")
            elif "next" in words:
                scene.wait(lambda: scene.complete() > 1 or scene.closed[-1], "the next answer or the end")
            elif "cut-or-502" in words:
                scene.wait(lambda: scene.closed[-1] or scene.complete(), "a 502 or the end")
            elif scene.client_is_there:
                scene.wait(lambda: scene.complete() >= need or scene.closed[-1], f"{need} whole responses")
            scene.wait(
                lambda: sum(1 for e in scene.exchanges if e.request) >= requests,
                f"{requests} requests at the upstream",
                1.5 if scene.closed[-1] and not scene.client_left else None,
            )
            for number, text in self.case.seen:
                if text.split()[0] in ("complete", "body", "body-size"):
                    scene.wait(
                        lambda: scene.exchanges[max(number, 1) - 1].request.complete,
                        "the whole request at the upstream",
                    )
                if text.split()[0] == "gone-before":
                    scene.wait(
                        lambda: scene.exchanges[max(number, 1) - 1].connection.ended,
                        "the proxy to close the upstream connection",
                    )
        except scenes.InVain as e:
            self.fail(f"waited in vain for {e}")

    def judge(self):
        for number, text in self.case.expect:
            try:
                self.fail(self.client(number, text))
            except (IndexError, ValueError) as e:
                self.fail(f"expect {text}: there is no such response ({e})")
        for number, text in self.case.seen:
            try:
                self.fail(self.upstream(number, text))
            except (IndexError, AttributeError):
                self.fail(f"seen {text}: there is no such request")
        self.always()
        return self.failures

    def client(self, number, text):
        scene = self.scene
        word, _, rest = text.partition(" ")
        if word == "closed":
            return None if scene.closed[-1] else "the connection is still open"
        if word == "open":
            return None if not scene.closed[-1] else "the connection was closed"
        if word == "no-response":
            return (
                None
                if not any(scene.received) and scene.closed[-1]
                else f"it got {short(bytes(scene.received[-1]))}"
            )
        if word == "responses":
            got = len(scene.finals())
            return None if got == int(rest) else f"{got} responses instead of {rest}"
        if word == "interim":
            got = [str(m.status) for m in scene.responses() if m.status < 200 and m.status != 101]
            want = [] if rest == "none" else rest.split()
            return None if got == want else f"interim responses {got} instead of {want}"
        everything = b"".join(bytes(r) for r in scene.received)
        if word == "lacks":
            return (
                f"the client got {rest!r}: {short(everything, 600)}"
                if script.unescape(rest) in everything
                else None
            )
        if word == "contains":
            return None if script.unescape(rest) in everything else f"the client did not get {rest!r}"
        if word == "no-surplus":
            return f"bytes behind the answer: {short(scene.rest())}" if scene.rest() else None
        if word == "next":
            finals = scene.finals()
            return (
                None
                if scene.closed[-1] or len(finals) > 1 and str(finals[1].status) == rest
                else f"the next request got no {rest}"
            )
        if word == "cut-or-502":
            finals = scene.finals()
            if not finals and scene.closed[-1]:
                return None
            if not finals:
                return "neither a 502 nor an end"
            return (
                None
                if finals[0].status == 502
                else self.message(finals[0], "truncated", "", text, "response 1")
            )
        if word in ("before", "after", "closed-before", "closed-after"):
            at = scene.closed_at[-1] if word.startswith("closed") else scene.first_byte_at
            if at is None:
                return f"{text}: never"
            took = at - scene.start
            return (
                None if (took < float(rest)) == word.endswith("before") else f"{text}: it took {took:.2f} s"
            )
        if word == "written-below":
            return None if scene.written < int(rest) else f"the upstream could write {scene.written} bytes"
        response = scene.finals()[max(number, 1) - 1]
        return self.message(response, word, rest, text, f"response {max(number, 1)}")

    def message(self, m, word, rest, text, what):
        """What can be said of a response as of a request."""
        if word == "status":
            return (
                None
                if str(m.status) in rest.split("|")
                else f"{what} has status {m.status} instead of {rest}"
            )
        if word == "body":
            want = script.unescape(rest)
            return (
                None
                if m.complete and m.body == want
                else f"{what}: body {short(m.body)} (complete: {m.complete}) instead of {short(want)}"
            )
        if word == "body-size":
            return (
                None
                if m.complete and len(m.body) == int(rest)
                else f"{what}: {len(m.body)} bytes of body (complete: {m.complete})"
            )
        if word == "body-contains":
            return None if script.unescape(rest) in m.body else f"{what}: body {short(m.body)} lacks {rest!r}"
        if word == "truncated":
            if m.framing == "close":
                return (
                    None
                    if self.scene.closed[-1] == "reset"
                    else f"{what} ends by a clean close: the cut cannot be seen"
                )
            return (
                None
                if not m.complete and self.scene.closed[-1]
                else f"{what} looks whole: {short(m.raw + m.body)}"
            )
        if word == "header":
            return check_field(m.fields, rest, f"{what}:")
        if word == "trailer":
            return check_field(m.trailers, rest, f"{what}: trailer")
        if word == "framing":
            return None if m.framing in rest.split("|") else f"{what} is framed by {m.framing}"
        if word == "version":
            return None if m.start.startswith(b"HTTP/" + rest.encode() + b" ") else f"{what}: {m.start!r}"
        if word == "reason":
            return None if m.start.split(b" ", 2)[2] == script.unescape(rest) else f"{what}: {m.start!r}"
        if word == "rest":
            want = script.unescape(rest)
            return None if m.body == want else f"{what}: {short(m.body)} instead of {short(want)}"
        raise script.BadCase(f"unknown expectation {text!r}")

    def upstream(self, number, text):
        scene = self.scene
        word, _, rest = text.partition(" ")
        heads = [e for e in scene.exchanges if e.request]
        if word == "nothing":
            if not scene.exchanges:
                return None
            return f"the upstream got {short(b' | '.join(e.raw for e in scene.exchanges))}"
        everything = b"".join(e.raw for e in scene.exchanges)
        if word == "lacks":
            return (
                f"the upstream got {rest!r}: {short(everything, 600)}"
                if script.unescape(rest) in everything
                else None
            )
        if word == "contains":
            return (
                None
                if script.unescape(rest) in everything
                else f"the upstream did not get {rest!r}: {short(everything, 600)}"
            )
        if word == "lacks-line":
            return (
                f"a request {rest!r} was made"
                if any(e.request.start.startswith(script.unescape(rest)) for e in heads)
                else None
            )
        if word == "unfinished":
            whole = [e for e in heads if e.request.complete]
            return f"the upstream got a whole request: {short(whole[0].raw)}" if whole else None
        if word.endswith("-or-nothing"):
            return self.upstream(number, text.replace("-or-nothing", "", 1)) if heads else None
        if word == "requests":
            return (
                None
                if len(heads) == int(rest)
                else f"the upstream got {len(heads)} requests instead of {rest}"
            )
        if word == "connections":
            return (
                None
                if scene.connections == int(rest)
                else f"{scene.connections} upstream connections instead of {rest}"
            )
        exchange = heads[max(number, 1) - 1]
        what = f"request {max(number, 1)} at the upstream"
        if word == "line":
            want = script.unescape(rest)
            return (
                None
                if exchange.request.start == want
                else f"{what}: {exchange.request.start!r} instead of {want!r}"
            )
        if word == "complete":
            return None if exchange.request.complete else f"{what} is not whole: {short(exchange.raw)}"
        if word == "incomplete":
            return None if not exchange.request.complete else f"{what} looks whole: {short(exchange.raw)}"
        if word == "gone-before":
            ended = exchange.connection.ended_at
            start = scene.client_left or scene.start
            return (
                None
                if ended and ended - start < float(rest)
                else f"{what}: connection closed after {ended and round(ended - start, 2)} s"
            )
        if word in ("new-connection", "same-connection"):
            same = exchange.connection is heads[max(number, 1) - 2].connection
            return None if same == word.startswith("same") else f"{what}: not on a {word}"
        return self.message(exchange.request, word, rest, text, what)

    def always(self):
        """What holds of every message that a proxy writes, whatever the case is about."""
        for at, m in enumerate(self.scene.responses(), 1):
            for complaint in m.complaints:
                self.fail(f"response {at} is malformed: {complaint}")
            if not m.start.startswith(b"HTTP/1.1 "):
                self.fail(f"response {at} does not carry the proxy's own version: {m.start!r}")
        for at, e in enumerate(self.scene.exchanges, 1):
            if not e.request:
                if e.raw:
                    self.fail(f"the upstream got an unfinished head {short(e.raw)}")
                continue
            for complaint in e.request.complaints:
                self.fail(f"request {at} at the upstream is malformed: {complaint}")
            for name, value in e.request.fields:
                if name.lower() in HOP_BY_HOP[:3]:
                    self.fail(f"request {at} at the upstream carries {name.decode()}")
