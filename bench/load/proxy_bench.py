#!/usr/bin/env python3
"""Side-by-side benchmark of HTTP/1.1 reverse proxies on a small noisy machine.

Every proxy runs at once, pinned to core 1 with one worker; wrk and the upstream share core 0. Rounds are
interleaved (A B C A B C ...), so drift and neighbours hit all alike. Trust the CPU microseconds of a proxy
per request and their ratios (medians of the ratios within a round), never absolute throughput.

  proxy_bench.py                          nginx, haproxy and adit, all workloads
  proxy_bench.py --quick                  three workloads in short rounds, under a minute
  proxy_bench.py --save                   also writes bench/results/DATE-COMMIT.md and .json
  proxy_bench.py --only nginx,adit --workloads browser1k --rounds 9 --syscalls
  proxy_bench.py --proxy 'old=/tmp/adit proxy --stable http://{upstream} --http 127.0.0.1:{port} --workers 1'

Placeholders in commands: {port} {tls_port} {cert} {key} {pem} {upstream} {upstream_port} {dir} {conf} {adit}; in a configuration (--conf
NAME=FILE, or NAME=@nginx for a built-in one) they are written [[port]] and so on.
Needs wrk and cc; h2load (nghttp2-client) for the workload at a fixed rate; strace for --syscalls.
"""

import argparse
import json
import os
import platform
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import processes  # noqa: E402
import workloads  # noqa: E402

NGINX = """
worker_processes 1; daemon off; pid [[dir]]/pid; error_log [[dir]]/error.log crit; worker_rlimit_nofile 20000;
events { worker_connections 8192; }
http {
  access_log off; client_body_temp_path [[dir]]/b; proxy_temp_path [[dir]]/p; fastcgi_temp_path [[dir]]/f;
  uwsgi_temp_path [[dir]]/u; scgi_temp_path [[dir]]/s; keepalive_requests 10000000; client_body_buffer_size
  64k;
  upstream up { server [[upstream]]; keepalive 2048; keepalive_requests 10000000; }
  server {
    listen [[port]] backlog=4096;
    listen [[tls_port]] ssl backlog=4096; ssl_certificate [[cert]]; ssl_certificate_key [[key]];
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host
      $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_max_temp_file_size 0;
    }
  }
}
"""
HAPROXY = """
global
  nbthread 1
  maxconn 8000
  log /dev/null local0 emerg
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option http-keep-alive
  option forwardfor
  http-reuse always
frontend f
  bind :[[port]] backlog 4096
  bind :[[tls_port]] ssl crt [[pem]] backlog 4096
  http-request set-header X-Forwarded-Proto http
  default_backend b
backend b
  server s [[upstream]] pool-max-conn 2048
"""
# ingress-nginx turns response buffering off (proxy_buffer_size 4k, proxy_buffers 4 4k)
UNBUFFERED = NGINX.replace(
    "proxy_max_temp_file_size 0;", "proxy_buffering off; proxy_buffer_size 4k; proxy_buffers 4 4k;"
)
BUILTIN = {
    "nginx": ("nginx -p {dir} -c {conf}", NGINX),
    "nginx-nobuf": ("nginx -p {dir} -c {conf}", UNBUFFERED),
    "haproxy": ("haproxy -db -f {conf}", HAPROXY),
    "adit": (
        "{adit} proxy --stable http://{upstream} --http 127.0.0.1:{port} "
        "--https 127.0.0.1:{tls_port} --cert {cert} --key {key} --workers 1",
        None,
    ),
}
PEERS = ("nginx", "haproxy")


def output(*argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=10, cwd=REPOSITORY)
        return (done.stdout + done.stderr).strip()
    except OSError:
        return ""


def machine(adit):
    """What a reader needs to place the figures."""
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*:\s*(.*)", f.read())
    commit = output("git", "rev-parse", "--short=12", "HEAD")
    changed = output(
        "git", "status", "--porcelain", "--untracked-files=no", "--", "gateway", "CMakeLists.txt"
    )
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": commit + (" with changes" if changed else ""),
        "machine": f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores",
        "kernel": platform.release(),
        "load": "%.1f %.1f %.1f" % os.getloadavg(),
        "nginx": output("nginx", "-v").split("/")[-1],
        "haproxy": (output("haproxy", "-v").split() + [""] * 3)[2],
        "adit": " ".join(" ".join(output(adit, "version").split("\n")[:2]).split()),
    }


