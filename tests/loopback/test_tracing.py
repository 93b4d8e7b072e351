"""Traces: what upstreams are told, and what a collector gets."""

import os
import re
import signal
import socket
import struct
import threading
import time
import unittest

import base
import certificates
import collector
import daemon
import raw
import upstreams
from collector import BUSY, TAKEN, Collector
from scripted import Scripted, answer
from test_cost import GET, HERE

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE}-{SPAN}-01"
UNSAMPLED = f"00-{TRACE}-{SPAN}-00"
SERVER, CLIENT = 2, 3


def parse(text):
    """(trace, span, flags)"""
    version, trace, span, flags = re.fullmatch(
        "(..)-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})", text
    ).groups()
    assert version == "00" and int(trace, 16) and int(span, 16), text
    return trace, span, flags


class Case(base.Case):
    def setUp(self):
        self.upstream = self.keep(Scripted(lambda request: self.answer(request)))
        self.answer = lambda request: answer(b"hello")
        self.collector = None

    def collect(self, *arguments, **more):
        self.collector = self.keep(Collector(*arguments, **more))
        return self.collector

    def gateway(self, tracing="{}", endpoints=None, more="", also="", **settings):
        listed = ", ".join(f'"{one}"' for one in endpoints or [self.upstream.address])
        where = f"tracing: {tracing}" if tracing else ""
        return self.serve(
            f"""
routes:
- name: shop
  tracks:
    stable: {{endpoints: [{listed}]}}
    canary: {{endpoints: [{listed}], weight: 0}}
  force: [{{header: {{name: X-Next}}, track: canary}}]
{more}
{where}
{also}
""",
            workers=1,
            **settings,
        )

    def exporting(self, settings="", interval="100ms", scheme="http", **rest):
        host = rest.pop("host", self.collector.address)
        return self.gateway(
            f'{{endpoint: "{scheme}://{host}/v1/traces", interval: {interval}, sample: 100{settings}}}', **rest
        )

    def ask(self, adit, *traceparents, state=(), target="/", fields=(), **more):
        sent = [("traceparent", one) for one in traceparents] + [("tracestate", one) for one in state]
        return raw.ask(adit.http[0], target, fields=[*sent, *fields], **more)

    def told(self, adit, *traceparents, **more):
        """What the upstream was told: (traceparent, [tracestate])."""
        self.assert_status(self.ask(adit, *traceparents, **more), 200)
        seen = self.upstream.requests[-1]
        self.assertEqual(len(seen.all("traceparent")), 1, seen.fields)
        return parse(seen.get("traceparent")), seen.all("tracestate")

    def metric(self, adit, name):
        return self.api(adit).metric(f"adit_trace_{name}_total")

    def counted(self, adit, **wanted):
        """Waits until the counters have these values."""
        api = self.api(adit)

        def reached():
            return all(api.metric(f"adit_trace_{k}_total") == v for k, v in wanted.items())

        daemon.until(reached, f"the counters to be {wanted}")


