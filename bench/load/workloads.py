"""What is asked of the proxies, and the tools that ask."""

import os
import re
import shutil
import signal
import subprocess
import time

import processes

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Referer": "https://shop.example.com/catalogue/shoes?page=3",
    "Cookie": "session=4f1c2d9e7ab34f6f8d3b9e0c1a2b3c4d; _ga=GA1.2.1234567890.1700000000; canary=never; "
    "theme=dark; "
    "cart=eyJpZCI6MTIzfQ",
    "Upgrade-Insecure-Requests": "1",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "same-origin",
    "Priority": "u=0, i",
    "X-Trace-Id": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}


def make_certificate(folder):
    """Files of a certificate for localhost, as every proxy wants them: {cert, key, pem}."""
    files = {name: os.path.join(folder, name) for name in ("cert", "key", "pem")}
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        + ["-days", "9", "-subj", "/CN=localhost", "-keyout", files["key"], "-out", files["cert"]],
        check=True,
        capture_output=True,
    )
    with open(files["pem"], "w") as out:
        for name in ("cert", "key"):
            with open(files[name]) as part:
                out.write(part.read())
    for path in files.values():
        os.chmod(path, 0o644)
    return files


class Workload:
    """`tls`: "kept" for requests on connections that stay, "new" for a handshake each, "resumed" for one that
    resumes a session."""

    def __init__(self, path, connections, method="GET", body=0, fields=None, rate=0, tls=""):
        self.path, self.connections, self.method, self.body = path, connections, method, body
        self.fields, self.rate, self.tls = fields or {}, rate, tls


WORKLOADS = {
    "tiny": Workload("/", 64),
    "get1k": Workload("/1k", 64),
    "browser1k": Workload("/1k", 64, fields=BROWSER),
    "get64k": Workload("/64k", 32),
    "get1m": Workload("/1m", 8),
    "post16k": Workload("/post", 64, "POST", 16384, {"Content-Type": "application/octet-stream"}),
    "conns1000": Workload("/1k", 1000),
    "close": Workload("/1k", 64, fields={"Connection": "close"}),
    "tls1k": Workload("/1k", 64, tls="kept"),
    "tlsnew": Workload("/1k", 8, tls="new"),
    "tlsresume": Workload("/1k", 8, tls="resumed"),
    "rate5k": Workload("/1k", 50, rate=5000),  # h2load at a fixed rate: latency when not saturated
}
QUICK = ["tiny", "browser1k", "get64k"]
# CPU per request of adit, as a share of that proxy's
TARGETS = {
    "tiny": {"nginx": 0.95},
    "browser1k": {"nginx": 0.85, "haproxy": 0.9},
    "get64k": {"nginx": 0.75},
    "get1m": {"nginx": 0.8},
    "post16k": {"nginx": 0.85},
    "tls1k": {"nginx": 0.9},
    "tlsnew": {"nginx": 1.0},
    "tlsresume": {"nginx": 1.0},
}
LUA = """
wrk.method = os.getenv("BENCH_METHOD")
local n = tonumber(os.getenv("BENCH_BODY"))
if n > 0 then wrk.body = string.rep("x", n) end
for line in os.getenv("BENCH_FIELDS"):gmatch("[^\\n]+") do
  local k, v = line:match("^([^:]+): (.*)$"); wrk.headers[k] = v
end
function done(s, l, r)
  local e = s.errors
  io.write(string.format("BENCH %d %d %d %.0f %.0f %.0f\\n", s.requests, s.duration,
    e.connect + e.read + e.write + e.status + e.timeout, l:percentile(50), l:percentile(99),
    l:percentile(99.9)))
end
"""


