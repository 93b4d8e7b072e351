"""Which track: shares of dice, cohorts, force rules, colour, fallback."""

import base
import raw

REQUEST = b"GET / HTTP/1.1\r\nHost: shop.test\r\n%s\r\n"


def names(address, requests, batch=100):
    """The Server field of every answer, in order."""
    out = []
    with raw.Connection(address) as c:
        for at in range(0, len(requests), batch):
            out += [r.get("server") for r in c.pipeline(requests[at : at + batch])]
    return out


class Split(base.Case):
    TOTAL = 20_000

    def test_shares(self):
        stable, canary = self.fast("v1"), self.fast("v2")
        adit = self.serve(base.two_tracks(stable.address, canary.address))
        api = self.api(adit)
        for percent in (0, 0.5, 10, 50, 100):
            with self.subTest(percent=percent):
                api.weights("shop", canary=percent)
                got = names(adit.http[0], [REQUEST % b""] * self.TOTAL)
                self.assertEqual(set(got) - {"v1", "v2"}, set())
                self.assert_share(got.count("v2"), self.TOTAL, percent)

    def test_finest_weight(self):
        stable, canary = self.fast("v1"), self.fast("v2")
        adit = self.serve(base.two_tracks(stable.address, canary.address, 0.01))
        got = names(adit.http[0], [REQUEST % b""] * 100_000)
        self.assertTrue(0 < got.count("v2") < 40, got.count("v2"))

    def test_three_tracks(self):
        ups = [self.fast(f"v{n}") for n in (1, 2, 3)]
        adit = self.serve(f"""
routes:
- name: shop
  tracks:
    stable: {{endpoints: ["{ups[0].address}"]}}
    canary: {{endpoints: ["{ups[1].address}"], weight: 20}}
    next: {{endpoints: ["{ups[2].address}"], weight: 30}}
""")
        got = names(adit.http[0], [REQUEST % b""] * self.TOTAL)
        for name, percent in (("v1", 50), ("v2", 20), ("v3", 30)):
            self.assert_share(got.count(name), self.TOTAL, percent)

    def test_proxy_command(self):
        stable, canary = self.fast("v1"), self.fast("v2")
        adit = self.proxy(stable.address, canary.address, 10)
        got = names(adit.http[0], [REQUEST % b""] * self.TOTAL)
        self.assert_share(got.count("v2"), self.TOTAL, 10)
        self.assertEqual(self.api(adit).get("/api/v1/routes/default").json()["weights"]["canary"], 10)


