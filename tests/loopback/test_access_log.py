"""The access log: what every line tells, three layouts, rotation, and that it neither loses lines nor holds anybody up."""

import json
import os
import re
import signal
import socket
import subprocess

import base
import certificates
import daemon
import load
import raw
import scripted
from test_tls import Secure, context

ALWAYS = {
    "time", "request_id", "client", "method", "host", "path", "protocol", "status", "end", "route", "track",
    "reason", "endpoint", "attempts", "waited_ms", "connect_ms", "first_byte_ms", "duration_ms", "bytes_in",
    "bytes_out", "body_bytes_out",
}  # fmt: skip


def contents(path):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read()
    except FileNotFoundError:
        return ""


def lines(path):
    return contents(path).splitlines()


class LogCase(base.Case):
    def setUp(self):
        self.path = os.path.join(self.folder(), "access.log")

    def serve(self, config, *arguments, workers=1, **more):
        """One worker's lines are in the order of its exchanges."""
        return super().serve(config, *arguments, workers=workers, **more)

    def log(self, more="", path=None):
        return f'access_log: {{path: "{path or self.path}"{", " + more if more else ""}}}\n'

    def until_lines(self, number, path=None):
        """The parsed lines once there are so many."""
        path = path or self.path
        daemon.until(lambda: len(lines(path)) >= number, f"{number} lines of {path}")
        out = [json.loads(line) for line in lines(path)]
        self.assertEqual(len(out), number, out)
        return out

    def last(self, number):
        return self.until_lines(number)[-1]