class Bench:
    def __init__(self, options, names, rounds, seconds):
        self.options, self.names, self.rounds, self.seconds = options, names, rounds, seconds
        self.proxies, self.raw, self.calls = {}, {}, {}
        alone = options.unpinned or (os.cpu_count() or 1) < 2
        self.core_of_proxy, self.core_of_load = (None, None) if alone else ("1", "0")
        self.folder = tempfile.mkdtemp(prefix="proxy_bench.")
        os.chmod(self.folder, 0o755)
        self.client = workloads.Client(self.folder, self.core_of_load)
        self.upstream = None

    def start(self, definitions, order):
        exe = os.path.join(self.folder, "upstream")
        subprocess.run(["cc", "-O2", "-o", exe, os.path.join(HERE, "upstream.c")], check=True)
        self.upstream = subprocess.Popen(
            processes.pinned(self.core_of_load, [exe, "0"]), stdout=subprocess.PIPE, text=True
        )
        port = int(self.upstream.stdout.readline())
        values = {
            "upstream_port": port,
            "upstream": f"127.0.0.1:{port}",
            "adit": shlex.quote(self.options.adit),
            **workloads.make_certificate(self.folder),
        }
        for name in order:
            command, conf = definitions[name]
            program = shlex.split(command.format(port=0, tls_port=0, dir="", conf="", **values))[0]
            if not shutil.which(program):
                print(f"proxy_bench: {name}: no {program} here; left out", file=sys.stderr)
                continue
            proxy = processes.Proxy(name, command, conf, self.folder, values, self.core_of_proxy)
            if proxy.listens:
                self.proxies[name] = proxy
            else:
                print(f"proxy_bench: {name} did not listen: {proxy.tail()}", file=sys.stderr)
                proxy.stop()

    def measure(self, proxy, work):
        proxy.pids = processes.tree(proxy.process.pid)
        processes.reset_peak(proxy.pids)
        cpu, ticks, start = processes.cpu_ns(proxy.pids), processes.ticks(proxy.pids), time.monotonic()
        row = self.client.run(proxy, work, self.seconds)
        if not row:
            return None
        took = time.monotonic() - start
        cpu = processes.cpu_ns(proxy.pids) - cpu
        user, system = (b - a for a, b in zip(ticks, processes.ticks(proxy.pids)))
        share = user / max(1, user + system)
        each = cpu / 1e3 / row["n"]
        row.update(
            cpu=each,
            user=each * share,
            system=each * (1 - share),
            rss=processes.peak_mib(proxy.pids),
            busy=cpu / 1e9 / took,
        )
        return row

    def run(self):
        end = time.monotonic() + self.options.budget
        for name in self.names:
            work = workloads.WORKLOADS[name]
            for proxy in self.proxies.values():  # pools, caches and the allocator
                self.client.run(proxy, work, 1)
            for at in range(self.rounds):
                if time.monotonic() > end:
                    print(f"proxy_bench: out of time in {name}", file=sys.stderr)
                    break
                for proxy in self.proxies.values():
                    row = self.measure(proxy, work)
                    if row:
                        row["round"] = at
                        self.raw.setdefault(name, {}).setdefault(proxy.name, []).append(row)
                    else:
                        print(f"proxy_bench: {proxy.name} {name}: no figure", file=sys.stderr)
        if self.options.syscalls and shutil.which("strace"):
            for name in self.names:
                for proxy in self.proxies.values():
                    self.calls[name, proxy.name] = self.client.calls(proxy, workloads.WORKLOADS[name])

    def stop(self):
        for proxy in self.proxies.values():
            proxy.stop()
        if self.upstream:
            self.upstream.kill()
            self.upstream.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ratio(self, name, proxy, peer, key="cpu"):
        """Median over the rounds of this proxy's figure over the peer's in the same round."""
        mine, others = (
            {r["round"]: r[key] for r in self.raw.get(name, {}).get(x, [])} for x in (proxy, peer)
        )
        pairs = [mine[r] / others[r] for r in mine if r in others and others[r]]
        return statistics.median(pairs) if pairs else None

    def target(self, name, proxy):
        """ "met" or "missed" by the targets of adit, or nothing."""
        if proxy != "adit":
            return ""
        goals = workloads.TARGETS.get(name, {})
        told = []
        for peer, goal in goals.items():
            got = self.ratio(name, proxy, peer)
            if got is not None:
                told.append(f"{'met' if got <= goal else 'missed'}: {got:.2f} of {goal} x {peer}")
        return "; ".join(told)

    def table(self):
        peers = [p for p in PEERS if p in self.proxies]
        head = (
            [
                "workload",
                "proxy",
                "cpu us",
                "user",
                "system",
                *(f"x {p}" for p in peers),
                "spread",
                "req/s",
                "p50 us",
                "p99 us",
                "p99.9 us",
                "peak MiB",
                "busy",
                "errors",
            ]
            + (["calls/req"] if self.calls else [])
            + ["target"]
        )
        lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        for name in self.names:
            for proxy in self.proxies:
                rows = self.raw.get(name, {}).get(proxy)
                if not rows:
                    continue
                median = lambda key: statistics.median(r[key] for r in rows)  # noqa: E731
                ratios = [self.ratio(name, proxy, p) for p in peers]
                costs = [r["cpu"] for r in rows]
                cells = [
                    name,
                    proxy,
                    f"{median('cpu'):.1f}",
                    f"{median('user'):.1f}",
                    f"{median('system'):.1f}",
                    *(f"{r:.2f}" if r else "" for r in ratios),
                    f"{min(costs):.1f}-{max(costs):.1f}",
                    f"{median('rps'):.0f}",
                    *(f"{median(k):.0f}" for k in ("p50", "p99", "p999")),
                    f"{max(r['rss'] for r in rows):.1f}",
                    f"{median('busy'):.2f}",
                    str(sum(r["errors"] for r in rows)),
                ]
                if self.calls:
                    counted = self.calls.get((name, proxy))
                    cells.append(f"{counted[0]:.2f}: {counted[1]}" if counted else "")
                lines.append("| " + " | ".join([*cells, self.target(name, proxy)]) + " |")
        return "\n".join(lines)


