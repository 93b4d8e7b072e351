"""What the loopback tests share: a TestCase that starts adit, upstreams and folders, and puts them away."""

import math
import os
import shutil
import tempfile
import unittest

import daemon
import raw
import upstreams

BINARY = daemon.default_binary()
LONG = bool(os.environ.get("ADIT_LONG"))


class Case(unittest.TestCase):
    def folder(self):
        path = tempfile.mkdtemp(prefix="loopback.")
        self.addCleanup(shutil.rmtree, path, True)
        return path

    def start(self, *arguments, **more):
        adit = daemon.Adit(BINARY, *arguments, **more)
        self.addCleanup(adit.__exit__, None, None, None)
        return adit

    def proxy(self, stable, canary=None, weight=None, workers=2, **more):
        arguments = [
            "proxy",
            "--stable",
            f"http://{stable}",
            "--http",
            "127.0.0.1:0",
            "--admin",
            "127.0.0.1:0",
            "--workers",
            workers,
        ]
        if canary:
            arguments += ["--canary", f"http://{canary}", "--weight", weight]
        return self.start(*arguments, **more)

    def serve(self, config, *arguments, workers=2, path=None, **more):
        """`adit serve` with a configuration as text; its file is adit.config."""
        if path is None:
            path = os.path.join(self.folder(), "adit.yaml")
            write(path, config)
        adit = self.start(
            "serve",
            "--config",
            path,
            "--http",
            "127.0.0.1:0",
            "--admin",
            "127.0.0.1:0",
            "--status",
            "127.0.0.1:0",
            "--workers",
            workers,
            *arguments,
            **more,
        )
        adit.config = path
        return adit

    def keep(self, thing):
        """Stops an upstream at the end of the test."""
        self.addCleanup(thing.stop)
        return thing

    def mirror(self, name):
        return self.keep(upstreams.mirror(name))

    def fast(self, name):
        return self.keep(upstreams.fast(name))

    def api(self, adit):
        return raw.Api(adit.admin)

    def assert_status(self, answer, status):
        self.assertEqual(answer.status, status, answer)

    def assert_share(self, hits, total, percent, sigmas=5.0):
        """hits of total are within so many standard deviations of the binomial with that probability."""
        p = percent / 100
        if percent in (0, 100):
            self.assertEqual(hits, total * p)
            return
        spread = math.sqrt(total * p * (1 - p))
        self.assertLess(abs(hits - total * p), sigmas * spread, f"{hits} of {total} at {percent} %")


def write(path, text):
    """Replaces a file in one step, as editors and kubelet do."""
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)


def two_tracks(stable, canary, weight=0, name="shop", more="", hosts=""):
    match = f"  match: {{hosts: [{hosts}]}}\n" if hosts else ""
    return f"""
routes:
- name: {name}
{match}  tracks:
    stable: {{endpoints: ["{stable}"]}}
    canary: {{endpoints: ["{canary}"], weight: {weight}}}
{more}"""