class Cohort(base.Case):
    USERS = 10_000

    def walk(self, more, request):
        """The sets of users on the canary at 1, 5, 25, 100 and again 5 %."""
        stable, canary = self.fast("v1"), self.fast("v2")
        adit = self.serve(base.two_tracks(stable.address, canary.address, more=more))
        api = self.api(adit)
        sets = []
        for percent in (1, 5, 25, 100, 5):
            api.weights("shop", canary=percent)
            got = names(adit.http[0], [request(u) for u in range(self.USERS)])
            sets.append({u for u, name in enumerate(got) if name == "v2"})
            self.assert_share(len(sets[-1]), self.USERS, percent)
        return adit, sets

    def check(self, sets):
        one, five, quarter, everyone, again = sets
        self.assertLessEqual(one, five)
        self.assertLessEqual(five, quarter)
        self.assertEqual(len(everyone), self.USERS)
        self.assertEqual(five, again, "users flipped on the way back")

    def test_header(self):
        _, sets = self.walk("  cohort: {header: X-User}\n", lambda u: REQUEST % (b"X-User: user-%d\r\n" % u))
        self.check(sets)

    def test_foreign_cookie(self):
        _, sets = self.walk(
            "  cohort: {cookie: session, salt: shop}\n",
            lambda u: REQUEST % (b"Cookie: a=b; session=s%d\r\n" % u),
        )
        self.check(sets)

    def test_same_after_restart_and_on_replicas(self):
        stable, canary = self.fast("v1"), self.fast("v2")
        config = base.two_tracks(stable.address, canary.address, 30, more="  cohort: {header: X-User}\n")
        requests = [REQUEST % (b"X-User: user-%d\r\n" % u) for u in range(1000)]
        first, second = self.serve(config), self.serve(config, workers=1)
        self.assertEqual(names(first.http[0], requests), names(second.http[0], requests))

    def test_salt_moves_users(self):
        stable, canary = self.fast("v1"), self.fast("v2")
        requests = [REQUEST % (b"X-User: user-%d\r\n" % u) for u in range(1000)]
        got = [
            names(
                self.serve(
                    base.two_tracks(
                        stable.address, canary.address, 50, more=f"  cohort: {{header: X-User, salt: {s}}}\n"
                    )
                ).http[0],
                requests,
            )
            for s in ("one", "two")
        ]
        self.assertNotEqual(got[0], got[1])

    def test_address(self):
        stable, canary = self.fast("v1"), self.fast("v2")
        adit = self.serve(
            base.two_tracks(stable.address, canary.address, 50, more="  cohort: {address: true}\n")
        )
        seen = set()
        for octet in range(1, 60):
            source = (f"127.0.0.{octet}", 0)
            got = {raw.ask(adit.http[0], source=source).get("server") for _ in range(3)}
            self.assertEqual(len(got), 1, f"127.0.0.{octet} moved")
            seen |= got
        self.assertEqual(seen, {"v1", "v2"})

    def test_issued_cookie(self):
        """Who has no cookie is drawn, gets one, and stays where the draw put them."""
        stable, canary = self.fast("v1"), self.fast("v2")
        adit = self.serve(
            base.two_tracks(stable.address, canary.address, 50, more="  cohort: {cookie: adit}\n")
        )
        users = []
        with raw.Connection(adit.http[0]) as c:
            for _ in range(300):
                answer = c.ask(host="shop.test")
                cookies = [x for x in answer.all("set-cookie") if x.startswith("adit=")]
                self.assertEqual(len(cookies), 1, answer)
                users.append((answer.get("server"), cookies[0].split(";")[0]))
            self.assert_share(sum(1 for name, _ in users if name == "v2"), 300, 50)
            self.assertEqual(len({cookie for _, cookie in users}), 300)
            for name, cookie in users:
                answer = c.ask(host="shop.test", fields=[("Cookie", cookie)])
                self.assertEqual(answer.get("server"), name, cookie)
                self.assertEqual(answer.all("set-cookie"), [])
            # raising keeps those of the canary, 0 and 100 hold for all
            api = self.api(adit)
            api.weights("shop", canary=80)
            for name, cookie in users:
                if name == "v2":
                    self.assertEqual(c.ask(host="shop.test", fields=[("Cookie", cookie)]).get("server"), "v2")
            api.weights("shop", canary=0)
            self.assertEqual(
                {c.ask(host="shop.test", fields=[("Cookie", k)]).get("server") for _, k in users}, {"v1"}
            )

    def test_forged_cookie(self):
        """`signed: true`: a value that Adit did not sign is no key, and is replaced."""
        stable, canary = self.fast("v1"), self.fast("v2")
        adit = self.serve(
            base.two_tracks(
                stable.address, canary.address, 50, more="  cohort: {cookie: adit, signed: true}\n"
            )
        )
        with raw.Connection(adit.http[0]) as c:
            answers = [c.ask(host="shop.test", fields=[("Cookie", "adit=forged")]) for _ in range(100)]
        self.assertEqual({a.get("server") for a in answers}, {"v1", "v2"})
        self.assertTrue(all(a.get("set-cookie", "").startswith("adit=") for a in answers))