class Context(Case):
    def test_off_by_default(self):
        adit = self.gateway("")
        for sent in ([], [SAMPLED], ["rubbish", SAMPLED]):
            self.assert_status(self.ask(adit, *sent, state=["a=1", "B"]), 200)
            seen = self.upstream.requests[-1]
            self.assertEqual(seen.all("traceparent"), sent)
            self.assertEqual(seen.all("tracestate"), ["a=1", "B"])

    def test_a_trace_goes_on(self):
        adit = self.gateway()
        spans = set()
        for sent, flags in ((SAMPLED, "01"), (UNSAMPLED, "00"), (f"00-{TRACE}-{SPAN}-03", "03")):
            for text in (sent, "cc" + sent[2:] + "-more"):
                (trace, span, got), state = self.told(adit, text)
                self.assertEqual((trace, got, state), (TRACE, flags, ["adit=t:stable"]))
                spans.add(span)
        self.assertEqual(len(spans), 6, "each hop has a span of its own")
        self.assertNotIn(SPAN, spans)

    def test_a_trace_begins(self):
        adit = self.gateway("{sample: 100}")
        malformed = [
            "",
            "00",
            "ff" + SAMPLED[2:],
            SAMPLED.upper(),
            SAMPLED[:-1],
            SAMPLED + "-more",
            f"00-{'0' * 32}-{SPAN}-01",
            f"00-{TRACE}-{'0' * 16}-01",
            f"00-{TRACE}-{SPAN}-0x",
        ]
        seen = set()
        for sent in [[], *([one] for one in malformed), [SAMPLED, SAMPLED]]:
            (trace, _, flags), state = self.told(adit, *sent, state=["a=1"])
            self.assertEqual(flags, "01", sent)
            self.assertEqual(state, ["adit=t:stable"], sent)
            seen.add(trace)
        self.assertEqual(len(seen), len(malformed) + 2)
        self.assertNotIn(TRACE, seen)
        # a field that ends at this hop is not believed
        (trace, _, _), _ = self.told(adit, SAMPLED, fields=[("Connection", "traceparent")])
        self.assertNotEqual(trace, TRACE)

    def test_state(self):
        adit = self.gateway()
        many = ",".join(f"k{i}=v" for i in range(32))
        ours = "adit=t:stable"
        rows = [
            (["a=1, b=2"], f"{ours},a=1,b=2"),
            (["a=1", "b=2"], f"{ours},a=1,b=2"),
            (["a=1,adit=t:other", "b=2"], f"{ours},a=1,b=2"),
            (["a=1,B=2"], ours),
            ([many], f"{ours}," + ",".join(f"k{i}=v" for i in range(31))),
            ([many, "k=v"], ours),
            (["a=" + "x" * 256, "b=" + "y" * 256], f"{ours},a={'x' * 256},b={'y' * 256}"),
        ]
        for sent, passed in rows:
            _, state = self.told(adit, SAMPLED, state=sent)
            self.assertEqual(state, [passed], sent)

    def test_the_track_is_told(self):
        adit = self.gateway()
        _, state = self.told(adit, SAMPLED, state=["a=1"], fields=[("X-Next", "1")])
        self.assertEqual(state, ["adit=t:canary,a=1"])

    def test_whom_to_believe(self):
        for word, also, goes_on in (
            ("all", "", True),
            ("none", "", False),
            ("trusted", "", False),
            ("trusted", "trusted_proxies: [127.0.0.1]", True),
        ):
            adit = self.gateway(f"{{continue: {word}, sample: 0}}", also=also)
            (trace, _, flags), _ = self.told(adit, SAMPLED)
            self.assertEqual((trace, flags), (TRACE, "01") if goes_on else (trace, "00"), word)
            self.assertEqual(trace == TRACE, goes_on, word)

    def test_sampling(self):
        adit = self.gateway("{sample: 25}")
        total = 2000
        with raw.Connection(adit.http[0]) as c:
            for _ in range(total):
                self.assert_status(c.ask("/"), 200)
        flags = [parse(one.get("traceparent"))[2] for one in self.upstream.requests]
        self.assertEqual(set(flags), {"00", "01"})
        self.assert_share(flags.count("01"), total, 25)
        ids = {parse(one.get("traceparent"))[0] for one in self.upstream.requests}
        self.assertEqual(len(ids), total)

    def test_what_a_route_writes_itself(self):
        adit = self.gateway(more="  request_headers: {set: {traceparent: mine}, remove: [tracestate]}")
        self.assert_status(self.ask(adit, SAMPLED, state=["a=1"]), 200)
        seen = self.upstream.requests[-1]
        self.assertEqual((seen.all("traceparent"), seen.all("tracestate")), (["mine"], []))

    def test_switched_on_and_off_by_reload(self):
        adit = self.gateway("")
        self.ask(adit)
        self.assertEqual(self.upstream.requests[-1].all("traceparent"), [])
        with open(adit.config) as f:
            text = f.read()
        api = self.api(adit)
        for config, count in ((text + "\ntracing: {}\n", 1), (text, 0)):
            base.write(adit.config, config)
            self.assert_status(api.call("POST", "/api/v1/reload"), 200)
            self.ask(adit)
            self.assertEqual(len(self.upstream.requests[-1].all("traceparent")), count)

    def test_a_service_that_is_asked(self):
        service = self.keep(Scripted(lambda request: answer(b"")))
        adit = self.gateway(more=f"  external_auth: {{url: http://{service.address}/verify}}")
        (trace, span, _), _ = self.told(adit, SAMPLED, state=["a=1"])
        asked = service.requests[-1]
        self.assertEqual(asked.all("tracestate"), ["adit=t:stable,a=1"])
        self.assertEqual(len(asked.all("traceparent")), 1)
        self.assertEqual(parse(asked.get("traceparent"))[0], TRACE)
        self.assertNotEqual(parse(asked.get("traceparent"))[1], span)