def report(bench, told):
    lines = [
        f"# Proxies side by side, {told['date']}",
        "",
        f"Commit {told['commit']}; {told['machine']}, Linux {told['kernel']}, load average {told['load']};",
        f"nginx {told['nginx']}, HAProxy {told['haproxy']}, adit `{told['adit']}`.",
        "One worker each on core 1, wrk and the upstream on core 0; upstream keep-alive on, logs off.",
        f"{bench.rounds} interleaved rounds of {bench.seconds} s; cpu = the proxy's CPU per request in",
        "microseconds; x = median of the ratios within a round; spread = lowest and highest cpu;",
        "busy = share of its core.",
        "",
        bench.table(),
        "",
    ]
    return "\n".join(lines)


def save(bench, told, text):
    folder = os.path.join(REPOSITORY, "bench", "results")
    os.makedirs(folder, exist_ok=True)
    base = os.path.join(folder, f"{told['date'][:10]}-{told['commit'].split()[0]}")
    with open(base + ".md", "w") as f:
        f.write(text)
    with open(base + ".json", "w") as f:
        json.dump(
            {
                "about": told,
                "seconds": bench.seconds,
                "rounds": bench.rounds,
                "raw": bench.raw,
                "syscalls": {f"{w}/{p}": v for (w, p), v in bench.calls.items()},
            },
            f,
            indent=1,
        )
        f.write("\n")
    print(f"written: {base}.md and .json", file=sys.stderr)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--adit", default=os.environ.get("ADIT") or os.path.join(REPOSITORY, "build", "release", "adit")
    )
    parser.add_argument("--proxy", action="append", default=[], metavar="NAME=CMD")
    parser.add_argument("--conf", action="append", default=[], metavar="NAME=FILE|@BUILTIN")
    parser.add_argument(
        "--only",
        help="proxies to run, in order, separated by commas (default: nginx,haproxy,adit and every --proxy)",
    )
    parser.add_argument("--workloads", help="separated by commas: " + " ".join(workloads.WORKLOADS))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=int, help="length of one measurement, whole seconds")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--budget", type=float, default=460, help="seconds for the whole run; shortens measurements to fit"
    )
    parser.add_argument("--syscalls", action="store_true", help="count system calls, too")
    parser.add_argument("--unpinned", action="store_true")
    parser.add_argument("--save", action="store_true", help="write Markdown and JSON into bench/results")
    return parser.parse_args()


def main():
    options = arguments()
    for sign in (signal.SIGTERM, signal.SIGHUP):  # a stopped run still stops its proxies
        signal.signal(sign, lambda *_: sys.exit("proxy_bench: stopped"))
    definitions = dict(BUILTIN)
    for text in options.proxy:
        name, command = text.split("=", 1)
        definitions[name] = (command, definitions.get(name, (None, None))[1])
    for text in options.conf:
        name, where = text.split("=", 1)
        definitions[name] = (
            definitions[name][0],
            definitions[where[1:]][1] if where.startswith("@") else open(where).read(),
        )
    order = (
        options.only.split(",")
        if options.only
        else ["nginx", "haproxy", "adit", *(x.split("=", 1)[0] for x in options.proxy)]
    )
    names = (
        options.workloads.split(",")
        if options.workloads
        else (workloads.QUICK if options.quick else list(workloads.WORKLOADS))
    )
    unknown = [n for n in names if n not in workloads.WORKLOADS] + [n for n in order if n not in definitions]
    if unknown:
        print(f"proxy_bench: unknown: {' '.join(unknown)}", file=sys.stderr)
        return 2
    if options.quick:
        options.budget = min(options.budget, 55)
    rounds = options.rounds or (2 if options.quick else 5)
    measurements = len(order) * len(names) * rounds
    warm = len(order) * len(names) * 1.1
    seconds = int(
        max(1, options.seconds or min(3, (options.budget - 5 - warm) / measurements - 0.15))
    )  # wrk takes whole seconds
    told = machine(options.adit)
    bench = Bench(options, names, rounds, seconds)
    try:
        bench.start(definitions, order)
        if not bench.proxies:
            print("proxy_bench: no proxy is running", file=sys.stderr)
            return 1
        bench.run()
    finally:
        bench.stop()
    text = report(bench, told)
    print(text)
    if options.save:
        save(bench, told, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
