"""Changing weights and configuration while requests are under way: nothing is lost, nothing is late, nothing
is forgotten."""

import json
import os
import re
import signal
import subprocess
import threading
import time

import base
import daemon
import raw


class Load:
    """wrk in the background; what it could not get answered."""

    def __init__(self, address, seconds, connections=32, path="/"):
        url = f"http://{address[0]}:{address[1]}{path}"
        self.process = subprocess.Popen(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "5s", url],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def running(self):
        return self.process.poll() is None

    def result(self):
        """(requests answered, text of errors or "")."""
        text, _ = self.process.communicate(timeout=60)
        requests = int(re.search(r"(\d+) requests in", text).group(1))
        return requests, " ".join(re.findall(r"Socket errors:.*|Non-2xx.*", text))


class UnderLoad(base.Case):
    def run_load(self, adit, change):
        seconds = 30 if base.LONG else 5
        load = Load(adit.http[0], seconds)
        count, due = 0, time.monotonic()
        while load.running():
            change(count)
            count += 1
            due += 0.1
            threading.Event().wait(max(0, due - time.monotonic()))
        requests, errors = load.result()
        self.assertEqual(errors, "")
        self.assertGreater(requests, 1000)
        self.assertGreater(count, seconds * 5, "changes were slow")
        return count

    def test_weights(self):
        adit = self.serve(base.two_tracks(self.fast("v1").address, self.fast("v2").address))
        api = self.api(adit)
        count = self.run_load(adit, lambda n: api.weights("shop", canary=(0, 50, 100, 12.34)[n % 4]))
        self.assertGreaterEqual(api.metric("adit_weight_updates_total"), count)

    def test_reload(self):
        stable, canary = self.fast("v1").address, self.fast("v2").address
        adit = self.serve(base.two_tracks(stable, canary))
        api = self.api(adit)
        first = api.metric("adit_config_generation")

        def change(n):
            base.write(
                adit.config,
                base.two_tracks(
                    *((stable, canary), (canary, stable))[n % 2],
                    n % 100,
                    more=f"  cohort: {{header: X-User, salt: s{n}}}\n",
                ),
            )
            answer = api.call("POST", "/api/v1/reload")
            self.assert_status(answer, 200)

        count = self.run_load(adit, change)
        self.assertGreaterEqual(api.metric("adit_config_generation") - first, count * 0.9)

    def test_reload_keeps_connections(self):
        """A connection and an exchange outlive reloads."""
        up = self.mirror("v1")
        adit = self.serve(base.two_tracks(up.address, up.address))
        flag = os.path.join(self.folder(), "go")
        api = self.api(adit)
        with raw.Connection(adit.http[0]) as idle, raw.Connection(adit.http[0]) as busy:
            self.assert_status(idle.ask("/1"), 200)
            busy.send(raw.head("GET", f"/wait/1?{flag}", "wire.test", (), None))
            for n in range(5):
                base.write(adit.config, base.two_tracks(up.address, up.address, n))
                self.assert_status(api.call("POST", "/api/v1/reload"), 200)
            open(flag, "w").close()
            self.assert_status(busy.read(), 200)
            self.assert_status(busy.ask("/2"), 200)
            self.assert_status(idle.ask("/2"), 200)


