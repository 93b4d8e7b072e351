#!/usr/bin/env python3
"""What the image promises: small, without rights, on a read-only root, a working canary by default, drained on SIGTERM.

Wants the environment variable ADIT_IMAGE; tests/image/run.sh builds it and calls this.
"""

import http.client
import json
import os
import re
import socket
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

IMAGE = os.environ["ADIT_IMAGE"]
SIZE_CEILING = 120_000_000
PATIENCE = 30  # seconds until something that must happen counts as failed
LOCKED = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]


def docker(*arguments, check=True):
    done = subprocess.run(["docker", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"docker {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}")
    return done.stdout.strip()


def eventually(what, probe):
    """The first true answer of probe(), asked until PATIENCE is over."""
    end = time.monotonic() + PATIENCE
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.05)


def fetch(port, path="/", **headers):
    """(status, headers, body), or None while nobody answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
    except (OSError, http.client.HTTPException):
        return None


class Container:
    def __init__(self, test, options, *command):
        self.name = docker("run", "-d", *LOCKED, *options, IMAGE, *command)
        test.addCleanup(docker, "rm", "-f", self.name, check=False)

    def port(self, inside):
        return int(docker("port", self.name, str(inside)).splitlines()[0].rsplit(":", 1)[1])

    def logs(self):
        return docker("logs", self.name)

    def exit_code(self):
        return int(docker("inspect", "-f", "{{.State.ExitCode}}", self.name))


class SlowUpstream(BaseHTTPRequestHandler):
    """Answers / at once; /slow gets its head, then its body only when `release` is set."""

    protocol_version = "HTTP/1.1"
    release = threading.Event()
    begun = threading.Event()

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"first")
        self.wfile.flush()
        if self.path == "/slow":
            self.begun.set()
            self.release.wait(PATIENCE)
        self.wfile.write(b"after")

    def log_message(self, *_):
        pass


class ImageTest(unittest.TestCase):
    def test_size_and_settings(self):
        facts = json.loads(docker("image", "inspect", IMAGE))[0]
        self.assertLess(facts["Size"], SIZE_CEILING)
        config = facts["Config"]
        self.assertEqual(config["User"], "65532:65532")
        self.assertEqual((config["Entrypoint"], config["Cmd"]), (["adit"], ["demo"]))
        self.assertEqual(sorted(config["ExposedPorts"]), ["8080/tcp", "9090/tcp"])
        self.assertEqual(config["StopSignal"], "SIGTERM")

    def test_version(self):
        self.assertRegex(docker("run", "--rm", *LOCKED, IMAGE, "version"), r"\d+\.\d+\.\d+")

    def test_root_is_not_written_and_user_has_no_rights(self):
        shell = ["run", "--rm", *LOCKED, "--entrypoint", "sh", IMAGE, "-c"]
        self.assertEqual(docker(*shell, "id -u; id -g"), "65532\n65532")
        self.assertIn("Read-only", docker(*shell, "touch /tmp/x", check=False))
        self.assertIn("Permission denied", docker(*[a for a in shell if a != "--read-only"], "touch /etc/x", check=False))

    def test_demo_answers_with_both_tracks(self):
        demo = Container(self, ["-p", "127.0.0.1::8080", "-p", "127.0.0.1::9090"])
        http_port, admin_port = demo.port(8080), demo.port(9090)
        answer = eventually("the demo answers", lambda: fetch(http_port))
        self.assertEqual(answer[0], 200, demo.logs())

        self.assertEqual(eventually("admin answers", lambda: fetch(admin_port, "/api/v1/routes"))[0], 401)
        token = self.token_in(demo, admin_port)
        routes = json.loads(fetch(admin_port, "/api/v1/routes", Authorization=f"Bearer {token}")[2])
        self.assertIn("canary", json.dumps(routes))
        metrics = eventually("traffic on both tracks", lambda: self.both_tracks(fetch(admin_port, "/metrics",
                             Authorization=f"Bearer {token}")[2].decode()))
        self.assertIn("adit_requests_total", metrics)

        began = time.monotonic()
        docker("stop", "-t", str(PATIENCE), demo.name)
        self.assertLess(time.monotonic() - began, PATIENCE - 5)
        self.assertEqual(demo.exit_code(), 0, demo.logs())

    def token_in(self, demo, admin_port):
        """The word of the log that opens the admin API."""
        def probe():
            for word in set(re.findall(r"[A-Za-z0-9_=-]{16,}", demo.logs())):
                answer = fetch(admin_port, "/api/v1/routes", Authorization=f"Bearer {word}")
                if answer and answer[0] == 200:
                    return word
            return None
        return eventually(f"a token in the log of the demo:\n{demo.logs()}", probe)

    @staticmethod
    def both_tracks(text):
        lines = [line for line in text.splitlines() if line.startswith("adit_requests_total{")]
        seen = {track for track in ("stable", "canary") for line in lines if f'track="{track}"' in line}
        return text if len(seen) == 2 else None

    def test_serve_drains_on_sigterm(self):
        upstream = ThreadingHTTPServer(("127.0.0.1", 0), SlowUpstream)
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        self.addCleanup(upstream.server_close)
        self.addCleanup(upstream.shutdown)
        self.addCleanup(SlowUpstream.release.set)

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = f"""
listeners: [{{address: "127.0.0.1:{port}"}}]
routes:
- name: slow
  match: {{path: {{prefix: /}}}}
  tracks:
    stable: {{endpoints: ["127.0.0.1:{upstream.server_address[1]}"]}}
"""
        # The file goes in by way of a volume that a container without Adit's restrictions fills.
        volume = docker("volume", "create")
        self.addCleanup(docker, "volume", "rm", "-f", volume, check=False)
        docker("run", "--rm", "-u", "0", "-e", f"TEXT={config}", "-v", f"{volume}:/etc/adit", "--entrypoint", "sh", IMAGE,
               "-c", 'printf "%s" "$TEXT" > /etc/adit/adit.yaml && chmod -R a+rX /etc/adit')
        served = Container(self, ["--network", "host", "-v", f"{volume}:/etc/adit:ro"],
                           "serve", "--config", "/etc/adit/adit.yaml", "--admin", "127.0.0.1:0", "--status", "127.0.0.1:0")
        self.assertEqual(eventually(f"serve answers\n{served.logs()}", lambda: fetch(port))[2], b"firstafter")

        got = []
        slow = threading.Thread(target=lambda: got.append(fetch(port, "/slow")))
        slow.start()
        self.assertTrue(SlowUpstream.begun.wait(PATIENCE))
        stop = threading.Thread(target=docker, args=("stop", "-t", str(PATIENCE), served.name))
        stop.start()
        eventually("no new connections are taken", lambda: self.refuses(port))
        SlowUpstream.release.set()
        slow.join(PATIENCE)
        stop.join(PATIENCE)
        self.assertEqual(got[0][0], 200)
        self.assertEqual(got[0][2], b"firstafter")
        self.assertEqual(served.exit_code(), 0, served.logs())

    @staticmethod
    def refuses(port):
        with socket.socket() as probe:
            probe.settimeout(2)
            return probe.connect_ex(("127.0.0.1", port)) != 0


if __name__ == "__main__":
    unittest.main()
