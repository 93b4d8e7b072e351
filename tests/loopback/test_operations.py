"""Being operated: draining step by step, WebSockets told to come again, restarts that lose nothing, ceilings."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import unittest

import balancer
import base
import certificates
import daemon
import load
import raw
import upstreams
import websocket
from test_tls import Secure, context

HERE = os.path.dirname(os.path.abspath(__file__))


def rounds(name, short):
    """How many restarts: all that are promised with --long, a few else."""
    return {"upstreams": 100, "balancer": 20, "sockets": 20}[name] if base.LONG else short


def one_route(*endpoints, more=""):
    listed = ", ".join(f'"{one}"' for one in endpoints)
    return f"""{more}
routes:
- name: shop
  tracks:
    stable: {{endpoints: [{listed}]}}
"""


def refuses(address):
    try:
        socket.create_connection(address, 5).close()
        return False
    except ConnectionRefusedError:
        return True


def verbose(adit):
    """(status, text) of /readyz?verbose."""
    answer = raw.ask(adit.status, "/readyz?verbose")
    return answer.status, answer.body.decode()


class Events:
    """Readers of /api/v1/events: what was told, by name."""

    def __init__(self, address):
        self.connection = raw.Connection(address, seconds=30)
        self.connection.send(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        assert " 200 " in self.connection.line()
        self.connection.fields()
        self.text = ""
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        try:
            while True:
                self.connection.more()
                self.text += self.connection.take(len(self.connection.data)).decode()
        except (raw.Closed, OSError):
            pass

    def steps(self):
        """The data of every event "drain"."""
        out, name = [], ""
        for line in self.text.splitlines():
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:") and name == "drain":
                out.append(json.loads(line[5:]))
        return out


class Drain(base.Case):
    def test_steps(self):
        upstream = self.mirror("v1")
        adit = self.serve(one_route(upstream.address, more="drain: {min: 2500ms, max: 20s}"))
        events = Events(adit.admin)
        flag = os.path.join(self.folder(), "go")
        busy, kept = raw.Connection(adit.http[0]), raw.Connection(adit.http[0])
        self.addCleanup(busy.close)
        self.addCleanup(kept.close)
        self.assertIsNone(kept.ask().get("connection"))
        self.assertEqual(verbose(adit)[0], 200)
        busy.send(raw.head("GET", f"/wait/1?{flag}", "shop.test", (), None))
        daemon.until(
            lambda: self.api(adit).metric("adit_requests_in_flight") >= 1, "the exchange to be under way"
        )
        adit.signal(signal.SIGTERM)
        daemon.until(lambda: verbose(adit)[0] == 503, "/readyz to say no")
        self.assertRegex(verbose(adit)[1], r"draining: accepting for another [123] s")
        self.assert_status(raw.ask(adit.status, "/livez"), 200)
        self.assertEqual(self.api(adit).metric("adit_draining"), 1)
        # Old and new connections are served, and told to end with that.
        self.assertEqual(kept.ask().get("connection"), "close")
        fresh = raw.ask(adit.http[0])
        self.assertEqual((fresh.status, fresh.get("connection")), (200, "close"))
        daemon.until(lambda: refuses(adit.http[0]), "the listeners to close")
        self.assertIn("waiting for 1 exchange and 0 tunnels", verbose(adit)[1])
        open(flag, "w").close()
        last = busy.read()
        self.assertEqual((last.status, last.get("connection")), (200, "close"))
        self.assertEqual(adit.wait(20), 0)
        events.thread.join(10)
        self.assertEqual([one["step"] for one in events.steps()], ["accepting", "finishing", "drained"])
        self.assertEqual([one["exchanges"] for one in events.steps()], [1, 1, 0])
        for text in ("draining", "no longer accepting", "drained: nothing was cut off"):
            self.assertIn(text, adit.log())

    def test_waits_by_itself_only_where_somebody_watches(self):
        unwatched = self.serve(one_route(self.fast("v1").address))
        self.assertEqual(unwatched.stop(), 0)
        self.assertRegex(unwatched.log(), r"draining.*at_most_ms\W+0\b")
        watched = self.serve(one_route(self.fast("v1").address))
        self.assertEqual(verbose(watched)[0], 200)
        watched.signal(signal.SIGTERM)
        daemon.until(lambda: "accepting for another" in verbose(watched)[1], "the drain to begin")
        self.assertRegex(watched.log(), r"draining.*at_most_ms\W+10000\b")
        watched.signal(signal.SIGTERM)
        self.assertEqual(watched.wait(5), 1, "the second signal")
        self.assertIn("stopping at once", watched.log())

    def test_cuts_what_does_not_end(self):
        """drain.max, as a reload has set it."""
        adit = self.serve(one_route(self.mirror("v1").address, more="drain: {min: 0s, max: 1h}"))
        base.write(
            adit.config, one_route(self.mirror("v1").address, more="drain: {min: 0s, max: 300ms}")
        )
        adit.signal(signal.SIGHUP)
        daemon.until(lambda: "configuration in force" in adit.log(), "the reload")
        with raw.Connection(adit.http[0]) as c:
            c.send(raw.head("GET", "/wait/1?/nowhere", "shop.test", (), None))
            daemon.until(
                lambda: self.api(adit).metric("adit_requests_in_flight") >= 1, "the exchange to be under way"
            )
            self.assertEqual(adit.stop(), 0)
            self.assertRaises((raw.Closed, OSError), c.read)
        self.assertRegex(adit.log(), r"cut off.*exchanges\W+1\b")

    def test_who_has_said_nothing_yet(self):
        """Has a moment for the first words, over TLS too, and is closed then."""
        adit = self.serve(
            one_route(self.fast("v1").address, more="drain: {min: 0s, max: 20s}"), "--https", "127.0.0.1:0"
        )
        both = (adit.http[0], adit.https[0])
        silent, late = ([raw.Connection(at) for at in both] for _ in range(2))
        for one in silent + late:
            self.addCleanup(one.close)
        daemon.until(
            lambda: self.api(adit).metric("adit_connections_accepted_total") >= 4, "them to be let in"
        )
        adit.signal(signal.SIGTERM)
        daemon.until(lambda: "no longer accepting" in adit.log(), "the listeners to close")
        late[1].sock = context().wrap_socket(late[1].sock, server_hostname="shop.test")
        for one in late:
            answer = one.ask()
            self.assertEqual((answer.status, answer.get("connection")), (200, "close"))
        for one in silent:
            self.assertRaises(raw.Closed, one.more)
        self.assertEqual(adit.wait(15), 0)
        self.assertIn("drained: nothing was cut off", adit.log())

    def test_websockets(self):
        """They are told 1012 between two frames; endpoints hear it from their clients."""
        echo = self.keep(websocket.Echo())
        adit = self.serve(one_route(echo.address, more="drain: {min: 0s, max: 20s}"))
        clients = [websocket.connect(adit.http[0]) for _ in range(5)]
        for number, one in enumerate(clients):
            one.send(websocket.TEXT, b"x" * (200 * number))
            self.assertEqual(one.read(), (websocket.TEXT, b"x" * (200 * number)))
        silent, clients = clients[0], clients[1:]
        adit.signal(signal.SIGTERM)
        for one in clients:
            self.assertEqual(one.read_close(), 1012)
            one.send(websocket.CLOSE, b"\x03\xf4")
            self.assertTrue(one.ended())
            one.connection.close()
        self.assertEqual(silent.read_close(), 1012)
        self.assertTrue(silent.ended(), "it did not answer, and the connection ended all the same")
        silent.connection.close()
        self.assertEqual(adit.wait(15), 0)
        self.assertEqual(sorted(echo.wait_closed(5), key=str), [1012] * 4 + [None])
        self.assertIn("drained: nothing was cut off", adit.log())

    def test_other_protocols_just_end(self):
        listener = self.keep_socket(socket.create_server(("127.0.0.1", 0)))
        config = one_route("127.0.0.1:%d" % listener.getsockname()[1], more="drain: {min: 0s, max: 20s}")
        adit = self.serve(config + "  upgrades: [chatter]\n")
        client = raw.Connection(adit.http[0])
        self.addCleanup(client.close)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: chatter\r\n\r\n")
        endpoint = self.keep_socket(listener.accept()[0])
        endpoint.recv(4096)
        endpoint.sendall(b"HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: chatter\r\n\r\nhello")
        self.assertEqual(client.read().status, 101)
        self.assertEqual(client.take(5), b"hello")
        adit.signal(signal.SIGTERM)
        self.assertRaises(raw.Closed, client.more)
        self.assertEqual(endpoint.recv(100), b"")
        client.close()
        self.assertEqual(adit.wait(15), 0)

    def keep_socket(self, one):
        self.addCleanup(one.close)
        return one


class Rolling(base.Case):
    """Restarts under load, one after the other: no request is lost."""

    def check(self, clients, least):
        asked = clients.stop()
        self.assertEqual(clients.failures, [])
        self.assertGreaterEqual(asked, least)

    def graceful(self, name, port=0):
        return self.keep(
            upstreams.Process([sys.executable, os.path.join(HERE, "graceful.py"), name, str(port)])
        )

    def test_upstreams(self):
        """GETs go to the other endpoint, or again, when one leaves."""
        members = [self.graceful("a"), self.graceful("b")]
        adit = self.serve(one_route(*(one.address for one in members)))
        clients = load.Load(adit.http[0])
        self.addCleanup(clients.stop)
        number = rounds("upstreams", 8)
        for i in range(number):
            old = members[i % 2]
            old.process.send_signal(signal.SIGTERM)
            self.assertEqual(old.process.wait(20), 0)
            members[i % 2] = self.graceful("ab"[i % 2], old.port)
            clients.more(20)
        self.check(clients, number * 4 * 20)

    def member(self, config):
        return self.start(
            "serve", "--config", config, "--http", "127.0.0.1:0", "--admin", "", "--status", "127.0.0.1:0",
            "--workers", "2",
        )  # fmt: skip

    def test_adit_behind_a_balancer(self):
        """A TCP balancer that heeds /readyz; drain.min is longer than it takes to notice."""
        config = os.path.join(self.folder(), "adit.yaml")
        base.write(config, one_route(self.fast("v1").address, more="drain: {min: 700ms}"))
        front = balancer.Balancer()
        self.addCleanup(front.close)
        members = [self.member(config), self.member(config)]
        for one in members:
            front.add(one.http[0], one.status)
        daemon.until(lambda: len(front.ready) == 2, "the balancer to see both")
        clients = load.Load(front.address)
        self.addCleanup(clients.stop)
        number = rounds("balancer", 3)
        for i in range(number):
            old = members[i % 2]
            old.signal(signal.SIGTERM)
            self.assertEqual(old.wait(30), 0)
            front.remove(old.http[0])
            members[i % 2] = self.member(config)
            front.add(members[i % 2].http[0], members[i % 2].status)
            daemon.until(lambda: len(front.ready) == 2, "the balancer to see the new one")
            clients.more(20)
            self.assertIn("drained: nothing was cut off", old.log())
        self.check(clients, number * 4 * 20)

    def test_adit_on_inherited_sockets(self):
        """A supervisor holds the listening sockets: the next Adit begins on them before the last one ends.
        With more workers than sockets, and with fewer."""
        config = os.path.join(self.folder(), "adit.yaml")
        base.write(config, one_route(self.fast("v1").address, more="drain: {min: 0s}"))
        with Supervisor(2) as supervisor:
            adit = supervisor.start_adit(self, config, 1)
            self.assertEqual(adit.http, [supervisor.http])
            self.assertEqual(adit.status, supervisor.status)
            clients = load.Load(supervisor.http)
            self.addCleanup(clients.stop)
            number = rounds("sockets", 4)
            for i in range(number):
                old, adit = adit, supervisor.start_adit(self, config, 1 + i % 4)
                old.signal(signal.SIGTERM)
                self.assertEqual(old.wait(30), 0)
                clients.more(20)
                # Who listens now is the one who answers.
                self.assertEqual(verbose(adit)[0], 200)
                self.assertIn("drained: nothing was cut off", old.log())
            self.check(clients, number * 4 * 20)

    def test_every_inherited_socket_is_served(self):
        """Connections lie in each of the queues before anybody accepts; all are answered."""
        config = os.path.join(self.folder(), "adit.yaml")
        base.write(config, one_route(self.fast("v1").address))
        for sockets, workers in ((1, 3), (3, 1), (4, 3)):
            with Supervisor(sockets) as supervisor:
                waiting = [raw.Connection(supervisor.http) for _ in range(40)]
                for one in waiting:
                    self.addCleanup(one.close)
                    one.send(load.REQUEST)
                adit = supervisor.start_adit(self, config, workers)
                for one in waiting:
                    self.assert_status(one.read(), 200)
                    one.close()
                self.assertEqual(adit.stop(), 0)

    def test_inherited_sockets_for_tls(self):
        """The name says what a socket is for; how its connections begin is said by the file's listener there."""
        authority = certificates.Authority(self.folder())
        cert, key = authority.make("shop", ["shop.test"])
        config = os.path.join(self.folder(), "adit.yaml")
        with Supervisor(1, secure=2) as supervisor:
            base.write(
                config,
                one_route(
                    self.fast("v1").address,
                    more=f"""tls: {{certificates: [{{cert: {cert}, key: {key}}}]}}
listeners:
- {{address: "127.0.0.1:{supervisor.https[1]}", tls: true, proxy_protocol: {{from: [127.0.0.0/8]}}}}""",
                ),
            )
            for workers in (1, 3):
                adit = supervisor.start_adit(self, config, workers)
                self.assertEqual((adit.http, adit.https), ([supervisor.http], [supervisor.https]))
                for _ in range(6):
                    line = b"PROXY TCP4 192.0.2.7 192.0.2.8 4711 443\r\n"
                    with Secure(supervisor.https, "shop.test", context(authority), before=line) as c:
                        self.assert_status(c.ask(), 200)
                self.assert_status(raw.ask(supervisor.http), 200)
                self.assertEqual(adit.stop(), 0)

    def test_refuses_what_it_was_not_given(self):
        config = os.path.join(self.folder(), "adit.yaml")
        base.write(config, one_route("127.0.0.1:1"))

        def told(**env):
            done = subprocess.run(
                [base.BINARY, "serve", "--config", config, "--admin", "", "--status", "", "--listen-fds"],
                env=dict(os.environ, **env), capture_output=True, text=True, timeout=30,
            )  # fmt: skip
            self.assertEqual(done.returncode, 1)
            return done.stderr

        self.assertIn("LISTEN_FDS is not set", told())
        self.assertIn("meant for another one", told(LISTEN_FDS="1", LISTEN_PID="1"))
        done = subprocess.run(
            [sys.executable, os.path.join(HERE, "hand_over.py"), "http", "2", base.BINARY, "serve",
             "--config", config, "--admin", "", "--status", "", "--listen-fds"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        self.assertEqual(done.returncode, 1)
        self.assertIn("the inherited descriptor 3 is no TCP socket", done.stderr)


class Supervisor:
    """Holds listening sockets, several for one address, and starts Adits on them."""

    def __init__(self, number, secure=0):
        self.sockets, self.names = [], []
        self.http = self.listen(number, "http")
        self.https = self.listen(secure, "https")
        self.status = self.listen(1, "status")

    def listen(self, number, name):
        at = ("127.0.0.1", 0)
        for _ in range(number):
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            one.bind(at)
            one.listen(1024)
            at = one.getsockname()
            self.sockets.append(one)
            self.names.append(name)
        return at

    def start_adit(self, case, config, workers):
        given = [one.fileno() for one in self.sockets]
        adit = daemon.Adit(
            base.BINARY, "serve", "--config", config, "--admin", "", "--workers", workers, "--listen-fds",
            wrap=[sys.executable, os.path.join(HERE, "hand_over.py"), ":".join(self.names),
                  ",".join(map(str, given))],
            given=given,
        )  # fmt: skip
        case.addCleanup(adit.__exit__, None, None, None)
        return adit

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.sockets:
            one.close()


class Overload(base.Case):
    def shed(self, adit, reason):
        return self.api(adit).metric("adit_refusals_total", reason=reason)

    @unittest.skipIf(
        daemon.sanitized(base.BINARY), "a sanitizer keeps freed memory to itself: ./dev test loopback sees it given back"
    )
    def test_memory(self):
        """Slow readers fill buffers up to the ceiling; the newest are turned away until they have gone."""
        upstream = self.mirror("v1")
        adit = self.serve(one_route(upstream.address), workers=1)
        base_line = adit.resident()
        ceiling = max(base_line + (12 << 20), 33 << 20)
        base.write(adit.config, one_route(upstream.address, more=f"limits: {{memory: {ceiling >> 10}KiB}}"))
        adit.signal(signal.SIGHUP)
        daemon.until(lambda: "configuration in force" in adit.log(), "the reload")
        self.assertEqual(self.api(adit).metric("adit_ceiling", resource="memory_bytes"), ceiling >> 10 << 10)
        flag = os.path.join(self.folder(), "go")
        waiting = []

        def full():
            for _ in range(20):
                try:
                    one = raw.Connection(adit.http[0])
                    one.send(raw.head("GET", f"/wait/1?{flag}", "shop.test", (), None))
                    waiting.append(one)
                except OSError:
                    break
            return self.shed(adit, "overloaded-memory") >= 1

        daemon.until(full, "the ceiling to be reached", 60)
        status, text = verbose(adit)
        self.assertEqual(status, 200, "being full is no reason to be sent away: " + text)
        self.assertIn("[~] ceilings degraded", text)
        self.assertEqual(self.api(adit).metric("adit_memory_shedding"), 1)
        open(flag, "w").close()  # all of them finish
        answers = []
        for one in waiting:
            try:
                answers.append(one.read().status)
            except (raw.Closed, OSError):
                answers.append(0)
            one.close()
        self.assertGreater(answers.count(200), 20, answers)
        self.assertEqual(set(answers[: answers.index(503)] if 503 in answers else answers), {200})

        def recovered():
            try:
                return raw.ask(adit.http[0], "/1").status == 200
            except (raw.Closed, OSError):
                return False

        daemon.until(recovered, "the gateway to take requests again", 30)
        self.assertIn("memory is below its ceiling again", adit.log())

    def test_in_flight(self):
        adit = self.serve(one_route(self.mirror("v1").address, more="limits: {in_flight: 2}"))
        flag = os.path.join(self.folder(), "go")
        busy = [raw.Connection(adit.http[0]) for _ in range(2)]
        for one in busy:
            self.addCleanup(one.close)
            one.send(raw.head("GET", f"/wait/1?{flag}", "shop.test", (), None))
        daemon.until(
            lambda: self.api(adit).metric("adit_requests_in_flight") >= 2, "the exchanges to be under way"
        )
        turned_away = raw.ask(adit.http[0])
        self.assertEqual((turned_away.status, turned_away.get("retry-after")), (503, "1"))
        self.assertIn(b"reason: overloaded-in-flight\n", turned_away.body)
        self.assertIn("in flight 2 of 2", verbose(adit)[1])
        open(flag, "w").close()
        for one in busy:
            self.assert_status(one.read(), 200)
        self.assert_status(raw.ask(adit.http[0]), 200)
        self.assertEqual(self.shed(adit, "overloaded-in-flight"), 1)

    def test_descriptors(self):
        """Accepting pauses before the last descriptor is taken; who waits is served when there is room."""
        limit = 160
        prlimit = [sys.executable, os.path.join(HERE, "with_limit.py"), str(limit)]
        config = one_route(self.fast("v1").address, more="limits: {connections: 1000}")
        adit = self.serve(config, workers=1, wrap=prlimit)
        self.assertIn("limits.connections cannot be met", adit.log())
        self.assertEqual(self.api(adit).metric("process_max_fds"), limit, "the soft limit was not raised")
        ceiling = self.api(adit).metric("adit_ceiling", resource="descriptors")
        self.assertTrue(0 < ceiling < limit)
        clients = [raw.Connection(adit.http[0]) for _ in range(limit + 40)]
        for one in clients:
            self.addCleanup(one.close)
        daemon.until(lambda: self.api(adit).metric("adit_accept_pauses_total") >= 2, "the listener to rest")
        self.assertLess(self.api(adit).metric("process_open_fds"), limit)
        self.assert_status(clients[0].ask("/1k"), 200)  # there are descriptors left for endpoints
        self.assertGreaterEqual(self.shed(adit, "overloaded-descriptors"), 1)
        for one in clients[:limit]:
            one.close()
        daemon.until(
            lambda: self.api(adit).metric("process_open_fds") < ceiling - 20, "those who left to be forgotten"
        )
        with raw.Connection(adit.http[0]) as late:
            self.assert_status(late.ask("/1k"), 200)
        self.assertNotIn("Too many open files", adit.log())

    def test_raises_its_own_limit(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        wrap = [sys.executable, os.path.join(HERE, "with_limit.py"), "256", str(hard)]
        adit = self.serve(one_route(self.fast("v1").address), wrap=wrap)
        self.assertEqual(self.api(adit).metric("process_max_fds"), hard)


if __name__ == "__main__":
    unittest.main()