class Force(base.Case):
    RULES = """  force:
  - {header: {name: X-Next, value: gold}, track: canary}
  - {header: {name: X-Never}, track: stable}
  - {header: {name: User-Agent, regex: "Firefox/1[34]"}, track: canary}
  - {cookie: {name: beta, value: "1"}, track: canary}
  - {query: {name: track, value: canary}, track: canary}
  - {source: [127.0.0.9/32], track: canary}
"""

    def setUp(self):
        self.stable, self.canary = self.mirror("v1"), self.mirror("v2")
        self.adit = self.serve(base.two_tracks(self.stable.address, self.canary.address, 0, more=self.RULES))

    def went(self, target="/", fields=(), source=None):
        return raw.ask(self.adit.http[0], target, host="shop.test", fields=fields, source=source).json()[
            "name"
        ]

    def test_header(self):
        self.assertEqual(self.went(), "v1")
        self.assertEqual(self.went(fields=[("x-next", "gold")]), "v2")
        self.assertEqual(self.went(fields=[("X-Next", "golden")]), "v1")
        self.assertEqual(self.went(fields=[("X-Next", "Gold")]), "v1")
        self.assertEqual(self.went(fields=[("User-Agent", "Mozilla Firefox/138")]), "v2")
        self.assertEqual(self.went(fields=[("User-Agent", "Mozilla Firefox/128")]), "v1")

    def test_first_rule_decides(self):
        self.assertEqual(self.went(fields=[("X-Never", ""), ("Cookie", "beta=1")]), "v1")
        self.assertEqual(self.went(fields=[("X-Never", ""), ("X-Next", "gold")]), "v2")

    def test_cookie(self):
        self.assertEqual(self.went(fields=[("Cookie", "a=b; beta=1; c=d")]), "v2")
        self.assertEqual(self.went(fields=[("Cookie", "xbeta=1; beta=10")]), "v1")
        self.assertEqual(self.went(fields=[("Cookie", "a=b"), ("Cookie", "beta=1")]), "v2")

    def test_query(self):
        self.assertEqual(self.went("/x?a=1&track=canary"), "v2")
        self.assertEqual(self.went("/x?a=1&track=canary2"), "v1")
        self.assertEqual(self.went("/track=canary"), "v1")

    def test_source(self):
        self.assertEqual(self.went(source=("127.0.0.9", 0)), "v2")
        self.assertEqual(self.went(source=("127.0.0.8", 0)), "v1")
        self.assertEqual(self.went(fields=[("X-Forwarded-For", "127.0.0.9")], source=("127.0.0.8", 0)), "v1")

    def test_kill_outranks_weights(self):
        api = self.api(self.adit)
        api.weights("shop", canary=100)
        self.assertEqual(self.went(), "v2")
        self.assert_status(api.call("POST", "/api/v1/kill", {"routes": ["shop"], "reason": "test"}), 200)
        self.assertEqual(self.went(), "v1")
        self.assertTrue(api.get("/api/v1/routes/shop").json()["killed"])
        self.assert_status(api.call("DELETE", "/api/v1/kill", {"routes": ["shop"]}), 200)
        self.assertEqual(self.went(), "v2")
        self.assert_status(api.call("POST", "/api/v1/kill"), 200)
        self.assertEqual(self.went(), "v1")
        self.assert_status(api.call("DELETE", "/api/v1/kill"), 200)
        self.assertEqual(self.went(), "v2")

    def test_explain(self):
        answer = self.api(self.adit).call(
            "POST", "/api/v1/explain", {"host": "shop.test", "path": "/x", "headers": {"X-Next": "gold"}}
        )
        self.assert_status(answer, 200)
        text = answer.body.decode()
        self.assertIn('"shop"', text)
        self.assertIn('"canary"', text)
        self.assertIn("X-Next", text)