class Spans(Case):
    def one(self, kind):
        (only,) = [s for s in self.collector.taken if s.kind == kind]
        return only

    def test_request_and_attempt(self):
        self.collect()
        adit = self.exporting(', service_name: edge, resource: {zone: a}, headers: {X-Key: secret}')
        before = time.time_ns()
        (_, span, _), _ = self.told(adit, SAMPLED, target="/a/b?secret=1", host="shop.test", fields=[("X-Next", "1")])
        self.collector.spans(2)
        asked = self.collector.requests[0]
        self.assertEqual((asked.method, asked.target), ("POST", "/v1/traces"))
        self.assertEqual(asked.get("content-type"), "application/json")
        self.assertEqual(asked.get("host"), self.collector.address)
        self.assertEqual(asked.get("x-key"), "secret")
        server, client = self.one(SERVER), self.one(CLIENT)
        self.assertEqual(server.resource, {"service.name": "edge", "zone": "a"})
        self.assertEqual((server.trace, server.parent, server.name), (TRACE, SPAN, "GET shop"))
        self.assertEqual((client.trace, client.parent, client.id), (TRACE, server.id, span))
        self.assertEqual(
            server.attributes,
            {
                "http.request.method": "GET",
                "http.response.status_code": 200,
                "network.protocol.version": "1.1",
                "url.scheme": "http",
                "url.path": "/a/b",
                "server.address": "shop.test",
                "client.address": "127.0.0.1",
                "adit.route": "shop",
                "adit.track": "canary",
                "adit.reason": "force-header",
                "adit.endpoint": self.upstream.address,
                "adit.attempts": 1,
            },
        )
        self.assertEqual(client["url.full"], f"http://{self.upstream.address}/a/b")
        self.assertEqual((client["server.address"], client["server.port"]), ("127.0.0.1", self.upstream.port))
        self.assertEqual((server.status, client.status), (0, 0))
        second = 10**9
        self.assertLess(before - second, server.start)
        self.assertLess(server.end, time.time_ns() + second)
        self.assertLessEqual(server.start, client.start)
        self.assertLessEqual(client.end, server.end)
        self.counted(adit, spans_exported=2, spans_failed=0, spans_dropped=0)

    def test_a_trace_that_begins_has_no_parent(self):
        self.collect()
        adit = self.exporting()
        (trace, span, _), _ = self.told(adit)
        self.collector.spans(2)
        server, client = self.one(SERVER), self.one(CLIENT)
        self.assertEqual((server.trace, server.parent, client.id), (trace, None, span))
        self.assertEqual((server.flags & 0x300, client.flags & 0x300), (0x100, 0x100))

    def test_what_is_not_sampled_is_told_and_not_exported(self):
        self.collect()
        adit = self.exporting()
        for _ in range(3):
            (trace, _, flags), _ = self.told(adit, UNSAMPLED)
            self.assertEqual((trace, flags), (TRACE, "00"))
        self.told(adit, SAMPLED)
        self.collector.spans(2)
        self.assertEqual(adit.stop(), 0)
        self.assertEqual(len(self.collector.taken), 2)

    def test_each_attempt_is_a_span(self):
        self.collect()
        with socket.create_server(("127.0.0.1", 0)) as one:
            dead = "127.0.0.1:%d" % one.getsockname()[1]
        bad = self.keep(Scripted(lambda request: answer(b"", status="503 Busy")))
        adit = self.exporting(
            endpoints=[dead, bad.address, self.upstream.address],
            more="  retry: {on: [connect, 503], attempts: 3, budget: {min: 10}}",
        )
        self.assert_status(self.ask(adit, SAMPLED), 200)
        self.collector.spans(4)
        server = self.one(SERVER)
        attempts = [s for s in self.collector.taken if s.kind == CLIENT]
        self.assertEqual([s.parent for s in attempts], [server.id] * 3)
        self.assertEqual([s["adit.endpoint"] for s in attempts], [dead, bad.address, self.upstream.address])
        self.assertEqual([s.status for s in attempts], [2, 2, 0])
        self.assertEqual([s["error.type"] for s in attempts], ["connect-failed", "503", None])
        self.assertEqual([s["http.response.status_code"] for s in attempts], [None, 503, 200])
        self.assertEqual([s["http.request.resend_count"] for s in attempts], [None, 1, 2])
        self.assertEqual((server["adit.attempts"], server.status), (3, 0))
        for seen, span in ((bad, attempts[1]), (self.upstream, attempts[2])):
            self.assertEqual(parse(seen.requests[-1].get("traceparent"))[1], span.id)

    def test_errors(self):
        self.collect()
        adit = self.exporting(also="limits: {body: 10}")
        self.answer = lambda request: answer(b"", status="500 Oops")
        self.assert_status(self.ask(adit), 500)
        self.collector.spans(2)
        server, client = self.one(SERVER), self.one(CLIENT)
        self.assertEqual((server.status, server["error.type"], client.status), (2, "500", 2))
        self.collector.taken.clear()
        self.answer = lambda request: None
        self.assert_status(self.ask(adit, method="POST", body=b"x"), 502)
        self.collector.spans(2)
        server, client = self.one(SERVER), self.one(CLIENT)
        self.assertEqual((server.status, server["error.type"]), (2, "upstream-closed"))
        self.assertEqual((client.status, client["error.type"]), (2, "upstream-closed"))
        self.collector.taken.clear()
        self.assert_status(self.ask(adit, method="POST", body=b"x" * 11), 413)
        server = self.collector.spans(1)[0]
        self.assertEqual((server.kind, server.status, server["error.type"]), (SERVER, 0, None))
        self.assertEqual(server["http.response.status_code"], 413)

    def test_without_a_route(self):
        self.collect()
        adit = self.exporting(more="  match: {hosts: [shop.test]}")
        self.assert_status(self.ask(adit, SAMPLED, host="other.test:81", method="PATCH"), 404)
        (server,) = self.collector.spans(1)
        self.assertEqual((server.name, server.parent, server.status), ("PATCH", SPAN, 0))
        self.assertEqual((server["server.address"], server["server.port"]), ("other.test", 81))
        self.assertEqual((server["adit.route"], server["adit.attempts"]), (None, 0))

    def test_without_propagation(self):
        self.collect()
        adit = self.exporting(", propagate: false")
        self.assert_status(self.ask(adit, SAMPLED, state=["a=1", "B"]), 200)
        seen = self.upstream.requests[-1]
        self.assertEqual((seen.all("traceparent"), seen.all("tracestate")), ([SAMPLED], ["a=1", "B"]))
        self.collector.spans(2)
        self.assertEqual(self.one(SERVER).parent, SPAN)

    def test_odd_paths_stay_json(self):
        self.collect()
        adit = self.exporting()
        self.assert_status(self.ask(adit, target='/%22"/' + "x" * 2000), 200)
        self.collector.spans(2)
        self.assertTrue(self.one(SERVER)["url.path"].startswith('/%22"/xxx'))

    def test_collector_over_tls(self):
        folder = self.folder()
        authority = certificates.Authority(folder)
        self.collect(pair=authority.make("collector", ["collector.test"]))
        adit = self.exporting(
            f", tls: {{ca: {authority.cert}, server_name: collector.test}}", scheme="https"
        )
        self.told(adit)
        self.collector.spans(2)
        # and one that nobody vouches for gets nothing
        other = self.exporting(", tls: {server_name: collector.test}", scheme="https")
        self.ask(other)
        daemon.until(lambda: "takes no spans" in other.log(), "the log to say so")
        self.assertEqual(len(self.collector.taken), 2)

    def test_many_in_batches(self):
        self.collect()
        adit = self.exporting(", batch: 10")
        with raw.Connection(adit.http[0]) as c:
            for _ in range(100):
                self.assert_status(c.ask("/"), 200)
        spans = self.collector.spans(200)
        self.assertEqual(len({s.id for s in spans}), 200)
        self.assertGreaterEqual(self.collector.count, 20)
        self.assertEqual(self.collector.connections, 1, "the connection is kept")


