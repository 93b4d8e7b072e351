"""Starts the program under test and tells where it listens.

    with Adit(binary, "proxy", "--stable", url, "--http", "127.0.0.1:0") as adit:
        adit.http[0]        # ("127.0.0.1", 43210)

The program prints one JSON line on stdout once it serves; that line is the only synchronisation, there are
no sleeps.
"""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time


def repository():
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def default_binary():
    return os.environ.get("ADIT") or os.path.join(repository(), "build", "release", "adit")


def sanitized(program):
    """Whether the program carries a sanitizer's runtime, which allocates and calls the kernel on its own account."""
    try:
        with open(program, "rb") as file:
            text = file.read()
    except OSError:
        return False
    return b"__asan_init" in text or b"__tsan_init" in text


def authority(text):
    """ "127.0.0.1:80" or "[::1]:80" as (host, port)."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def until(condition, what, seconds=10.0, step=0.002):
    """The first true value of condition(), asked again and again; AssertionError at the deadline."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(step)


def free_port():
    """A port that was free a moment ago: only for programs that cannot bind port 0 and tell."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class StartFailed(Exception):
    pass


class Adit:
    """One running `adit COMMAND …`. `wrap` goes before the program (strace, taskset), `env` is added to the
    environment, `given` are descriptors that it inherits."""

    def __init__(self, binary, *arguments, wrap=(), env=None, seconds=20.0, given=()):
        self.errors = tempfile.NamedTemporaryFile(prefix="adit.", suffix=".err", delete=False)
        self.argv = [*wrap, binary, *map(str, arguments)]
        self.process = subprocess.Popen(
            self.argv,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=dict(os.environ, **(env or {})),
            start_new_session=True,
            pass_fds=given,
        )
        self.lines = []
        self.ready = None
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        with self.changed:
            self.changed.wait_for(
                lambda: self.ready or self.process.poll() is not None and not self.reader.is_alive(), seconds
            )
        if not self.ready:
            log = self.log()[-1500:]
            self.kill()
            raise StartFailed(f"{' '.join(self.argv)} said no ready line in {seconds} s; stderr: {log}")
        self.http = [authority(x) for x in self.ready["http"]]
        self.https = [authority(x) for x in self.ready["https"]]
        self.admin = authority(self.ready["admin"]) if self.ready.get("admin") else None
        self.status = authority(self.ready["status"]) if self.ready.get("status") else None

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line)
                if self.ready is None and line.startswith("{"):
                    try:
                        word = json.loads(line)
                    except ValueError:
                        word = {}
                    if word.get("adit") == "ready":
                        self.ready = word
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    @property
    def pid(self):
        """The daemon itself, also when a wrapper started it."""
        if self.process.args[0].endswith("adit"):
            return self.process.pid
        try:
            kids = open(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read().split()
        except OSError:
            kids = []
        return int(kids[0]) if kids else self.process.pid

    def log(self):
        """What it wrote to stderr so far."""
        with open(self.errors.name, errors="replace") as f:
            return f.read()

    def alive(self):
        return self.process.poll() is None

    def resident(self, field="VmRSS"):
        """A memory figure of /proc/PID/status, in bytes."""
        text = open(f"/proc/{self.pid}/status").read()
        return int(re.search(rf"^{field}:\s+(\d+) kB", text, re.M).group(1)) * 1024

    def signal(self, number):
        os.kill(self.pid, number)

    def stop(self, seconds=15.0):
        """SIGTERM and wait; the exit code."""
        if self.alive():
            self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds=15.0):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"adit did not end in {seconds} s; stderr: {self.log()[-800:]}") from None

    def kill(self):
        if self.alive():
            self.signal(signal.SIGKILL)
            self.process.wait(10)
        self.process.stdout.close()
        self.errors.close()
        if os.path.exists(self.errors.name):
            os.unlink(self.errors.name)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if self.alive():
                self.signal(signal.SIGTERM)
                self.process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.kill()