class Lines(LogCase):
    def test_every_line_tells_who_what_where_and_why(self):
        stable, canary = self.mirror("stable"), self.mirror("canary")
        more = '  force: [{header: {name: X-Next, value: "1"}, track: canary}]\n'
        adit = self.serve(self.log() + base.two_tracks(stable.address, canary.address, more=more))
        fields = [("User-Agent", "probe/1"), ("Referer", "http://a.test/"), ("X-Request-ID", "mine-1")]
        with raw.Connection(adit.http[0]) as c:
            one = c.ask("/a/b?c=d", "shop.test:80", "POST", fields, b"12345")
            c.ask("/", "shop.test", "GET", [("X-Next", "1")])
        first, second = self.until_lines(2)
        for line in (first, second):
            self.assertLessEqual(ALWAYS, line.keys())
            self.assertRegex(line["time"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(
            {k: first[k] for k in ("client", "method", "host", "path", "query", "protocol", "status", "end")},
            {
                "client": "127.0.0.1", "method": "POST", "host": "shop.test:80", "path": "/a/b", "query": "c=d",
                "protocol": "HTTP/1.1", "status": 200, "end": "done",
            },
        )  # fmt: skip
        self.assertEqual(first["request_id"], "mine-1")
        self.assertEqual((first["referer"], first["user_agent"]), ("http://a.test/", "probe/1"))
        self.assertEqual((first["route"], first["track"], first["reason"]), ("shop", "stable", "only"))
        self.assertEqual((first["endpoint"], first["attempts"]), (stable.address, 1))
        self.assertEqual(first["body_bytes_out"], len(one.body))
        self.assertGreater(first["bytes_out"], len(one.body) + 50)
        sent = raw.head("POST", "/a/b?c=d", "shop.test:80", fields, b"12345")
        self.assertEqual(first["bytes_in"], len(sent))
        self.assertGreaterEqual(first["duration_ms"], first["first_byte_ms"])
        for part in ("waited_ms", "connect_ms", "first_byte_ms"):
            self.assertIsNotNone(first[part], part)
        self.assertEqual((second["track"], second["reason"], second["rule"]), ("canary", "force-header", 0))
        self.assertEqual(second["endpoint"], canary.address)
        # What is drawn for a request without an id is what the upstream got.
        got = dict((k.lower(), v) for k, v in raw.ask(adit.http[0], "/").json()["fields"])
        self.assertEqual(self.last(3)["request_id"], got["x-request-id"])

    def test_reasons_and_chances_of_a_cohort_and_of_a_fallback(self):
        stable = self.mirror("stable")
        config = base.two_tracks(stable.address, "127.0.0.1:1", 40, more="  cohort: {header: X-User}\n")
        dead = config.replace('canary: {endpoints: ["127.0.0.1:1"]', "canary: {endpoints: []")
        adit = self.serve(self.log() + dead)
        for user in range(20):
            raw.ask(adit.http[0], fields=[("X-User", str(user))])
        told = self.until_lines(20)
        self.assertEqual({line["reason"] for line in told}, {"cohort"})
        self.assertEqual({line["track"] for line in told}, {"stable"})
        fallen = [line for line in told if line.get("chosen") == "canary"]
        self.assertTrue(0 < len(fallen) < 20, fallen)
        for line in told:
            self.assertEqual(line["weight"], 40 if line in fallen else 60)
            self.assertTrue(0 <= line["bucket"] < 10000)

    def test_refusals_have_their_names(self):
        adit = self.serve(self.log() + base.two_tracks(self.mirror("a").address, "127.0.0.1:1", hosts="shop.test"))
        raw.ask(adit.http[0], "/x", host="other.test")
        line = self.last(1)
        self.assertEqual((line["status"], line["end"], line["route"]), (404, "no-route", None))
        self.assertEqual((line["track"], line["endpoint"], line["attempts"], line["path"]), (None, None, 0, "/x"))
        with raw.Connection(adit.http[0]) as c:
            c.send(b"GET /a\x01b HTTP/1.1\r\nHost: shop.test\r\n\r\n")
            self.assert_status(c.read(), 400)
        line = self.last(2)
        self.assertEqual((line["status"], line["end"], line["method"]), (400, "control-character", None))
        self.assertGreater(line["bytes_in"], 30)
        with raw.Connection(adit.http[0]) as c:
            c.send(b"GET /a HTTP/1.1\r\nHost: shop.test\r\nContent-Length: x\r\n\r\n")
            self.assert_status(c.read(), 400)
        line = self.last(3)
        self.assertEqual((line["end"], line["method"], line["path"]), ("bad-content-length", "GET", "/a"))

    def test_failures_of_upstreams_have_their_names(self):
        closes = self.keep(scripted.Scripted(lambda request: None))
        config = f"""
routes:
- {{name: dead, match: {{path: {{prefix: /dead}}}}, tracks: {{stable: {{endpoints: ["127.0.0.1:1"]}}}}}}
- {{name: cut, match: {{path: {{prefix: /cut}}}}, tracks: {{stable: {{endpoints: ["{closes.address}"]}}}}}}
"""
        adit = self.serve(self.log() + config)
        self.assert_status(raw.ask(adit.http[0], "/dead"), 502)
        line = self.last(1)
        self.assertEqual((line["end"], line["attempts"], line["endpoint"]), ("connect-failed", 2, "127.0.0.1:1"))
        self.assertIsNone(line["connect_ms"])
        self.assert_status(raw.ask(adit.http[0], "/cut"), 502)
        line = self.last(2)
        self.assertEqual((line["status"], line["end"]), (502, "upstream-closed"))
        self.assertIsNone(line["first_byte_ms"])

    def test_timeouts_and_clients_that_leave_have_their_names(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        config = base.two_tracks("127.0.0.1:%d" % silent.getsockname()[1], "127.0.0.1:1")
        adit = self.serve(self.log() + config + "timeouts: {first_byte: 300ms}\n")
        self.assert_status(raw.ask(adit.http[0], "/slow"), 504)
        line = self.last(1)
        self.assertEqual((line["end"], line["status"]), ("first-byte-timeout", 504))
        self.assertGreater(line["duration_ms"], 250)
        base.write(adit.config, self.log() + config)
        adit.signal(signal.SIGHUP)
        daemon.until(lambda: "configuration in force" in adit.log(), "the reload")
        c = raw.Connection(adit.http[0])
        c.send(b"GET /gone HTTP/1.1\r\nHost: a\r\n\r\n")
        daemon.until(lambda: self.api(adit).metric("adit_requests_in_flight") == 1, "the request to be under way")
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        c.close()
        line = self.last(2)
        self.assertEqual((line["end"], line["status"], line["path"]), ("client-gone", 499, "/gone"))

    def test_what_a_client_sends_stays_one_line(self):
        adit = self.serve(self.log() + base.two_tracks(self.mirror("a").address, "127.0.0.1:1"))
        with raw.Connection(adit.http[0]) as c:
            c.send(b'GET /%22"\\ HTTP/1.1\r\nHost: a\r\nUser-Agent: a"\\\xff\xc3\xbc\tb\r\nReferer: ' + b"x" * 5000)
            c.send(b"\r\n\r\n")
            c.read()
        with raw.Connection(adit.http[0]) as c:
            c.send(b"GET /" + b"p" * 4000 + b"?" + b"q" * 2000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
            c.read()
        first, second = self.until_lines(2)
        self.assertEqual(first["user_agent"], 'a"\\\ufffdü\tb')
        self.assertTrue(first["referer"].endswith("x…"))
        self.assertTrue(second["path"].endswith("p…") and second["query"].endswith("q…"))
        self.assertEqual((second["route"], second["track"]), ("shop", "stable"))

    def test_upgraded_connections(self):
        def switch(peer):
            peer.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello"
            )
            while peer.recv(1000):
                pass

        upstream = self.keep(scripted.Scripted(lambda request: switch))
        adit = self.serve(self.log() + base.two_tracks(upstream.address, "127.0.0.1:1"))
        with raw.Connection(adit.http[0]) as c:
            c.send(b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
            self.assert_status(c.read(), 101)
            self.assertEqual(c.take(5), b"hello")
            c.send(b"there")
        line = self.last(1)
        self.assertEqual((line["status"], line["end"], line["path"]), (101, "done", "/ws"))
        self.assertEqual(line["body_bytes_out"], 5)

    def test_tls_version(self):
        authority = certificates.Authority(self.folder())
        cert, key = authority.make("shop", ["shop.test"])
        config = self.log() + f"tls: {{certificates: [{{cert: {cert}, key: {key}}}]}}\n"
        adit = self.serve(
            config + base.two_tracks(self.mirror("a").address, "127.0.0.1:1"), "--https", "127.0.0.1:0"
        )
        with Secure(adit.https[0], "shop.test", context(authority)) as c:
            c.ask("/", "shop.test")
        raw.ask(adit.http[0], "/")
        first, second = self.until_lines(2)
        self.assertEqual(first["tls"], "TLSv1.3")
        self.assertNotIn("tls", second)

    def test_traces(self):
        adit = self.serve(self.log() + "tracing: {}\n" + base.two_tracks(self.mirror("a").address, "127.0.0.1:1"))
        came = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        raw.ask(adit.http[0], fields=[("traceparent", came)])
        line = self.last(1)
        self.assertEqual(line["trace_id"], "0af7651916cd43dd8448eb211c80319c")
        self.assertEqual(line["parent_id"], "b7ad6b7169203331")
        self.assertRegex(line["span_id"], "^[0-9a-f]{16}$")
        raw.ask(adit.http[0])
        line = self.last(2)
        self.assertNotEqual(line["trace_id"], "0af7651916cd43dd8448eb211c80319c")
        self.assertNotIn("parent_id", line)

    def test_who_asked_and_who_is_connected(self):
        config = "trusted_proxies: [127.0.0.0/8]\n" + base.two_tracks(self.mirror("a").address, "127.0.0.1:1")
        adit = self.serve(self.log("fields: [peer]") + config)
        raw.ask(adit.http[0], "/?secret", fields=[("X-Forwarded-For", "192.0.2.1, 198.51.100.7")])
        line = self.last(1)
        self.assertEqual((line["client"], line["peer"]), ("198.51.100.7", "127.0.0.1"))
        self.assertNotIn("secret", contents(self.path))

    def test_sample_and_errors(self):
        config = base.two_tracks(self.mirror("a").address, "127.0.0.1:1", hosts="shop.test")
        dead = "- {name: dead, match: {path: {prefix: /dead}}, tracks: {stable: {endpoints: [\"127.0.0.1:1\"]}}}\n"
        adit = self.serve(self.log("sample: 0") + config + dead)
        with raw.Connection(adit.http[0]) as c:
            for _ in range(20):
                self.assert_status(c.ask("/", "shop.test"), 200)
            self.assert_status(c.ask("/dead", "other.test"), 502)
        self.assertEqual(self.last(1)["end"], "connect-failed")
        adit.stop()
        self.assertEqual(len(lines(self.path)), 1)

    def test_a_share(self):
        adit = self.serve(self.log("sample: 25") + base.two_tracks(self.fast("a").address, "127.0.0.1:1"))
        with raw.Connection(adit.http[0]) as c:
            for _ in range(2000):
                c.send(load.REQUEST)
                c.read()
        adit.stop()
        self.assert_share(len(lines(self.path)), 2000, 25)


class Layouts(LogCase):
    def test_ecs(self):
        adit = self.serve(self.log("format: ecs") + base.two_tracks(self.mirror("a").address, "127.0.0.1:1"))
        raw.ask(adit.http[0], "/a?b", host="shop.test")
        line = self.last(1)
        self.assertEqual(line["http"]["request"]["method"], "GET")
        self.assertEqual(line["http"]["response"]["status_code"], 200)
        self.assertEqual(line["url"], {"domain": "shop.test", "path": "/a", "query": "b", "scheme": "http"})
        self.assertEqual(line["event"]["outcome"], "success")
        self.assertEqual((line["adit"]["route"], line["adit"]["track"]), ("shop", "stable"))

    def test_combined_is_what_nginx_writes(self):
        """The same requests through both: but for the time the lines are the same."""
        upstream = self.fast("a")
        folder = self.folder()
        os.chmod(folder, 0o755)
        port = daemon.free_port()
        conf, theirs = os.path.join(folder, "conf"), os.path.join(folder, "nginx.log")
        with open(conf, "w") as f:
            temp = "\n".join(f"{n}_temp_path {folder}/{n};" for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            f.write(f"""daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/err;
events {{ worker_connections 64; }}
http {{ {temp} access_log {theirs} combined; server {{ listen 127.0.0.1:{port};
location / {{ proxy_pass http://{upstream.address}; }} }} }}""")
        nginx = subprocess.Popen(["nginx", "-p", folder, "-c", conf], stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (nginx.terminate(), nginx.wait(10)))
        adit = self.start(
            "proxy", "--stable", f"http://{upstream.address}", "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0",
            "--workers", "1", "--access-log", self.path, "--access-log-format", "combined",
        )  # fmt: skip

        def listens():
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return True
            except OSError:
                return False

        daemon.until(listens, "nginx to listen")
        requests = [
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /1k?x=%20&y=\xc3\xbc HTTP/1.1\r\nHost: a\r\nUser-Agent: Mozilla/5.0 (X11; \"q\" \\ \xff)\r\n\r\n",
            b"HEAD /1k HTTP/1.1\r\nHost: a\r\nReferer: http://b.test/?\xe2\x82\xac\r\n\r\n",
            b"POST /1k HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nUser-Agent: x\ty\r\n\r\nabc",
            b"GET /64k HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
            b"BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n",
        ]
        for address in (adit.http[0], ("127.0.0.1", port)):
            for one in requests:
                with raw.Connection(address) as c:
                    c.send(one)
                    c.read("HEAD" if one.startswith(b"HEAD") else "GET")
        for path in (self.path, theirs):
            daemon.until(lambda p=path: len(lines(p)) >= len(requests), f"the lines of {path}")
        when = re.compile(r"\[\d\d/[A-Z][a-z]{2}/20\d\d:\d\d:\d\d:\d\d [+-]\d{4}\]")
        ours, theirs = lines(self.path), lines(theirs)
        for line in ours + theirs:
            self.assertRegex(line, when)
        self.assertEqual([when.sub("[]", line) for line in ours], [when.sub("[]", line) for line in theirs])


class Operated(LogCase):
    def test_sigusr1_goes_on_in_a_new_file(self):
        adit = self.serve(self.log() + base.two_tracks(self.fast("a").address, "127.0.0.1:1"), workers=2)
        clients = load.Load(adit.http[0])
        moved = []
        for i in range(3):
            clients.more(100)
            moved.append(f"{self.path}.{i}")
            os.rename(self.path, moved[-1])
            adit.signal(signal.SIGUSR1)
            daemon.until(lambda: os.path.exists(self.path), "the new file")
        clients.more(50)
        asked = clients.stop()
        self.assertEqual(clients.failures, [])
        self.assertEqual(self.api(adit).metric("adit_access_log_reopenings_total"), 3)
        self.assertEqual(adit.stop(), 0)
        told = [line for path in [*moved, self.path] for line in lines(path)]
        self.assertEqual(len(told), asked)
        for line in told:
            json.loads(line)
        for path in moved:
            self.assertGreater(len(lines(path)), 0, path)

    def test_sigterm_loses_no_line(self):
        adit = self.serve(
            self.log("buffer: 64MiB") + "drain: {min: 0s}\n" + base.two_tracks(self.fast("a").address, "127.0.0.1:1"),
            workers=3,
        )
        clients = load.Load(adit.http[0], clients=8)
        clients.more(300)
        clients.stop()
        self.assertEqual(adit.stop(), 0)
        self.assertEqual(clients.failures, [])
        self.assertEqual(len(lines(self.path)), sum(clients.asked))

    def test_what_a_second_signal_cuts_off_is_told(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        adit = self.serve(self.log() + base.two_tracks("127.0.0.1:%d" % silent.getsockname()[1], "127.0.0.1:1"))
        with raw.Connection(adit.http[0]) as c:
            c.send(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
            daemon.until(lambda: self.api(adit).metric("adit_requests_in_flight") == 1, "the request")
            adit.signal(signal.SIGTERM)
            daemon.until(lambda: "draining" in adit.log(), "the drain")
            adit.signal(signal.SIGTERM)
            adit.wait()
        line = self.last(1)
        self.assertEqual((line["end"], line["path"], line["track"]), ("cut-off", "/long", "stable"))

    def test_an_output_that_nobody_reads_holds_nobody_up(self):
        os.mkfifo(self.path)
        reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        adit = self.serve(self.log("buffer: 64KiB") + base.two_tracks(self.fast("a").address, "127.0.0.1:1"))
        api, asked = self.api(adit), 0

        def dropped():
            return api.metric("adit_access_log_dropped_total")

        with raw.Connection(adit.http[0]) as c:
            while not dropped():
                self.assertLess(asked, 20_000, "nothing was dropped")
                for answer in c.pipeline([load.REQUEST] * 200):
                    self.assert_status(answer, 200)
                asked += 200
        text = b""

        def told():
            nonlocal text
            while True:
                try:
                    got = os.read(reader, 1 << 16)
                except BlockingIOError:
                    return text.count(b"\n") + dropped() == asked
                if not got:
                    return False
                text += got

        daemon.until(told, "every exchange to be told or counted")
        os.close(reader)
        for line in text.splitlines():
            json.loads(line)
        self.assertEqual(raw.ask(adit.http[0], "/1k").status, 200)
        self.assertEqual(adit.stop(), 0)

    def test_a_full_disk_ends_nothing(self):
        adit = self.serve(self.log(path="/dev/full") + base.two_tracks(self.fast("a").address, "127.0.0.1:1"))
        with raw.Connection(adit.http[0]) as c:
            for _ in range(50):
                self.assert_status(c.ask("/1k"), 200)
        api = self.api(adit)
        daemon.until(lambda: api.metric("adit_access_log_write_failures_total") >= 3, "it to be tried again")
        self.assertEqual(adit.log().count("access log cannot be written"), 1, adit.log())
        self.assertEqual(adit.stop(), 0)

    def test_what_cannot_be_written_is_told_at_the_start(self):
        config = self.log(path="/nowhere/access.log") + base.two_tracks("127.0.0.1:1", "127.0.0.1:1")
        with self.assertRaises(daemon.StartFailed) as caught:
            self.serve(config)
        self.assertIn("access_log.path: the access log `/nowhere/access.log` cannot be opened", str(caught.exception))
        self.assertIn("adit.yaml:1:", str(caught.exception))

    def test_a_reload_changes_it_and_a_bad_one_does_not(self):
        routes = base.two_tracks(self.mirror("a").address, "127.0.0.1:1")
        adit = self.serve(self.log() + routes)
        api = self.api(adit)
        raw.ask(adit.http[0], "/one")
        self.until_lines(1)

        def reload(config, word):
            before = adit.log().count(word)
            base.write(adit.config, config)
            adit.signal(signal.SIGHUP)
            daemon.until(lambda: adit.log().count(word) > before, word)

        reload(self.log(path="/nowhere/access.log") + routes, "cannot be opened for writing")
        raw.ask(adit.http[0], "/two")
        self.until_lines(2)
        other = self.path + ".other"
        reload(self.log("format: ecs, buffer: 1MiB", path=other) + routes, "configuration in force")
        raw.ask(adit.http[0], "/three")
        self.assertEqual(self.until_lines(1, other)[0]["url"]["path"], "/three")
        self.assertEqual(len(lines(self.path)), 2)
        reload(routes, "configuration in force")
        raw.ask(adit.http[0], "/four")
        self.assertEqual(api.metric("adit_access_log_lines_total"), 3)
        reload(self.log() + routes, "configuration in force")
        raw.ask(adit.http[0], "/five")
        self.assertEqual(self.last(3)["path"], "/five")

    def test_stdout(self):
        adit = self.serve(base.two_tracks(self.mirror("a").address, "127.0.0.1:1"), "--access-log", "stdout")
        raw.ask(adit.http[0], "/x")
        daemon.until(lambda: len(adit.lines) == 2, "the line")
        self.assertEqual(json.loads(adit.lines[0])["adit"], "ready")
        self.assertEqual(json.loads(adit.lines[1])["path"], "/x")
        adit.signal(signal.SIGUSR1)
        raw.ask(adit.http[0], "/y")
        daemon.until(lambda: len(adit.lines) == 3, "the line")

    def test_sigusr1_without_a_log_ends_nothing(self):
        adit = self.serve(base.two_tracks(self.fast("a").address, "127.0.0.1:1"))
        adit.signal(signal.SIGUSR1)
        self.assert_status(raw.ask(adit.http[0], "/1k"), 200)
        self.assertEqual(adit.stop(), 0)