class Collectors(Case):
    """Whatever a collector does, requests go on."""

    def busy(self, adit, seconds=1.0):
        for _ in range(20):
            start = time.monotonic()
            self.assert_status(self.ask(adit), 200)
            self.assertLess(time.monotonic() - start, seconds)

    def test_retries_what_may_pass(self):
        for status in ("429 Slow", "502 Bad", "503 Busy", "504 Late"):
            self.collect(lambda request, number: TAKEN if number else answer(b"", "Retry-After: 0", status=status))
            adit = self.exporting()
            self.told(adit)
            self.assertEqual(len(self.collector.spans(2)), 2)
            self.counted(adit, spans_exported=2, spans_failed=0, export_retries=1)
            first, second = self.collector.requests
            self.assertEqual(first.body, second.body)

    def test_retry_after_is_heeded(self):
        times = []

        def judge(request, number):
            times.append(time.monotonic())
            return TAKEN if number else answer(b"", "Retry-After: 3", status="429 Slow")

        self.collect(judge)
        self.told(self.exporting())
        self.collector.spans(2)
        self.assertGreater(times[1] - times[0], 2.9)

    def test_does_not_retry_what_is_refused(self):
        self.collect(answer(b"", status="400 No"))
        adit = self.exporting()
        self.told(adit)
        self.counted(adit, spans_exported=0, spans_failed=2, export_retries=0)
        self.assertIn("it answered 400", adit.log())

    def test_partial_success(self):
        self.collect(answer(b'{"partialSuccess":{"rejectedSpans":"1","errorMessage":"no"}}'))
        adit = self.exporting()
        self.told(adit)
        self.counted(adit, spans_exported=1, spans_failed=1)

    def test_down_and_up_again(self):
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = one.getsockname()[1]
        self.collect()
        adit = self.exporting(host=f"127.0.0.1:{port}")
        self.busy(adit)
        daemon.until(lambda: "takes no spans" in adit.log(), "the log to say so")
        self.busy(adit)
        back = socket.create_server(("127.0.0.1", port))
        self.collector.listening.close()
        self.collector.listening = back
        threading.Thread(target=self.collector.accept, daemon=True).start()
        self.collector.spans(80, seconds=20)
        self.counted(adit, spans_exported=80, spans_failed=0, spans_dropped=0)
        daemon.until(lambda: "takes spans again" in adit.log(), "the log to say so")
        self.assertEqual(adit.log().count("takes no spans"), 1, "once for each change")

    def test_a_closed_connection_loses_nothing(self):
        def judge(request, number):
            def say_and_close(peer):
                peer.sendall(TAKEN)

            if number == 0:
                self.collector.taken += collector.read(request.body)
                return say_and_close
            return TAKEN

        self.collect(judge)
        adit = self.exporting()
        self.told(adit)
        self.collector.spans(2)
        self.told(adit)
        self.collector.spans(4)
        self.counted(adit, spans_exported=4, spans_failed=0)

    def test_slow(self):
        self.collect(lambda request, number: lambda peer: peer.recv(1))  # never says anything
        adit = self.exporting(", timeout: 300ms")
        self.busy(adit)
        daemon.until(lambda: "no answer in time" in adit.log(), "the log to say so")
        daemon.until(lambda: self.collector.count >= 2, "another try")

    def test_queue_is_bounded(self):
        self.collect(BUSY)
        adit = self.exporting(", batch: 10, queue: 10")
        with raw.Connection(adit.http[0]) as c:
            for _ in range(1000):
                self.assert_status(c.ask("/"), 200)
        # the ring of the worker takes 1024, the queue 10, a batch 10
        daemon.until(lambda: self.metric(adit, "spans_dropped") > 0, "spans to be dropped")
        self.assertGreater(self.metric(adit, "spans_dropped"), 2000 - 1024 - 20 - 1)

    def test_drain_flushes(self):
        self.collect()
        adit = self.exporting(interval="10m")
        for _ in range(10):
            self.told(adit)
        self.assertEqual(self.collector.count, 0, "the interval is not over")
        self.assertEqual(adit.stop(), 0)
        self.assertEqual(len(self.collector.taken), 20)

    def test_exit_does_not_wait_for_ever(self):
        self.collect(lambda request, number: lambda peer: peer.recv(1))
        adit = self.exporting(interval="10m")
        self.told(adit)
        start = time.monotonic()
        self.assertEqual(adit.stop(), 0)
        self.assertLess(time.monotonic() - start, 8)
        self.assertIn("spans were not exported in time", adit.log())

    def test_another_collector_by_reload(self):
        first = self.collect()
        adit = self.exporting()
        self.told(adit)
        first.spans(2)
        second = self.collect()
        with open(adit.config) as f:
            text = f.read()
        base.write(adit.config, text.replace(first.address, second.address))
        self.assert_status(self.api(adit).call("POST", "/api/v1/reload"), 200)
        self.told(adit)
        second.spans(2)
        self.assertEqual(len(first.taken), 2)


