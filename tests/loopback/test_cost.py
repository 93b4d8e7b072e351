"""What an exchange costs in counts that do not depend on the machine's mood: allocations, system calls,
memory of idle clients."""

import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import unittest

import base
import daemon
import raw
import upstreams

HERE = os.path.dirname(os.path.abspath(__file__))
BROWSER = b"".join(
    b"%s: %s\r\n" % f
    for f in (
        (b"User-Agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        (b"Accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        (b"Accept-Language", b"en-US,en;q=0.5"),
        (b"Cookie", b"session=4f1c2d9e7ab34f6f8d3b9e0c1a2b3c4d; theme=dark"),
        (b"Sec-Fetch-Mode", b"navigate"),
    )
)
GET = b"GET /1k HTTP/1.1\r\nHost: shop.test\r\n%s\r\n" % BROWSER
POST = b"POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000
CHUNKED = (
    b"POST / HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n"
    + b"x" * 1000
    + b"\r\n0\r\n\r\n"
)


@unittest.skipIf(daemon.sanitized(base.BINARY), "costs are counted without sanitizers: ./dev test loopback does")
class Allocations(base.Case):
    """0 allocations per keep-alive exchange after warm-up. The control thread has some of its own by the second."""

    def count(self, request, more="", weight=0, log=False):
        library = upstreams.compiled(
            os.path.join(HERE, "count_malloc.c"), "count_malloc.so", "-shared", "-fPIC"
        )
        counter = os.path.join(self.folder(), "count")
        with open(counter, "wb") as f:
            f.write(bytes(16))
        config = base.two_tracks(self.fast("v1").address, self.fast("v2").address, weight, more=more)
        flags = ["--access-log", os.path.join(self.folder(), "access.log")] if log else []
        adit = self.serve(config, *flags, workers=1, env={"LD_PRELOAD": library, "ADIT_COUNT_FILE": counter})

        def now():
            with open(counter, "rb") as f:
                return struct.unpack("QQ", f.read(16))

        self.assertGreater(now()[0], 100, "nothing was counted")
        self.assertGreater(now()[1], 0, "nothing was counted of workers")
        with raw.Connection(adit.http[0]) as c:

            def exchanges(n):
                for _ in range(n):
                    c.send(request)
                    self.assert_status(c.read(), 200)

            exchanges(1000)
            start = now()[1]
            exchanges(10000)
            taken = now()[1] - start
        self.assertLess(taken, 10, f"{taken / 10000} allocations per exchange")

    def test_get(self):
        self.count(GET)

    def test_post(self):
        self.count(POST)

    def test_chunked(self):
        self.count(CHUNKED)

    def test_access_log(self):
        """Neither the worker nor the thread that writes takes memory for a line."""
        self.count(GET, log=True)

    def test_dice(self):
        self.count(GET, weight=50)

    def test_cohort_and_rules(self):
        self.count(
            GET.replace(b"\r\n\r\n", b"\r\nX-User: a\r\n\r\n"),
            weight=50,
            more="  cohort: {header: X-User}\n"
            '  force: [{header: {name: X-Next, regex: "go+ld"}, track: canary}, '
            "{cookie: {name: beta}, track: canary}]\n",
        )


@unittest.skipUnless(shutil.which("strace"), "strace is not installed")
@unittest.skipIf(daemon.sanitized(base.BINARY), "costs are counted without sanitizers: ./dev test loopback does")
class SystemCalls(base.Case):
    LIMIT = 6.0

    def traced(self, adit, work):
        """(calls by name, what work returned) while strace is attached."""
        out = os.path.join(self.folder(), "strace")
        strace = subprocess.Popen(
            ["strace", "-c", "-f", "-o", out, "-p", str(adit.pid)], stderr=subprocess.PIPE, text=True
        )
        threads = len(os.listdir(f"/proc/{adit.pid}/task"))
        attached = strace.stderr.readline()
        self.assertIn("attached", attached)

        def all_traced():
            states = [
                open(f"/proc/{adit.pid}/task/{t}/status").read() for t in os.listdir(f"/proc/{adit.pid}/task")
            ]
            return sum(1 for s in states if not re.search(r"TracerPid:\s+0\b", s)) >= threads

        daemon.until(all_traced, "strace to hold every thread")
        try:
            result = work()
        finally:
            strace.send_signal(signal.SIGINT)
            strace.wait(10)
            strace.stderr.close()
        calls = {}
        with open(out) as f:
            for line in f:
                parts = line.split()
                if len(parts) >= 5 and re.match(r"[\d.]+$", parts[0]) and parts[-1] != "total":
                    calls[parts[-1]] = int(parts[3])
        return calls, result

    def check(self, calls, exchanges):
        text = ", ".join(
            f"{name} {n / exchanges:.2f}" for name, n in sorted(calls.items(), key=lambda x: -x[1])[:8]
        )
        # the other threads, and the client's coming and going, have some calls of their own
        self.assertLessEqual((sum(calls.values()) - 100) / exchanges, self.LIMIT, text)

    def test_one_connection(self):
        adit = self.proxy(self.fast("v1").address, workers=1)
        with raw.Connection(adit.http[0]) as c:

            def exchanges():
                for _ in range(2000):
                    c.send(GET)
                    c.read()
                return 2000

            exchanges()
            self.check(*self.traced(adit, exchanges))

    def test_64_connections(self):
        adit = self.proxy(self.fast("v1").address, workers=1)

        def exchanges():
            done = subprocess.run(
                ["wrk", "-t1", "-c64", "-d3s", "http://{}:{}/1k".format(*adit.http[0])],
                capture_output=True,
                text=True,
            )
            return int(re.search(r"(\d+) requests in", done.stdout).group(1))

        exchanges()
        self.check(*self.traced(adit, exchanges))


@unittest.skipIf(daemon.sanitized(base.BINARY), "costs are counted without sanitizers: ./dev test loopback does")
class IdleConnections(base.Case):
    NUMBER = 5000

    def setUp(self):
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        need = 2 * self.NUMBER + 500
        if limits[1] != resource.RLIM_INFINITY and limits[1] < need:
            self.skipTest(f"the limit of open files is {limits[1]}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(limits[0], need), limits[1]))

    def grow(self, adit, number, kept):
        for _ in range(number):
            c = raw.Connection(adit.http[0])
            self.addCleanup(c.close)
            self.assert_status(c.ask("/1k"), 200)
            kept.append(c)

    def test_memory(self):
        adit = self.proxy(self.fast("v1").address, workers=1)
        kept = []
        self.grow(adit, 200, kept)
        before = adit.resident()
        self.grow(adit, self.NUMBER, kept)
        each = (adit.resident() - before) / self.NUMBER
        self.assertLess(each, 1536, f"{each:.0f} bytes for an idle connection")
        self.assert_status(kept[0].ask("/1k"), 200)
        self.assert_status(kept[-1].ask("/1k"), 200)

    def test_memory_returns(self):
        """What a burst of clients took serves the next burst."""
        adit = self.proxy(self.fast("v1").address, workers=1)
        peaks = []
        for _ in range(3):
            kept = []
            self.grow(adit, 1500, kept)
            peaks.append(adit.resident())
            for c in kept:
                c.close()
            daemon.until(
                lambda: self.api(adit).metric("adit_connections") < 100, "the connections to be let go"
            )
        self.assertLess(peaks[2] - peaks[0], 1 << 20, peaks)
