"""Policies of routes: what is rewritten, redirected, reshaped, refused."""

import base64
import socketserver
import subprocess
import threading

import base
import daemon
import raw


def route(upstream, more, name="shop", match="", canary=None, weight=0, track_more=""):
    """A route as YAML; `more` are lines of it."""
    lines = [f"- name: {name}"]
    if match:
        lines.append(f"  match: {match}")
    lines.append("  tracks:")
    lines.append(f'    stable: {{endpoints: ["{upstream}"]}}')
    if canary:
        lines.append(f'    canary: {{endpoints: ["{canary}"], weight: {weight}{track_more}}}')
    lines += ["  " + line for line in more.strip().split("\n")]
    return "\n".join(lines) + "\n"


class Fixed:
    """An upstream whose answers carry these fields."""

    def __init__(self, *fields):
        answer = "".join(f"{line}\r\n" for line in ("HTTP/1.1 200 OK", *fields, "Content-Length: 2", "")) + "ok"

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while line := self.rfile.readline():
                    if line == b"\r\n":
                        self.wfile.write(answer.encode())

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = "127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Policies(base.Case):
    def serve_routes(self, *routes, top=""):
        return self.serve("routes:\n" + "".join(routes) + top, workers=1)

    def field(self, answer, name):
        """Values of a field as the upstream received it."""
        return [v for k, v in answer.json()["fields"] if k.lower() == name.lower()]


class Rewrite(Policies):
    def test_prefix(self):
        up = self.mirror("up")
        adit = self.serve_routes(
            route(up.address, "rewrite: {prefix: /new, forwarded_prefix: /shop}", match="{path: {prefix: /shop}}")
        )
        for target, wanted in (
            ("/shop", "/new"),
            ("/shop/a%2Fb?x=1&y", "/new/a%2Fb?x=1&y"),
            ("/shop/x/%2e%2e/a%20b", "/new/a%20b"),
            ("http://shop.test/shop/a?b", "/new/a?b"),
        ):
            answer = raw.ask(adit.http[0], target, host="shop.test", fields=[("X-Forwarded-Prefix", "/forged")])
            self.assert_status(answer, 200)
            self.assertEqual(answer.json()["target"], wanted)
            self.assertEqual(self.field(answer, "x-forwarded-prefix"), ["/shop"])

    def test_groups(self):
        up = self.mirror("up")
        adit = self.serve_routes(
            route(up.address, 'rewrite: {to: "/$2"}', "own", '{path: {regex: "/something(/|$)(.*)"}}'),
            route(
                up.address, 'rewrite: {regex: "^/p/(?<id>[0-9]+)", to: "/page?id=${id}"}', "page", "{path: {prefix: /p}}"
            ),
        )
        for target, wanted in (
            ("/something/new?q=1", "/new?q=1"),
            ("/something", "/"),
            ("/SOMETHING/a%0dX:%20y", "/a%0DX:%20y"),
            ("/SOMETHING/a%0d%0aX:%20y", "/a%0D"),  # '.' ends at a line feed, as in nginx
            ("/p/7?x=1", "/page?id=7&x=1"),
            ("/p/seven?x=1", "/p/seven?x=1"),
        ):
            answer = raw.ask(adit.http[0], target)
            self.assert_status(answer, 200)
            self.assertEqual(answer.json()["target"], wanted)

    def test_pattern_that_gives_up(self):
        up = self.mirror("up")
        adit = self.serve_routes(route(up.address, 'rewrite: {regex: "^/(a+)+$", to: "/x"}'))
        answer = raw.ask(adit.http[0], "/" + "a" * 4000 + "!")
        self.assert_status(answer, 400)
        self.assertIn(b"rewrite-failed", answer.body)
        self.assertEqual(self.api(adit).metric("adit_refusals_total", reason="rewrite-failed"), 1)