class Client:
    """wrk, or h2load where a rate is asked for, on its core."""

    def __init__(self, folder, core):
        self.folder, self.core = folder, core
        self.lua = os.path.join(folder, "wrk.lua")
        with open(self.lua, "w") as f:
            f.write(LUA)

    def run(self, proxy, work, seconds):
        """{n, rps, p50, p99, p999 (µs), errors}, or None."""
        if work.tls in ("new", "resumed"):
            return self.handshakes(proxy.tls_port, work, seconds)
        url = f"https://127.0.0.1:{proxy.tls_port}" if work.tls else f"http://127.0.0.1:{proxy.port}"
        url += work.path
        return self.at_rate(url, work, seconds) if work.rate else self.wrk(url, work, seconds)

    def wrk(self, url, work, seconds):
        env = dict(
            os.environ,
            BENCH_METHOD=work.method,
            BENCH_BODY=str(work.body),
            BENCH_FIELDS="\n".join(f"{k}: {v}" for k, v in work.fields.items()),
        )
        argv = [
            "wrk",
            "-t1",
            f"-c{work.connections}",
            f"-d{int(seconds)}s",
            "--latency",
            "--timeout",
            "5s",
            "-s",
            self.lua,
            url,
        ]
        done = subprocess.run(
            processes.pinned(self.core, argv), env=env, capture_output=True, text=True, timeout=seconds + 30
        )
        told = re.search(r"^BENCH (.*)$", done.stdout, re.M)
        if not told:
            return None
        n, duration, errors, p50, p99, p999 = map(float, told.group(1).split())
        return (
            {"n": n, "rps": n / (duration / 1e6), "p50": p50, "p99": p99, "p999": p999, "errors": int(errors)}
            if n
            else None
        )

    def handshakes(self, port, work, seconds):
        """A connection with its handshake for each request."""
        exe = os.path.join(self.folder, "tlsload")
        if not os.path.exists(exe):
            source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tlsload.c")
            subprocess.run(["cc", "-O2", "-o", exe, source, "-lssl", "-lcrypto"], check=True)
        resume = work.tls == "resumed"
        argv = [exe, str(port), work.path, str(work.connections), str(seconds), str(int(resume))]
        done = subprocess.run(
            processes.pinned(self.core, argv), capture_output=True, text=True, timeout=seconds + 30
        )
        n, errors, reused, p50, p99, p999 = map(float, done.stdout.split())
        if n and (reused / n > 0.5) != resume:
            print(f"proxy_bench: port {port}: {reused / n:.0%} of the handshakes were resumed")
        return (
            {"n": n, "rps": n / seconds, "p50": p50, "p99": p99, "p999": p999, "errors": int(errors)}
            if n
            else None
        )

    def at_rate(self, url, work, seconds):
        if not shutil.which("h2load"):
            return None
        log = os.path.join(self.folder, "h2load.log")
        if os.path.exists(log):
            os.unlink(log)
        total = int(work.rate * seconds)
        argv = [
            "h2load",
            "--h1",
            f"-c{work.connections}",
            "-t1",
            f"-n{total}",
            f"--rps={work.rate / work.connections:g}",
            f"--log-file={log}",
            url,
        ]
        start = time.monotonic()
        subprocess.run(processes.pinned(self.core, argv), capture_output=True, timeout=seconds * 4 + 20)
        took = time.monotonic() - start
        with open(log) as f:
            rows = [line.split("\t") for line in f]
        times = sorted(int(r[2]) for r in rows if len(r) > 2 and r[1] == "200")
        if not times:
            return None
        at = lambda share: float(times[min(len(times) - 1, int(share * len(times)))])  # noqa: E731
        return {
            "n": len(times),
            "rps": len(times) / took,
            "p50": at(0.5),
            "p99": at(0.99),
            "p999": at(0.999),
            "errors": total - len(times),
        }

    def calls(self, proxy, work, seconds=1):
        """(system calls per request, the most frequent as text), counted by strace."""
        out = os.path.join(self.folder, "strace")
        argv = ["strace", "-c", "-f", "-o", out] + [a for pid in proxy.pids for a in ("-p", str(pid))]
        strace = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        strace.stderr.readline()  # "Process … attached"
        result = self.run(proxy, work, seconds)
        strace.send_signal(signal.SIGINT)
        strace.wait(10)
        strace.stderr.close()
        per = {}
        with open(out) as f:
            for line in f:
                parts = line.split()
                if len(parts) >= 5 and parts[0].replace(".", "").isdigit() and parts[-1] != "total":
                    per[parts[-1]] = int(parts[3])
        if not result:
            return None
        top = sorted(per.items(), key=lambda x: -x[1])[:6]
        return sum(per.values()) / result["n"], " ".join(f"{k} {v / result['n']:.2f}" for k, v in top)
