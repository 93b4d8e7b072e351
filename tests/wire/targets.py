"""The proxies that the cases run against, each in front of one programmable upstream.

Stages: `plain` (adit proxy: every host and path goes to the upstream), `served` (adit serve, house defaults),
`slow` (short timeouts, small body limit), `trusted` (the peer's forwarding fields are believed). In the last
three the host names dead.test (refuses), hole.test (never answers a SYN) and empty.test (no endpoint) have
routes of their own; `catch` has no catch-all host. nginx and haproxy keep the cases honest: each of them
fails some that are known.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import upstream

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "loopback"))
import daemon  # noqa: E402


class Closed:
    """An address that refuses."""

    def __init__(self):
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]


class Hole:
    """An address that does not answer a SYN: its accept queue is full."""

    def __init__(self):
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(0)
        self.port = self.sock.getsockname()[1]
        self.fill = []
        for _ in range(4):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", self.port))
            self.fill.append(s)


class Target:
    """A running proxy with its upstream. start() may be called again after a crash."""

    def __init__(self, stage):
        self.stage = stage
        self.upstream = upstream.Upstream()
        self.dead, self.hole = Closed(), Hole()
        self.folder = tempfile.mkdtemp(prefix="wire.")
        os.chmod(self.folder, 0o755)
        self.address = None
        self.start()

    def stop(self):
        self.end()
        self.upstream.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def values(self):
        return {
            "upstream": f"127.0.0.1:{self.upstream.port}",
            "dead": f"127.0.0.1:{self.dead.port}",
            "hole": f"127.0.0.1:{self.hole.port}",
            "dir": self.folder,
        }

    def write(self, name, template, **more):
        path = os.path.join(self.folder, name)
        values = dict(self.values(), **more)
        for key, value in values.items():
            template = template.replace("[[" + key + "]]", str(value))
        with open(path, "w") as f:
            f.write(template)
        return path


ADIT_ROUTES = """
- name: dead
  match: {hosts: [dead.test]}
  tracks: {stable: {endpoints: ["[[dead]]"]}}
- name: hole
  match: {hosts: [hole.test]}
  tracks: {stable: {endpoints: ["[[hole]]"]}}
- name: empty
  match: {hosts: [empty.test]}
  tracks: {stable: {endpoints: []}}
"""
ADIT = """
listeners: [{address: "127.0.0.1:0"}]
[[settings]]
routes:
- name: all
  tracks: {stable: {endpoints: ["[[upstream]]"]}}
""" + ADIT_ROUTES
ADIT_HOSTS = """
listeners: [{address: "127.0.0.1:0"}]
routes:
- name: barrier
  match: {path: {prefix: /-}}
  tracks: {stable: {endpoints: ["[[upstream]]"]}}
- name: shop
  match: {hosts: [shop.test], path: {prefix: /a}}
  tracks: {stable: {endpoints: ["[[upstream]]"]}}
"""
SETTINGS = {
    "served": "",
    "slow": """