@unittest.skipIf(daemon.sanitized(base.BINARY), "costs are counted without sanitizers: ./dev test loopback does")
class Allocations(Case):
    """0 for an exchange after warm-up, of the worker: a queue that is full keeps the exporter quiet."""

    def count(self, request, tracing):
        library = upstreams.compiled(
            os.path.join(HERE, "count_malloc.c"), "count_malloc.so", "-shared", "-fPIC"
        )
        counter = os.path.join(self.folder(), "count")
        with open(counter, "wb") as f:
            f.write(bytes(16))
        adit = self.gateway(
            tracing,
            endpoints=[self.fast("v1").address],
            env={"LD_PRELOAD": library, "ADIT_COUNT_FILE": counter},
        )

        def now():
            with open(counter, "rb") as f:
                return struct.unpack("QQ", f.read(16))[1]

        self.assertGreater(now(), 0, "nothing was counted of workers")
        with raw.Connection(adit.http[0]) as c:

            def exchanges(n):
                for _ in range(n):
                    c.send(request)
                    self.assert_status(c.read(), 200)

            exchanges(3000)
            start = now()
            exchanges(10000)
            taken = now() - start
        self.assertLess(taken, 10, f"{taken / 10000} allocations per exchange")
        return adit

    def test_propagation(self):
        fields = f"traceparent: {SAMPLED}\r\ntracestate: a=1,b=2\r\n\r\n".encode()
        self.count(GET.replace(b"\r\n\r\n", b"\r\n" + fields), "{}")

    def test_spans(self):
        self.collect(lambda request, number: lambda peer: peer.recv(1))
        adit = self.count(
            GET,
            f'{{endpoint: "http://{self.collector.address}", sample: 100, batch: 1, queue: 1, interval: 100ms, '
            "timeout: 60s}",
        )
        self.assertGreater(self.metric(adit, "spans_dropped"), 10000, "spans were noted")
        adit.signal(signal.SIGKILL)