class Colour(base.Case):
    def fields(self, adit, *fields, source=None):
        told = raw.ask(adit.http[0], "/", host="shop.test", fields=fields, source=source).json()
        return told["name"], {k.lower(): v for k, v in told["fields"]}

    def config(self, more="", weight=0, top=""):
        return base.two_tracks(self.mirror("v1").address, self.mirror("v2").address, weight, more=more) + top

    def test_sent_upstream(self):
        adit = self.serve(self.config(weight=100))
        name, fields = self.fields(adit)
        self.assertEqual((name, fields.get("x-version-route")), ("v2", "canary"))
        self.api(adit).weights("shop", canary=0)
        name, fields = self.fields(adit)
        self.assertEqual((name, fields.get("x-version-route")), ("v1", None))

    def test_refused_by_default(self):
        adit = self.serve(self.config())
        for field in (("X-Canary", "true"), ("X-Version-Route", "canary")):
            name, fields = self.fields(adit, field)
            self.assertEqual(name, "v1")
            self.assertNotIn(field[0].lower(), fields, "an unbelieved colour reached the upstream")

    def test_accepted(self):
        adit = self.serve(
            self.config(more="  colour: {accept: [X-Canary, X-Version-Route], from: [127.0.0.2/32]}\n")
        )
        for field in (("X-Canary", "true"), ("X-Version-Route", "canary")):
            self.assertEqual(self.fields(adit, field, source=("127.0.0.2", 0))[0], "v2")
            name, fields = self.fields(adit, field, source=("127.0.0.3", 0))
            self.assertEqual(name, "v1")
            self.assertNotIn(field[0].lower(), fields)
        self.assertEqual(self.fields(adit, ("X-Canary", "false"), source=("127.0.0.2", 0))[0], "v1")
        self.assertEqual(self.fields(adit, ("X-Version-Route", "nowhere"), source=("127.0.0.2", 0))[0], "v1")

    def test_accepted_for_all_routes(self):
        adit = self.serve(self.config(top="colour: {accept: [X-Canary], from: [127.0.0.0/8]}\n"))
        self.assertEqual(self.fields(adit, ("X-Canary", "true"))[0], "v2")
        self.assertEqual(self.fields(adit, ("X-Version-Route", "canary"))[0], "v1")

    def test_named_by_rule(self):
        """A header that the route's own rules name is left alone."""
        adit = self.serve(
            self.config(more='  force: [{header: {name: X-Canary, value: "yes"}, track: canary}]\n')
        )
        name, fields = self.fields(adit, ("X-Canary", "yes"))
        self.assertEqual((name, fields.get("x-canary")), ("v2", "yes"))

    def test_told(self):
        adit = self.serve(self.config(weight=100, more="  respond: {server_timing: true, header: X-Track}\n"))
        answer = raw.ask(adit.http[0], host="shop.test")
        self.assertEqual(answer.get("x-track"), "canary")
        self.assertIn('adit;desc="canary"', answer.get("server-timing", ""))


class Fallback(base.Case):
    EMPTY = """
routes:
- name: shop
{more}  tracks:
    stable: {{endpoints: [{stable}]}}
    canary: {{endpoints: [{canary}], weight: 100}}
"""

    def test_empty_canary(self):
        up = self.fast("v1")
        adit = self.serve(self.EMPTY.format(stable=f'"{up.address}"', canary="", more=""))
        for _ in range(5):
            self.assertEqual(raw.ask(adit.http[0]).get("server"), "v1")
        self.assertEqual(self.api(adit).metric("adit_fallbacks_total", route="shop"), 5)

    def test_empty_stable(self):
        up = self.fast("v2")
        adit = self.serve(
            self.EMPTY.format(stable="", canary=f'"{up.address}"', more="").replace(
                "weight: 100", "weight: 0"
            )
        )
        self.assert_status(raw.ask(adit.http[0]), 503)
        self.api(adit).weights("shop", canary=100)
        self.assertEqual(raw.ask(adit.http[0]).get("server"), "v2")

    def test_fallback_any(self):
        up = self.fast("v2")
        adit = self.serve(
            self.EMPTY.format(stable="", canary=f'"{up.address}"', more="  fallback: any\n").replace(
                "weight: 100", "weight: 0"
            )
        )
        self.assertEqual(raw.ask(adit.http[0]).get("server"), "v2")
