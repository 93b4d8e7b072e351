"""`adit tap` and `adit top`: exchanges as they end, rates as they are, and nobody waits for who watches."""

import json
import os
import select
import socket
import subprocess
import threading

import base
import daemon
import load
import raw


class Tap:
    """A reader of GET /api/v1/tap: what it was shown and told."""

    def __init__(self, adit, query=""):
        self.connection = raw.Connection(adit.admin, seconds=30)
        self.connection.send(b"GET /api/v1/tap%s HTTP/1.0\r\nHost: localhost\r\n\r\n" % query.encode())
        assert " 200 " in self.connection.line()
        self.connection.fields()
        self.exchanges, self.lost = [], {}
        self.connection.take(3)  # ":\n\n": it watches
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        name, rest = "", b""
        try:
            while True:
                self.connection.more()
                rest += self.connection.take(len(self.connection.data))
                *lines, rest = rest.split(b"\n")
                for line in lines:
                    key, _, value = line.decode().partition(": ")
                    if key == "event":
                        name = value
                    elif key == "data" and name == "exchange":
                        self.exchanges.append(json.loads(value))
                    elif key == "data" and name == "lost":
                        for why, count in json.loads(value).items():
                            self.lost[why] = self.lost.get(why, 0) + count
        except (raw.Closed, OSError):
            pass

    def until(self, number):
        daemon.until(lambda: len(self.exchanges) >= number, f"{number} exchanges, not {self.exchanges}")
        return self.exchanges

    def close(self):
        try:
            self.connection.sock.shutdown(socket.SHUT_RDWR)  # it is being read
        except OSError:
            pass
        self.connection.close()


