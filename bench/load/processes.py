"""Processes under measurement: starting them on a core, and their CPU time and memory as the kernel counts
them."""

import os
import re
import shlex
import signal
import socket
import subprocess
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def pinned(core, argv):
    return (["taskset", "-c", core] if core else []) + argv


def wait_port(port, process, limit=10):
    end = time.monotonic() + limit
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.3).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False


def tree(pid):
    """A process with all below it."""
    kids = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as f:
                    kids.setdefault(int(f.read().rsplit(")", 1)[1].split()[1]), []).append(int(name))
            except (OSError, IndexError):
                pass
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += kids.get(one, [])
    return found


def cpu_ns(pids):
    """Nanoseconds on a CPU over all threads, from the scheduler."""
    total = 0
    for pid in pids:
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/schedstat") as f:
                    total += int(f.read().split()[0])
        except OSError:
            pass
    return total


def ticks(pids):
    """(user, system) in clock ticks: coarse, so only their ratio is used."""
    user = system = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as f:
                parts = f.read().rsplit(")", 1)[1].split()
            user, system = user + int(parts[11]), system + int(parts[12])
        except OSError:
            pass
    return user, system


def reset_peak(pids):
    for pid in pids:
        try:
            with open(f"/proc/{pid}/clear_refs", "w") as f:
                f.write("5")
        except OSError:
            pass


def peak_mib(pids):
    kib = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/status") as f:
                kib += int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1))
        except (OSError, AttributeError):
            pass
    return kib / 1024


class Proxy:
    """One proxy; `command` and `conf` hold placeholders, {port} and [[port]]. It speaks TLS at its tls_port."""

    def __init__(self, name, command, conf, folder, values, core):
        self.name, self.folder = name, os.path.join(folder, name)
        self.port, self.tls_port = free_port(), free_port()
        os.makedirs(self.folder)
        os.chmod(self.folder, 0o755)
        values = dict(values, port=self.port, tls_port=self.tls_port, dir=self.folder, conf=os.path.join(self.folder, "conf"))
        if conf:
            with open(values["conf"], "w") as f:
                f.write(re.sub(r"\[\[(\w+)\]\]", lambda m: str(values[m.group(1)]), conf))
        self.log = os.path.join(self.folder, "log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                pinned(core, shlex.split(command.format(**values))),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.listens = wait_port(self.port, self.process)
        self.pids = tree(self.process.pid)

    def tail(self):
        with open(self.log, errors="replace") as f:
            return f.read()[-400:]

    def stop(self):
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(2)
                return
            except subprocess.TimeoutExpired:
                continue
            except OSError:
                return