timeouts: {head: 1s, body: 1s, idle: 1s, connect: 1s, first_byte: 1s, response: 1s, send: 1s, tunnel_idle: 1s}
limits: {request_line: 8KiB, head: 32KiB, fields: 128, body: 1MiB}
""",
    "trusted": "trusted_proxies: [127.0.0.0/8]",
}


class Adit(Target):
    binary = None

    def start(self):
        url = f"http://127.0.0.1:{self.upstream.port}"
        if self.stage == "plain":
            self.process = daemon.Adit(
                self.binary,
                "proxy",
                "--stable",
                url,
                "--http",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
                "--workers",
                "1",
            )
        else:
            template = ADIT_HOSTS if self.stage == "catch" else ADIT
            conf = self.write("adit.yaml", template, settings=SETTINGS.get(self.stage, ""))
            self.process = daemon.Adit(
                self.binary,
                "serve",
                "--config",
                conf,
                "--admin",
                "127.0.0.1:0",
                "--status",
                "127.0.0.1:0",
                "--workers",
                "1",
            )
        self.address = self.process.http[0]

    def alive(self):
        return self.process.alive()

    def end(self):
        self.process.kill()

    def log(self):
        return self.process.log()


class Peer(Target):
    """A proxy that must be told its port."""

    def launch(self, argv):
        self.errors = open(os.path.join(self.folder, "stderr"), "ab")
        self.process = subprocess.Popen(argv, stdout=self.errors, stderr=self.errors, start_new_session=True)

        def listens():
            if self.process.poll() is not None:
                raise daemon.StartFailed(f"{argv[0]}: {self.log()[-500:]}")
            try:
                socket.create_connection(self.address, 1).close()
                return True
            except OSError:
                return False

        daemon.until(listens, f"{argv[0]} to listen")

    def alive(self):
        return self.process.poll() is None

    def end(self):
        if self.alive():
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(3)
        self.errors.close()

    def log(self):
        with open(os.path.join(self.folder, "stderr"), errors="replace") as f:
            return f.read()


NGINX = """
worker_processes 1; daemon off; pid [[dir]]/pid; error_log [[dir]]/error.log crit;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path [[dir]]/b; proxy_temp_path [[dir]]/p; fastcgi_temp_path [[dir]]/f;
  uwsgi_temp_path [[dir]]/u; scgi_temp_path [[dir]]/s; large_client_header_buffers 4 8k; client_max_body_size
  [[body]];
  [[timeouts]]
  upstream up { server [[upstream]]; keepalive 64; }
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen [[port]] default_server;
    proxy_http_version 1.1; proxy_set_header Connection $connection_upgrade; proxy_set_header Upgrade
    $http_upgrade;
    proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header
    X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Port $server_port;
    proxy_set_header X-Request-ID $request_id; proxy_request_buffering off; proxy_buffering off;
    location / { proxy_pass http://up; }
  }
  server { listen [[port]]; server_name dead.test; location / { proxy_pass http://[[dead]]; } }
  server { listen [[port]]; server_name hole.test; location / { proxy_pass http://[[hole]]; } }
  server { listen [[port]]; server_name empty.test; location / { return 503; } }
}
"""
NGINX_SLOW = """client_header_timeout 1s; client_body_timeout 1s; keepalive_timeout 1s;
  send_timeout 1s; proxy_connect_timeout 1s;
  proxy_read_timeout 1s; proxy_send_timeout 1s;"""


class Nginx(Peer):
    def start(self):
        self.address = ("127.0.0.1", daemon.free_port())
        slow = self.stage == "slow"
        conf = self.write(
            "nginx.conf",
            NGINX,
            port=f"127.0.0.1:{self.address[1]}",
            timeouts=NGINX_SLOW if slow else "",
            body="1m" if slow else "0",
        )
        self.launch(["nginx", "-p", self.folder, "-c", conf])


HAPROXY = """
global
  nbthread 1
  log /dev/null local0 emerg
defaults
  mode http
  timeout connect [[connect]]
  timeout client [[t]]
  timeout server [[t]]
  timeout http-request [[t]]
  timeout http-keep-alive [[t]]
  option http-keep-alive
  http-reuse always
frontend f
  bind 127.0.0.1:[[port]]
  http-request del-header X-Forwarded-For
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http
  use_backend dead if { hdr(host) -i dead.test }
  use_backend hole if { hdr(host) -i hole.test }
  use_backend empty if { hdr(host) -i empty.test }
  default_backend b
backend b
  server s [[upstream]]
backend dead
  server s [[dead]]
backend hole
  server s [[hole]]
backend empty
"""


class Haproxy(Peer):
    def start(self):
        self.address = ("127.0.0.1", daemon.free_port())
        slow = self.stage == "slow"
        conf = self.write(
            "haproxy.conf",
            HAPROXY,
            port=self.address[1],
            t="1s" if slow else "60s",
            connect="1s" if slow else "5s",
        )
        self.launch(["haproxy", "-db", "-f", conf])


KINDS = {"adit": Adit, "nginx": Nginx, "haproxy": Haproxy}


def barrier(address, scene_time=5.0):
    """A request that goes all the way: what the proxy did before it has by then reached the upstream."""
    end = time.monotonic() + scene_time
    with socket.create_connection(address, scene_time) as s:
        s.sendall(b"GET /-/barrier HTTP/1.1\r\nHost: wire.test\r\nConnection: close\r\n\r\n")
        s.settimeout(max(0.1, end - time.monotonic()))
        data = b""
        while True:
            got = s.recv(65536)
            if not got:
                break
            data += got
    if not data.startswith(b"HTTP/1.1 200 "):
        raise AssertionError(f"the proxy does not serve any more: {data[:80]!r}")