class Speed(base.Case):
    def test_in_force_within_10_ms(self):
        adit = self.serve(base.two_tracks(self.fast("v1").address, self.fast("v2").address), workers=4)
        api = self.api(adit)
        clients = [raw.Connection(adit.http[0]) for _ in range(16)]
        for c in clients:
            self.addCleanup(c.close)
            c.ask()
        took = []
        for n in range(40):
            percent, name = ((100, "v2"), (0, "v1"))[n % 2]
            start = time.monotonic()
            api.weights("shop", canary=percent)
            took.append(time.monotonic() - start)
            # the answer means that every worker has it
            self.assertEqual({c.ask().get("server") for c in clients}, {name})
        took.sort()
        self.assertLess(took[len(took) // 2], 0.010, took)


class Reload(base.Case):
    """What makes the daemon read its file again."""

    def setUp(self):
        self.ups = {name: self.fast(name).address for name in ("v1", "v2")}

    def text(self, name):
        return f'routes:\n- name: shop\n  tracks: {{stable: {{endpoints: ["{self.ups[name]}"]}}}}\n'

    def becomes(self, adit, name):
        daemon.until(lambda: raw.ask(adit.http[0]).get("server") == name, f"requests to go to {name}")

    def test_write_in_place(self):
        adit = self.serve(self.text("v1"))
        self.becomes(adit, "v1")
        with open(adit.config, "w") as f:
            f.write(self.text("v2"))
        self.becomes(adit, "v2")

    def test_rename(self):
        adit = self.serve(self.text("v1"))
        for name in ("v2", "v1", "v2"):
            base.write(adit.config, self.text(name))
            self.becomes(adit, name)

    def test_remove_and_create(self):
        adit = self.serve(self.text("v1"))
        os.unlink(adit.config)
        self.becomes(adit, "v1")
        with open(adit.config, "w") as f:
            f.write(self.text("v2"))
        self.becomes(adit, "v2")

    def test_mounted_config_map(self):
        """A ConfigMap volume: the file is a link into ..data, itself a link that is swapped."""
        folder = self.folder()

        def put(version, name):
            os.mkdir(os.path.join(folder, f"..{version}"))
            with open(os.path.join(folder, f"..{version}", "adit.yaml"), "w") as f:
                f.write(self.text(name))
            os.symlink(f"..{version}", os.path.join(folder, "..data_tmp"))
            os.rename(os.path.join(folder, "..data_tmp"), os.path.join(folder, "..data"))

        put("2026_1", "v1")
        os.symlink("..data/adit.yaml", os.path.join(folder, "adit.yaml"))
        adit = self.serve(None, path=os.path.join(folder, "adit.yaml"))
        self.becomes(adit, "v1")
        put("2026_2", "v2")
        self.becomes(adit, "v2")
        put("2026_3", "v1")
        self.becomes(adit, "v1")

    def test_hangup(self):
        """SIGHUP reads a file whose change no watch of its folder can see: it is made through another name."""
        adit = self.serve(self.text("v1"))
        adit.signal(signal.SIGHUP)  # nothing has changed: nothing happens
        other = os.path.join(self.folder(), "other.yaml")
        os.link(adit.config, other)
        with open(other, "r+") as f:
            f.write(self.text("v2"))
            f.truncate()
        adit.signal(signal.SIGHUP)
        self.becomes(adit, "v2")
        self.assertTrue(adit.alive())

    def test_bad_file(self):
        adit = self.serve(self.text("v1"))
        api = self.api(adit)
        for bad in (
            "routes: [",
            "routes:\n- name: shop\n  trakcs: {}\n",
            "",
            "routes:\n- name: SHOP!\n  tracks: {stable: {endpoints: []}}\n",
        ):
            base.write(adit.config, bad)
            answer = api.call("POST", "/api/v1/reload")
            self.assertIn(answer.status, (400, 422), answer)
            self.assertEqual(answer.get("content-type"), "application/problem+json")
            self.assertEqual(raw.ask(adit.http[0]).get("server"), "v1")
            daemon.until(lambda: api.metric("adit_config_last_reload_successful") == 0, "the metric to tell")
            ready = api.get("/readyz?verbose")
            self.assert_status(ready, 200)
            self.assertRegex(ready.body.decode(), r"\[~\] \S+ degraded")
        base.write(adit.config, self.text("v2"))
        self.becomes(adit, "v2")
        daemon.until(lambda: api.metric("adit_config_last_reload_successful") == 1, "the metric to recover")

    def test_bad_file_by_watch_is_logged_once(self):
        adit = self.serve(self.text("v1"))
        base.write(adit.config, "routes:\n- name: shop\n  trakcs: {}\n")
        daemon.until(lambda: "trakcs" in adit.log(), "the complaint in the log")
        for _ in range(3):  # the same bad file again: nothing new to tell
            adit.signal(signal.SIGHUP)
        self.assertEqual(raw.ask(adit.http[0]).get("server"), "v1")
        complaints = [x for x in adit.log().splitlines() if "trakcs" in x]
        self.assertEqual(len(complaints), 1, complaints)
        self.assertIn("tracks", complaints[0], "no suggestion")

    def test_listener_added(self):
        first, second = daemon.free_port(), daemon.free_port()
        path = os.path.join(self.folder(), "adit.yaml")
        listeners = "listeners: [{0}]\n"
        one = listeners.format(f'{{address: "127.0.0.1:{first}"}}')
        two = listeners.format(f'{{address: "127.0.0.1:{first}"}}, {{address: "127.0.0.1:{second}"}}')
        base.write(path, one + self.text("v1"))
        adit = self.start(
            "serve", "--config", path, "--admin", "127.0.0.1:0", "--status", "127.0.0.1:0", "--workers", 2
        )
        with raw.Connection(("127.0.0.1", first)) as kept:
            self.assertEqual(kept.ask().get("server"), "v1")
            base.write(path, two + self.text("v1"))

            def answers():
                try:
                    return raw.ask(("127.0.0.1", second)).status == 200
                except OSError:
                    return False

            daemon.until(answers, "the new listener")
            self.assertEqual(kept.ask().get("server"), "v1")
        self.assertTrue(adit.alive())


class State(base.Case):
    def setUp(self):
        self.state = self.folder()
        self.config = base.two_tracks(self.fast("v1").address, self.fast("v2").address, 5)

    def run_once(self):
        return self.serve(self.config, "--state-dir", self.state)

    def weight(self, adit):
        return self.api(adit).get("/api/v1/routes/shop").json()

    def test_override_outlives(self):
        for end in (lambda a: a.stop(), lambda a: a.kill()):
            adit = self.run_once()
            answer = self.api(adit).weights("shop", canary=12.5)
            self.assertIs(answer.json()["durable"], True)
            end(adit)
            again = self.run_once()
            told = self.weight(again)
            self.assertEqual(told["weights"]["canary"], 12.5)
            self.assertEqual(told["weights_from"], "override")
            self.assert_status(self.api(again).call("DELETE", "/api/v1/routes/shop/weights"), 200)
            self.assertEqual(self.weight(again)["weights"]["canary"], 5)
            again.stop()
            third = self.run_once()
            self.assertEqual(self.weight(third)["weights_from"], "declared")
            third.stop()

    def test_ends_when_declared_changes(self):
        adit = self.run_once()
        self.api(adit).weights("shop", canary=12.5)
        base.write(adit.config, self.config.replace("weight: 5", "weight: 6"))
        self.assert_status(self.api(adit).call("POST", "/api/v1/reload"), 200)
        self.assertEqual(self.weight(adit)["weights"]["canary"], 6)

    def test_survives_other_changes(self):
        adit = self.run_once()
        self.api(adit).weights("shop", canary=12.5)
        base.write(adit.config, self.config + "  cohort: {header: X-User}\n")
        self.assert_status(self.api(adit).call("POST", "/api/v1/reload"), 200)
        self.assertEqual(self.weight(adit)["weights"]["canary"], 12.5)

    def test_one_daemon_per_directory(self):
        self.run_once()
        with self.assertRaises(daemon.StartFailed):
            self.run_once()

    def test_not_durable_without(self):
        adit = self.serve(self.config)
        self.assertIs(self.api(adit).weights("shop", canary=1).json()["durable"], False)

    def test_broken_state_is_no_reason_to_stay_away(self):
        adit = self.run_once()
        self.api(adit).weights("shop", canary=12.5)
        adit.stop()
        files = [os.path.join(r, f) for r, _, fs in os.walk(self.state) for f in fs]
        for path in files:
            if os.path.getsize(path) and path.endswith((".json", "overrides", "state")):
                with open(path, "w") as f:
                    f.write("{ broken")
        try:
            again = self.run_once()
        except daemon.StartFailed as e:
            self.assertIn(self.state, str(e), "it must at least name the file")
            return
        self.assertIn(self.weight(again)["weights"]["canary"], (5, 12.5))

    def test_cookie_keys_outlive(self):
        config = self.config.replace("weight: 5", "weight: 50") + "  cohort: {cookie: adit, signed: true}\n"
        adit = self.serve(config, "--state-dir", self.state)
        users = []
        for _ in range(40):
            answer = raw.ask(adit.http[0])
            users.append((answer.get("server"), answer.get("set-cookie").split(";")[0]))
        adit.stop()
        again = self.serve(config, "--state-dir", self.state)
        for name, cookie in users:
            answer = raw.ask(again.http[0], fields=[("Cookie", cookie)])
            self.assertEqual((answer.get("server"), answer.get("set-cookie")), (name, None))


class Problems(base.Case):
    """What the API refuses."""

    def test_put(self):
        adit = self.serve(base.two_tracks(self.fast("v1").address, self.fast("v2").address, 5))
        api = self.api(adit)
        put = lambda body, **f: api.call(
            "PUT", "/api/v1/routes/shop/weights", body, list(f.items())
        )  # noqa: E731
        for body in (
            {"canary": -1},
            {"canary": 0.001},
            {"canary": 100.01},
            {"nowhere": 5},
            {"canary": "5"},
            {"stable": 50},
            [],
            {"canary": None},
        ):
            with self.subTest(body=body):
                answer = put(body)
                self.assertIn(answer.status, (400, 422), answer)
                self.assertEqual(answer.get("content-type"), "application/problem+json")
                self.assertEqual(json.loads(answer.body)["status"], answer.status)
        self.assert_status(put(b"{"), 400)
        self.assert_status(api.call("PUT", "/api/v1/routes/none/weights", {"canary": 1}), 404)
        self.assertEqual(api.get("/api/v1/routes/shop").json()["weights"]["canary"], 5)
        etag = api.get("/api/v1/routes/shop").get("etag")
        self.assert_status(put({"canary": 7}, **{"If-Match": etag}), 200)
        self.assert_status(put({"canary": 8}, **{"If-Match": etag}), 412)
        self.assertEqual(api.get("/api/v1/routes/shop").json()["weights"]["canary"], 7)
