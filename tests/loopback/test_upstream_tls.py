"""TLS to upstreams: nginx behind a certificate, verified or not."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import zlib

import base
import certificates
import daemon
import raw
import upstreams
from test_tls import TlsCase


class SecureNginx:
    """nginx that speaks only TLS and tells what it was asked: name, client certificate, resumption."""

    def __init__(self, pair, clients=None, behind="127.0.0.1:1"):
        self.folder = tempfile.mkdtemp(prefix="upstream.")
        os.chmod(self.folder, 0o755)
        self.port = daemon.free_port()
        self.address = f"127.0.0.1:{self.port}"
        conf = os.path.join(self.folder, "conf")
        asks = f"ssl_client_certificate {clients}; ssl_verify_client on;" if clients else ""
        with open(conf, "w") as f:
            f.write(f"""daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/err;
events {{ worker_connections 256; }}
http {{ access_log off; client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p;
fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
client_max_body_size 0;
server {{ listen {self.address} ssl; ssl_certificate {pair[0]}; ssl_certificate_key {pair[1]};
ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:a:1m; {asks}
location / {{ add_header X-Name "$ssl_server_name"; add_header X-Protocol $ssl_protocol;
add_header X-Reused $ssl_session_reused; add_header X-Client $ssl_client_s_dn;
add_header X-Connection $connection; add_header X-Alpn $ssl_alpn_protocol; return 200 "secure"; }}
location /close {{ keepalive_timeout 0; add_header X-Reused $ssl_session_reused; return 200 "closed"; }}
location /behind {{ proxy_pass http://{behind}; }}
location /files/ {{ alias {self.folder}/; }} }} }}""")
        self.process = subprocess.Popen(
            ["nginx", "-p", self.folder, "-c", conf], stderr=subprocess.DEVNULL, start_new_session=True
        )

        def listens():
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                return False

        daemon.until(listens, "nginx to listen")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


class UpstreamTls(TlsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inner = cls.authority.make("inner", ["localhost", "127.0.0.1"])
        cls.elsewhere = cls.authority.make("elsewhere", ["elsewhere.test"])

    def front(self, endpoint, tls=None, more="", workers=1):
        wish = f", tls: {tls}" if tls is not None else ""
        return self.serve(
            f"""routes:
- name: all
  tracks: {{stable: {{endpoints: ["{endpoint}"]{wish}}}}}
{more}""",
            workers=workers,
        )

    def ask(self, adit, target="/", **more):
        return raw.ask(adit.http[0], target, host="shop.test", **more)

    def refused(self, adit, outcome, status=502, reason="upstream-tls"):
        answer = self.ask(adit)
        self.assert_status(answer, status)
        self.assertIn(f"reason: {reason}".encode(), answer.body)
        api = self.api(adit)
        self.assertGreaterEqual(api.metric("adit_tls_handshakes_total", peer="upstream", outcome=outcome), 1)
        self.assertGreaterEqual(api.metric("adit_refusals_total", reason=reason), 1)

    def test_verified_by_the_endpoints_name_or_address(self):
        nginx = self.keep(SecureNginx(self.inner))
        ca = f"{{ca: {self.authority.cert}}}"
        for endpoint, name in ((f"localhost:{nginx.port}", "localhost"), (f"https://localhost:{nginx.port}", "localhost"), (nginx.address, "")):
            answer = self.ask(self.front(endpoint, ca))
            self.assertEqual(answer.body, b"secure")
            self.assertEqual(answer.get("x-name") or "", name)
            self.assertEqual(answer.get("x-protocol"), "TLSv1.3")
            self.assertEqual(answer.get("x-alpn") or "http/1.1", "http/1.1")

    def test_connections_are_kept_and_sessions_resumed(self):
        nginx = self.keep(SecureNginx(self.inner))
        adit = self.front(nginx.address, f"{{ca: {self.authority.cert}}}")
        with raw.Connection(adit.http[0]) as c:
            seen = {c.ask("/").get("x-connection") for _ in range(10)}
        self.assertEqual(len(seen), 1)
        for _ in range(3):
            self.ask(adit, "/close")
        self.assertEqual(self.ask(adit, "/close").get("x-reused"), "r")
        api = self.api(adit)
        self.assertEqual(
            api.metric("adit_tls_handshakes_total", peer="upstream", outcome="done", resumed="false"), 1
        )
        self.assertGreaterEqual(
            api.metric("adit_tls_handshakes_total", peer="upstream", outcome="done", resumed="true"), 3
        )

    def test_bodies_both_ways(self):
        nginx = self.keep(SecureNginx(self.inner, behind=self.mirror("a").address))
        data = os.urandom(1 << 20) * 16
        with open(os.path.join(nginx.folder, "data"), "wb") as f:
            f.write(data)
        os.chmod(os.path.join(nginx.folder, "data"), 0o644)
        adit = self.front(nginx.address, f"{{ca: {self.authority.cert}}}")
        with raw.Connection(adit.http[0]) as c:
            self.assertTrue(c.ask("/files/data").body == data)
            told = c.ask("/behind", method="POST", body=data).json()
            self.assertEqual((told["body"], told["crc"]), (len(data), zlib.crc32(data)))
            self.assertTrue(c.ask("/files/data").body == data)

    def test_who_cannot_be_verified_is_refused(self):
        nginx = self.keep(SecureNginx(self.inner))
        ca = self.authority.cert
        stranger = certificates.Authority(self.folder())
        for wish in ("{}", f"{{ca: {stranger.cert}}}", f"{{ca: {ca}, server_name: elsewhere.test}}"):
            self.refused(self.front(nginx.address, wish), "untrusted")
        adit = self.front(nginx.address, f"{{ca: {ca}, server_name: localhost}}")
        self.assertEqual(self.ask(adit).get("x-name"), "localhost")
        adit = self.front(nginx.address, "{verify: false, server_name: whatever.test, sni: false}")
        self.assertEqual(self.ask(adit).get("x-name") or "", "")

    def test_a_plain_upstream_is_no_secure_one(self):
        plain = self.keep(upstreams.Nginx("plain"))
        self.refused(self.front(plain.address, "{verify: false}"), "malformed")

    def test_a_client_certificate_is_shown(self):
        ours = self.authority.make("adit")
        nginx = self.keep(SecureNginx(self.inner, clients=self.authority.cert))
        ca = self.authority.cert
        adit = self.front(nginx.address, f"{{ca: {ca}, cert: {ours[0]}, key: {ours[1]}}}")
        self.assertEqual(self.ask(adit).get("x-client"), "CN=adit,O=Adit")
        self.assert_status(self.ask(self.front(nginx.address, f"{{ca: {ca}}}")), 400)

    def test_a_handshake_that_does_not_end_is_given_up(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        adit = self.front(
            "127.0.0.1:%d" % silent.getsockname()[1],
            "{verify: false}",
            more="timeouts: {tls_handshake: 200ms}\n",
        )
        self.refused(adit, "timeout", 504, "upstream-tls-timeout")

    def test_an_answer_that_ends_with_the_connection_must_say_so(self):
        import ssl

        listening = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listening.close)
        with_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with_context.load_cert_chain(*self.inner)

        def answer():
            for proper in (True, False):
                one, _ = listening.accept()
                secure = with_context.wrap_socket(one, server_side=True, suppress_ragged_eofs=False)
                secure.recv(65536)
                secure.sendall(b"HTTP/1.1 200 OK\r\n\r\nwhole")
                if proper:
                    secure = secure.unwrap()
                secure.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        adit = self.front("127.0.0.1:%d" % listening.getsockname()[1], f"{{ca: {self.authority.cert}}}")
        self.assertEqual(self.ask(adit).body, b"whole")
        with self.assertRaises((raw.Closed, ConnectionError, ValueError)):
            self.ask(adit)
        thread.join(10)

    def test_changed_settings_share_no_connection(self):
        nginx = self.keep(SecureNginx(self.inner))
        wish = f"{{ca: {self.authority.cert}, server_name: localhost}}"
        adit = self.front(nginx.address, wish)
        self.assertEqual(self.ask(adit).get("x-name"), "localhost")
        text = open(adit.config).read()
        base.write(adit.config, text.replace(wish, f"{{ca: {self.authority.cert}, server_name: elsewhere.test}}"))
        daemon.until(lambda: self.ask(adit).status == 502, "the name to count")

    def test_bad_files_are_named(self):
        path = os.path.join(self.folder(), "adit.yaml")
        base.write(
            path,
            f"""routes:
- name: all
  tracks:
    stable: {{endpoints: [127.0.0.1], tls: {{cert: {self.inner[0]}, key: {self.elsewhere[1]}}}}}
    canary: {{endpoints: [127.0.0.1], tls: {{ca: missing.crt}}}}
""",
        )
        done = subprocess.run(
            [base.BINARY, "check", "--config", path], capture_output=True, text=True, timeout=20
        )
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r":4:\d+: error: routes\[0\].tracks.stable.tls: .*does not belong")
        self.assertRegex(done.stderr, r":5:\d+: error: routes\[0\].tracks.canary.tls.ca: .*missing.crt")

    def test_proxy_takes_https_urls(self):
        nginx = self.keep(SecureNginx(self.inner))
        adit = self.start(
            "proxy", "--stable", f"https://localhost:{nginx.port}", "--http", "127.0.0.1:0",
            "--admin", "127.0.0.1:0", env={"SSL_CERT_FILE": self.authority.cert},
        )  # fmt: skip
        self.assertEqual(self.ask(adit).body, b"secure")