class WatchCase(base.Case):
    def tap(self, adit, query=""):
        one = Tap(adit, query)
        self.addCleanup(one.close)
        return one

    def two(self, more=""):
        stable, canary = self.mirror("stable"), self.mirror("canary")
        force = '  force: [{header: {name: X-Next, value: "1"}, track: canary}]\n'
        return self.serve(base.two_tracks(stable.address, canary.address, more=force) + more)

    def command(self, adit, *words, **more):
        return subprocess.Popen(
            [base.BINARY, *words, "--admin", "{}:{}".format(*adit.admin)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
        )  # fmt: skip


class Watching(WatchCase):
    def test_shows_exchanges_as_they_end(self):
        adit = self.two()
        tap = self.tap(adit)
        raw.ask(adit.http[0], "/a?b=c", host="shop.test", fields=[("X-Next", "1")])
        line = tap.until(1)[0]
        self.assertEqual(
            (line["path"], line["query"], line["status"], line["end"]), ("/a", "b=c", 200, "done")
        )
        self.assertEqual((line["route"], line["track"], line["reason"]), ("shop", "canary", "force-header"))

    def test_filters(self):
        config = 'routes:\n- {name: dead, match: {path: {prefix: /dead}}, tracks: {stable: {endpoints: ["127.0.0.1:1"]}}}\n'
        stable, canary = self.mirror("stable"), self.mirror("canary")
        force = '  force: [{header: {name: X-Next, value: "1"}, track: canary}]\n'
        adit = self.serve(config + base.two_tracks(stable.address, canary.address, more=force).replace("\nroutes:\n", ""))
        filters = {
            "?track=canary": {"/next"},
            "?reason=force-header": {"/next"},
            "?status=5xx": {"/dead"},
            "?status=502": {"/dead"},
            "?route=dead&status=2xx": set(),
            "?method=POST": {"/post"},
            "?path=/p": {"/post", "/plain"},
            "?end=connect-failed": {"/dead"},
            "?min_duration=1h": set(),
            "?min_duration=0s&route=shop": {"/next", "/post", "/plain"},
        }
        taps = {query: self.tap(adit, query) for query in list(filters)[:8]}
        raw.ask(adit.http[0], "/next", fields=[("X-Next", "1")])
        raw.ask(adit.http[0], "/dead")
        raw.ask(adit.http[0], "/post", method="POST", body=b"x")
        raw.ask(adit.http[0], "/plain")
        for query, tap in taps.items():
            if filters[query]:
                tap.until(len(filters[query]))
            self.assertEqual({one["path"] for one in tap.exchanges}, filters[query], query)
        self.assertEqual(self.api(adit).get("/api/v1/tap?status=9").status, 400)
        for tap in taps.values():
            tap.close()
        daemon.until(lambda: self.another(adit), "a place for another reader")
        for query in list(filters)[8:]:
            tap = self.tap(adit, query)
            raw.ask(adit.http[0], "/plain")
            raw.ask(adit.http[0], "/next", fields=[("X-Next", "1")])
            raw.ask(adit.http[0], "/post", method="POST", body=b"x")
            if filters[query]:
                tap.until(3)
            self.assertEqual({one["path"] for one in tap.exchanges}, filters[query], query)

    def another(self, adit):
        with raw.Connection(adit.admin) as c:
            c.send(b"GET /api/v1/tap HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return " 200 " in c.line()

    def test_rate_is_bounded_and_the_rest_is_told(self):
        adit = self.two()
        tap = self.tap(adit, "?rate=5")
        with raw.Connection(adit.http[0]) as c:
            for _ in range(100):
                self.assert_status(c.ask("/"), 200)
        daemon.until(
            lambda: len(tap.exchanges) + tap.lost.get("over_rate", 0) == 100, f"100 in all: {tap.lost}"
        )
        self.assertGreater(tap.lost["over_rate"], 50)

    def test_who_does_not_read_slows_nobody(self):
        adit = self.serve(base.two_tracks(self.fast("a").address, "127.0.0.1:1"))
        c = raw.Connection(adit.admin)
        self.addCleanup(c.close)
        c.send(b"GET /api/v1/tap?rate=10000 HTTP/1.0\r\nHost: localhost\r\n\r\n")
        self.assertIn(" 200 ", c.line())
        clients = load.Load(adit.http[0])
        clients.more(3000, seconds=60)
        clients.stop()
        self.assertEqual(clients.failures, [])
        self.assert_status(self.api(adit).get("/livez"), 200)

    def test_costs_nothing_when_nobody_watches(self):
        """The worker's memory for it comes with the first reader and goes with the last."""
        adit = self.two()
        raw.ask(adit.http[0])
        self.assertNotIn("adit_tap_dropped_total", self.api(adit).get("/metrics").body.decode())
        threads = len(self.threads(adit))
        tap = self.tap(adit)
        raw.ask(adit.http[0])
        tap.until(1)
        self.assertEqual(len(self.threads(adit)), threads + 1)

    def threads(self, adit):
        return os.listdir(f"/proc/{adit.pid}/task")

    def test_beside_an_access_log(self):
        path = os.path.join(self.folder(), "log")
        adit = self.two(f"access_log: {{path: {path}, sample: 0, always_errors: true}}\n")
        tap = self.tap(adit)
        for _ in range(10):
            raw.ask(adit.http[0])
        tap.until(10)
        self.assertEqual(open(path).read(), "")
        raw.ask(adit.http[0])
        self.assertEqual(adit.stop(), 0)


class Commands(WatchCase):
    def test_tap(self):
        adit = self.two()
        process = self.command(adit, "tap", "--track", "canary", "-n", "2")
        self.addCleanup(process.kill)

        def shown():
            raw.ask(adit.http[0], "/x", host="shop.test", fields=[("X-Next", "1")])
            return process.poll() is not None

        daemon.until(shown, "it to have seen two", step=0.05)
        out, err = process.communicate(timeout=10)
        self.assertEqual((process.returncode, err), (0, ""))
        lines = out.splitlines()
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.assertRegex(
                line, r"^\d\d:\d\d:\d\d\.\d{3} 200 GET shop.test/x -> shop/canary \(force-header\) 127.0.0.1:\d+ [\d.]+ms$"
            )

    def test_tap_as_json_and_its_mistakes(self):
        adit = self.two()
        process = self.command(adit, "tap", "-o", "json", "-n", "1")
        self.addCleanup(process.kill)
        daemon.until(lambda: (raw.ask(adit.http[0], "/y"), process.poll() is not None)[1], "one", step=0.05)
        out, _ = process.communicate(timeout=10)
        self.assertEqual(json.loads(out)["path"], "/y")
        wrong = self.command(adit, "tap", "--status", "nine")
        _, err = wrong.communicate(timeout=10)
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("nine", err)
        ended = self.command(adit, "tap", "-n", "5")
        self.addCleanup(ended.kill)
        daemon.until(
            lambda: (raw.ask(adit.http[0]), select.select([ended.stdout], [], [], 0)[0])[1], "it to watch", step=0.05
        )
        adit.stop()
        _, err = ended.communicate(timeout=10)
        self.assertEqual((ended.returncode, "ended the stream" in err), (1, True), err)

    def test_top(self):
        adit = self.two()
        process = self.command(adit, "top", "--once", "--interval", "1s", "-o", "json")
        self.addCleanup(process.kill)
        with raw.Connection(adit.http[0]) as c:
            while process.poll() is None:
                c.ask("/")
        out, err = process.communicate(timeout=10)
        self.assertEqual(process.returncode, 0, err)
        rows = {(one["route"], one["track"]): one for one in json.loads(out)}
        stable = rows["shop", "stable"]
        self.assertGreater(stable["requests_per_second"], 1)
        self.assertEqual(stable["share_5xx"], 0)
        self.assertGreater(stable["p99_seconds"], 0)
        table = self.command(adit, "top", "--once", "--interval", "100ms")
        out, _ = table.communicate(timeout=10)
        self.assertRegex(out, r"^ROUTE +TRACK +WEIGHT +REQ/S +5XX +4XX +P50 +P99 +RETRY/S +IN FLIGHT\n")
        self.assertRegex(out, r"\nshop +stable +100% ")
