"""A trace collector in the test's own process: takes OTLP/HTTP's JSON and checks that it is what collectors read."""

import json
import re
import ssl

import daemon
from scripted import Scripted, answer

TAKEN = answer(b'{"partialSuccess":{}}', "Content-Type: application/json")
BUSY = answer(b"", status="503 Busy")


class Span:
    def __init__(self, one, resource):
        self.trace, self.id, self.parent = one["traceId"], one["spanId"], one.get("parentSpanId")
        self.name, self.kind, self.status = one["name"], one["kind"], one["status"].get("code", 0)
        self.start, self.end = int(one["startTimeUnixNano"]), int(one["endTimeUnixNano"])
        self.flags = one["flags"]
        self.attributes, self.resource = attributes(one), resource

    def __getitem__(self, key):
        return self.attributes.get(key)

    def __repr__(self):
        return f"<{self.kind} {self.name} {self.trace} {self.id} {self.parent} {self.status} {self.attributes}>"


def attributes(of):
    out = {}
    for one in of["attributes"]:
        (kind, value), *more = one["value"].items()
        assert not more and set(one) == {"key", "value"}, one
        assert one["key"] not in out, one
        assert isinstance(value, str) and kind in ("stringValue", "intValue"), one
        out[one["key"]] = int(value) if kind == "intValue" else value
    return out


def read(body):
    """The spans of a request, after a look at every field."""
    out = []
    whole = json.loads(body)
    assert set(whole) == {"resourceSpans"}, whole
    for group in whole["resourceSpans"]:
        resource = attributes(group["resource"])
        assert resource["service.name"]
        for scope in group["scopeSpans"]:
            assert scope["scope"]["name"] == "adit"
            for one in scope["spans"]:
                assert re.fullmatch("[0-9a-f]{32}", one["traceId"]) and int(one["traceId"], 16), one
                for key in ("spanId", "parentSpanId"):
                    assert key not in one or re.fullmatch("[0-9a-f]{16}", one[key]) and int(one[key], 16), one
                assert one["kind"] in (2, 3), one
                for key in ("startTimeUnixNano", "endTimeUnixNano"):
                    assert re.fullmatch("[0-9]{19}", one[key]), one
                assert isinstance(one["name"], str) and one["status"].get("code", 0) in (0, 2), one
                span = Span(one, resource)
                assert span.start <= span.end
                out.append(span)
    return out


class Collector(Scripted):
    """`answers`: bytes, or a function of the request and its number from 0 on. With `pair` (certificate, key) it
    speaks TLS."""

    def __init__(self, answers=TAKEN, pair=None):
        self.behave, self.count, self.taken = answers, 0, []
        self.context = None
        if pair:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*pair)
        super().__init__(self.judge)

    def serve(self, peer):
        if self.context:
            try:
                peer = self.context.wrap_socket(peer, server_side=True)
            except (ssl.SSLError, OSError):
                return peer.close()
        super().serve(peer)

    def judge(self, request):
        number, self.count = self.count, self.count + 1
        said = self.behave(request, number) if callable(self.behave) else self.behave
        if isinstance(said, bytes) and said.startswith(b"HTTP/1.1 200"):
            self.taken += read(request.body)
        return said

    def spans(self, wanted, seconds=10.0):
        """As many spans as are wanted, when they have come."""
        daemon.until(lambda: len(self.taken) >= wanted, f"{wanted} spans", seconds)
        return list(self.taken)