class Redirect(Policies):
    def test_with_curl(self):
        """A route that only sends elsewhere needs no upstream; curl follows it and gets there."""
        up = self.mirror("up")
        target = self.serve_routes(route(up.address, "fallback: none"))
        adit = self.serve_routes(
            "- name: old\n  redirect: {to: \"http://%s:%d/new$request_uri\", code: 308}\n" % target.http[0]
        )
        url = "http://{}:{}/a%20b?x=1".format(*adit.http[0])
        got = subprocess.run(
            ["curl", "-s", "-L", "-X", "POST", "-d", "body", "-w", "%{http_code}", url],
            capture_output=True,
            text=True,
            timeout=30,
        ).stdout
        self.assertTrue(got.endswith("200"), got)
        self.assertIn('"target": "/new/a%20b?x=1"', got)
        self.assertIn('"method": "POST"', got)

    def test_one_path_and_the_connection_stays(self):
        up = self.mirror("up")
        adit = self.serve_routes(route(up.address, 'redirect: {to: "$scheme://$host/app", path: /}'))
        with raw.Connection(adit.http[0]) as c:
            answer = c.ask("/", host="Shop.Test:80", method="POST", body=b"x" * 100)
            self.assert_status(answer, 302)
            self.assertEqual(answer.get("location"), "http://shop.test/app")
            self.assert_status(c.ask("/", method="HEAD"), 302)
            self.assertEqual(c.ask("/app").json()["target"], "/app")
        metric = self.api(adit).metric("adit_requests_total", route="shop", code="302")
        self.assertEqual(metric, 2)

    def test_never_to_another_host(self):
        up = self.mirror("up")
        adit = self.serve_routes(route(up.address, 'redirect: {to: "/$1"}', match='{path: {regex: "/out(.*)"}}'))
        for target in ("/out//evil.test", "/out%2f%2fevil.test", "/out%5cevil.test"):
            self.assertEqual(raw.ask(adit.http[0], target).get("location"), "/evil.test")


class Headers(Policies):
    def test_requests(self):
        up = self.mirror("up")
        adit = self.serve_routes(
            route(
                up.address,
                """request_headers:
  set: {Host: "api.test", X-Client: "$remote_addr", X-Forwarded-Proto: https}
  add: {X-Asked: "$method $host$request_uri"}
  remove: [X-Secret, Cookie]""",
            )
        )
        fields = [("X-Secret", "s"), ("X-Client", "forged"), ("Cookie", "a=b"), ("X-Keep", "k")]
        answer = raw.ask(adit.http[0], "/a?b", host="Shop.test:80", fields=fields)
        for name, wanted in (
            ("host", ["api.test"]),
            ("x-client", ["127.0.0.1"]),
            ("x-forwarded-proto", ["https"]),
            ("x-forwarded-host", ["Shop.test:80"]),
            ("x-asked", ["GET shop.test/a?b"]),
            ("x-secret", []),
            ("cookie", []),
            ("x-keep", ["k"]),
        ):
            self.assertEqual(self.field(answer, name), wanted, name)

    def test_of_a_track(self):
        stable, canary = self.mirror("stable"), self.mirror("canary")
        adit = self.serve_routes(
            route(
                stable.address,
                'response_headers: {set: {X-Who: "$route"}}\nforce: [{header: {name: X-Next}, track: canary}]',
                canary=canary.address,
                track_more=', response_headers: {set: {X-Who: "$route/$track"}, remove: [Server]},'
                ' request_headers: {set: {X-Me: "$track"}}',
            )
        )
        plain = raw.ask(adit.http[0])
        self.assertEqual((plain.get("x-who"), plain.get("server")), ("shop", "stable"))
        forced = raw.ask(adit.http[0], fields=[("X-Next", "1")])
        self.assertEqual((forced.all("x-who"), forced.get("server")), (["shop/canary"], None))
        self.assertEqual(self.field(forced, "x-me"), ["canary"])

    def test_answers_of_our_own(self):
        adit = self.serve(
            'routes: [{name: shop, tracks: {stable: {endpoints: []}}, response_headers: {set: {X-A: "$host", Server: x}}}]'
        )
        answer = raw.ask(adit.http[0], host="shop.test")
        self.assert_status(answer, 503)
        self.assertEqual((answer.get("x-a"), answer.all("server")), ("shop.test", ["adit"]))


class Access(Policies):
    def test_lists(self):
        up = self.mirror("up")
        adit = self.serve_routes(
            route(up.address, "access: {allow: [127.0.0.0/8], deny: [127.0.0.2]}"),
            route(up.address, "access: {allow: 192.0.2.0/24}", "far", "{path: {prefix: /far}}"),
            top="trusted_proxies: [127.0.0.3]\n",
        )
        for source, target, forwarded, wanted in (
            ("127.0.0.1", "/", None, 200),
            ("127.0.0.2", "/", None, 403),
            ("127.0.0.1", "/far", None, 403),
            ("127.0.0.1", "/far", "192.0.2.7", 403),  # not believed
            ("127.0.0.3", "/far", "192.0.2.7", 200),
            ("127.0.0.3", "/far", "192.0.2.7, 10.0.0.1", 403),
        ):
            fields = [("X-Forwarded-For", forwarded)] if forwarded else []
            answer = raw.ask(adit.http[0], target, fields=fields, source=(source, 0))
            self.assert_status(answer, wanted)
        self.assertIn(b"access-denied", answer.body)
        self.assertEqual(self.api(adit).metric("adit_refusals_total", reason="access-denied"), 4)


class Body(Policies):
    def test_bounds(self):
        up = self.mirror("up")
        adit = self.serve_routes(
            route(up.address, "body: {max: 1KiB}"),
            route(up.address, "body: {max: 0}", "free", "{path: {prefix: /free}}"),
            route(up.address, "fallback: none", "rest", "{path: {prefix: /rest}}"),
            top="limits: {body: 2KiB}\n",
        )
        for target, size, wanted in (
            ("/", 1024, 200),
            ("/", 1025, 413),
            ("/rest", 2048, 200),
            ("/rest", 2049, 413),
            ("/free", 100_000, 200),
        ):
            answer = raw.ask(adit.http[0], target, method="POST", body=b"x" * size)
            self.assert_status(answer, wanted)
            with raw.Connection(adit.http[0]) as c:
                c.send(raw.head("POST", target, "a", [("Transfer-Encoding", "chunked")], None))
                c.send(b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n")
                self.assert_status(c.read(), wanted)


class BadInput(Policies):
    """Said with file, line and key; what was in force stays."""

    def test_reload_keeps_what_was_good(self):
        up = self.mirror("up")
        adit = self.serve_routes(route(up.address, "rewrite: {prefix: /new}"))
        good = open(adit.config).read()
        for bad, said in (
            ('rewrite: {regex: "(", to: "/"}', "routes[0].rewrite.regex"),
            ('rewrite: {regex: "^/(.*)", to: "/$2"}', "no group $2"),
            ("access: {allow: [10.0.0.0/33]}", "routes[0].access.allow"),
            ("redirect: {to: elsewhere}", "routes[0].redirect.to"),
            ('request_headers: {set: {Content-Length: "1"}}', "belongs to the connection"),
        ):
            base.write(adit.config, good.replace("rewrite: {prefix: /new}", bad))
            answer = self.api(adit).call("POST", "/api/v1/reload")
            self.assertGreaterEqual(answer.status, 400, bad)
            self.assertIn(said, answer.body.decode(), bad)
            self.assertEqual(raw.ask(adit.http[0], "/a").json()["target"], "/new/a")


class Cors(Policies):
    ORIGIN = ("Origin", "https://app.test")

    def test_preflight_and_answer(self):
        up = self.mirror("up")
        adit = self.serve_routes(
            route(up.address, "cors: {origins: [https://app.test], expose: [X-Total], credentials: true, max_age: 10m}")
        )
        with raw.Connection(adit.http[0]) as c:
            asks = [self.ORIGIN, ("Access-Control-Request-Method", "PUT")]
            answer = c.ask("/a", method="OPTIONS", fields=asks)
            self.assert_status(answer, 204)
            for name, wanted in (
                ("access-control-allow-origin", "https://app.test"),
                ("access-control-allow-credentials", "true"),
                ("access-control-max-age", "600"),
                ("vary", "Origin"),
            ):
                self.assertEqual(answer.all(name), [wanted], name)
            answer = c.ask("/a", fields=[self.ORIGIN])
            self.assert_status(answer, 200)
            self.assertEqual(answer.all("access-control-allow-origin"), ["https://app.test"])
            self.assertEqual(answer.all("access-control-expose-headers"), ["X-Total"])
            # A stranger learns nothing, and an OPTIONS that is no preflight goes on.
            answer = c.ask("/a", fields=[("Origin", "https://evil.test")])
            self.assertEqual((answer.status, answer.get("access-control-allow-origin")), (200, None))
            self.assertEqual(c.ask("/a", method="OPTIONS", fields=[self.ORIGIN]).json()["method"], "OPTIONS")

    def test_replaces_what_the_upstream_says(self):
        up = self.keep(Fixed("Access-Control-Allow-Origin: https://b.test", "Access-Control-Max-Age: 1", "Vary: Origin"))
        adit = self.serve_routes(
            route(up.address, "cors: {origins: [https://app.test]}", "one", "{path: {prefix: /one}}"),
            route(up.address, 'cors: {origins: "*"}', "all", "{path: {prefix: /all}}"),
            route(up.address, "fallback: none"),
        )
        for target, wanted in (("/one", ["https://app.test"]), ("/all", ["*"]), ("/", ["https://b.test"])):
            answer = raw.ask(adit.http[0], target, fields=[self.ORIGIN])
            self.assertEqual(answer.all("access-control-allow-origin"), wanted)
            self.assertEqual(answer.all("vary"), ["Origin"])
        self.assertEqual(raw.ask(adit.http[0], "/one").all("access-control-allow-origin"), [])

    def test_errors_can_be_read_too(self):
        adit = self.serve(
            "routes: [{name: shop, tracks: {stable: {endpoints: []}}, cors: {origins: [https://app.test]}}]"
        )
        answer = raw.ask(adit.http[0], fields=[self.ORIGIN])
        self.assert_status(answer, 503)
        self.assertEqual(answer.get("access-control-allow-origin"), "https://app.test")


class Rate(Policies):
    def test_burst_and_refusal(self):
        """Over two workers, by address: exactly the burst and one more pass; others are not concerned."""
        up = self.mirror("up")
        adit = self.serve(
            "routes:\n" + route(up.address, "rate: [{address: true, requests: 1/m, burst: 9, except: [127.0.0.9]}]"),
            workers=2,
        )
        statuses = []
        for _ in range(20):  # each on a connection of its own, so on either worker
            answer = raw.ask(adit.http[0])
            statuses.append(answer.status)
        self.assertEqual(statuses.count(200), 10, statuses)
        self.assertEqual(statuses.count(429), 10, statuses)
        self.assertIn(b"rate-limited", answer.body)
        self.assertTrue(1 <= int(answer.get("retry-after")) <= 60, answer)
        self.assert_status(raw.ask(adit.http[0], source=("127.0.0.8", 0)), 200)
        for _ in range(12):
            self.assert_status(raw.ask(adit.http[0], source=("127.0.0.9", 0)), 200)
        self.assertEqual(self.api(adit).metric("adit_refusals_total", reason="rate-limited"), 10)

    def test_survives_a_reload(self):
        up = self.mirror("up")
        adit = self.serve_routes(route(up.address, "rate: [{header: X-Key, requests: 1/h}]"))
        key = [("X-Key", "k")]
        self.assert_status(raw.ask(adit.http[0], fields=key), 200)
        with open(adit.config, "a") as f:
            f.write("underscore_fields: true\n")
        self.assert_status(self.api(adit).call("POST", "/api/v1/reload"), 200)
        self.assert_status(raw.ask(adit.http[0], fields=key), 429)
        self.assert_status(raw.ask(adit.http[0], fields=[("X-Key", "other")]), 200)
        self.assert_status(raw.ask(adit.http[0]), 200)

    def test_connections(self):
        up = self.mirror("up")
        adit = self.serve(
            "routes:\n" + route(up.address, "rate: [{route: true, connections: 2}]"), workers=2
        )
        gate = self.folder() + "/gate"
        waiting = [raw.Connection(adit.http[0]) for _ in range(2)]
        for c in waiting:
            self.addCleanup(c.close)
            c.send(raw.head("GET", f"/wait/?{gate}", "a", [], None))
        daemon.until(
            lambda: self.api(adit).metric("adit_requests_in_flight", route="shop") == 2, "two exchanges under way"
        )
        with raw.Connection(adit.http[0]) as c:
            answer = c.ask("/")
            self.assert_status(answer, 429)
            self.assertIn(b"concurrency-limited", answer.body)
            open(gate, "w").close()
            for one in waiting:
                self.assert_status(one.read(), 200)
            daemon.until(lambda: c.ask("/").status == 200, "the places are free again")


def basic(user, password):
    return [("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())]


class BasicAuth(Policies):
    def hashed(self, *flags):
        """A hash of `secret`, by openssl."""
        return subprocess.run(
            ["openssl", "passwd", *flags, "secret"], capture_output=True, text=True, check=True
        ).stdout.strip()

    def users(self, *lines):
        path = self.folder() + "/users"
        base.write(path, "".join(line + "\n" for line in lines))
        return path

    # crypt(3) of `secret` at cost 4 and 10.
    BCRYPT = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
    SHA = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="

    def test_schemes(self):
        up = self.mirror("up")
        names = {"bcrypt": self.BCRYPT, "sha": self.SHA}
        names.update({name: self.hashed(flag) for name, flag in (("apr", "-apr1"), ("six", "-6"), ("five", "-5"))})
        path = self.users("# staff", *(f"{name}:{stored}" for name, stored in names.items()))
        adit = self.serve_routes(route(up.address, f"basic_auth: {{file: {path}, realm: Staff only}}"))
        with raw.Connection(adit.http[0]) as c:
            answer = c.ask("/")
            self.assert_status(answer, 401)
            self.assertEqual(answer.get("www-authenticate"), 'Basic realm="Staff only", charset="UTF-8"')
            self.assertIn(b"credentials-missing", answer.body)
            for name in names:
                wrong = c.ask("/", fields=basic(name, "secreT"))
                self.assert_status(wrong, 401)
                self.assertIn(b"credentials-wrong", wrong.body)
                for _ in range(2):  # checked, then known
                    right = c.ask("/", method="POST", body=b"abc", fields=basic(name, "secret"))
                    self.assertEqual((right.status, right.json()["body"]), (200, 3), name)
                    self.assertEqual(self.field(right, "authorization"), [basic(name, "secret")[0][1]])
            self.assert_status(c.ask("/", fields=basic("nobody", "secret")), 401)
            self.assert_status(c.ask("/", fields=basic("sha", "secret") * 2), 401)
        url = "http://{}:{}/".format(*adit.http[0])
        got = subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-u", "bcrypt:secret", url],
            capture_output=True,
            text=True,
            timeout=30,
        ).stdout
        self.assertEqual(got, "200")

    def test_file_is_read_again(self):
        up = self.mirror("up")
        path = self.users(f"ann:{self.BCRYPT}")
        adit = self.serve_routes(route(up.address, f"basic_auth: {{file: {path}, forward: false}}"))
        answer = raw.ask(adit.http[0], fields=basic("ann", "secret"))
        self.assert_status(answer, 200)
        self.assertEqual(self.field(answer, "authorization"), [])
        base.write(path, f"ben:{self.SHA}\n")
        daemon.until(lambda: raw.ask(adit.http[0], fields=basic("ben", "secret")).status == 200, "ben may come", 20)
        self.assert_status(raw.ask(adit.http[0], fields=basic("ann", "secret")), 401)
        base.write(path, "ben:plain\neve\n")
        daemon.until(lambda: f"{path}:2:1: error" in adit.log(), "the bad lines are named", 20)
        self.assertIn(f"{path}:1:1: error", adit.log())
        self.assert_status(raw.ask(adit.http[0], fields=basic("ben", "secret")), 200)

    def test_slow_hashes_hold_nobody_up(self):
        """One worker, many guesses at bcrypt: somebody else's requests are answered meanwhile, and what is too
        much is refused by name."""
        up = self.mirror("up")
        slow = "$2y$12$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"  # of nothing that is tried
        path = self.users(f"ann:{slow}")
        adit = self.serve_routes(
            route(up.address, f"basic_auth: {{file: {path}}}", match="{path: {prefix: /staff}}"),
            route(up.address, "fallback: none", "rest"),
        )
        guesses = [raw.Connection(adit.http[0]) for _ in range(80)]
        for i, c in enumerate(guesses):
            self.addCleanup(c.close)
            c.send(raw.head("GET", "/staff", "a", basic("ann", f"guess{i}"), None))
        api = self.api(adit)
        daemon.until(
            lambda: api.metric("adit_refusals_total", reason="authentication-busy") > 0, "guesses are refused", 20
        )
        self.assert_status(raw.ask(adit.http[0], "/"), 200)
        wrong = api.metric("adit_refusals_total", reason="credentials-wrong")
        self.assertLess(wrong, 79, "the other request waited for all of them")
        for c in guesses:  # whoever goes away is forgotten
            c.close()
        self.assert_status(raw.ask(adit.http[0], "/"), 200)

    def test_bad_file_keeps_what_was_good(self):
        up = self.mirror("up")
        path = self.users("ann:plain")
        adit = self.serve_routes(route(up.address, "fallback: none"))
        good = open(adit.config).read()
        for file, said in ((path, "neither a bcrypt hash"), (path + ".none", "cannot be opened")):
            base.write(adit.config, good.replace("fallback: none", f"basic_auth: {{file: {file}}}"))
            answer = self.api(adit).call("POST", "/api/v1/reload")
            self.assertGreaterEqual(answer.status, 400)
            self.assertIn(said, answer.body.decode())
            self.assert_status(raw.ask(adit.http[0]), 200)
