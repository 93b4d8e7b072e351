"""Compression: real curl against a raw upstream, the bytes on the wire, streams, and what must not be touched."""

import gzip
import subprocess
import threading
import zlib

import base
import raw
from scripted import Scripted, answer

PAGE = b"<p>adit, the way into the mountain, canary first</p>\n" * 400


HTML = "Content-Type: text/html; charset=utf-8"
CACHING = [
    'ETag: "a-b,c"',
    "Age:  7",
    "cache-control: public,max-age=60 , stale-while-revalidate=30",
    "Expires: Thu, 01 Dec 1994 16:00:00 GMT",
    "Last-Modified: Tue, 15 Nov 1994 12:45:26 GMT",
    "Vary: Cookie,  Accept",
]


class Compression(base.Case):
    def gateway(self, answers, compress="{}"):
        upstream = self.keep(Scripted(answers))
        adit = self.serve(
            f'routes: [{{name: shop, compress: {compress}, tracks: {{stable: {{endpoints: ["{upstream.address}"]}}}}}}]'
        )
        self.upstream = upstream
        return adit

    def curl(self, adit, path, *arguments):
        url = "http://{}:{}{}".format(*adit.http[0], path)
        done = subprocess.run(["curl", "-sS", "-D", "-", *arguments, url], capture_output=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        return {k.lower(): v for k, v in fields.items()}, body

    def test_curl_reads_what_was_compressed(self):
        adit = self.gateway({"/": answer(PAGE, HTML, 'ETag: "v1"')})
        for accepts, coding in (("br", "br"), ("gzip", "gzip"), ("gzip;q=1, br;q=0.5", "gzip")):
            with self.subTest(accepts):
                fields, body = self.curl(adit, "/", "--compressed", "-H", f"Accept-Encoding: {accepts}")
                self.assertEqual(body, PAGE)
                self.assertEqual(fields["content-encoding"], coding)
                self.assertEqual(fields["vary"], "Accept-Encoding")
                self.assertEqual(fields["etag"], 'W/"v1"')
                self.assertNotIn("content-length", fields)
        fields, body = self.curl(adit, "/", "--compressed")
        self.assertEqual((body, fields["content-encoding"]), (PAGE, "br"))

    def test_the_bytes_are_fewer_and_counted(self):
        adit = self.gateway({"/": answer(PAGE, HTML)}, "{encodings: [gzip], level: 9}")
        with raw.Connection(adit.http[0]) as c:
            for _ in range(3):  # one connection: the framing holds
                got = c.ask("/", fields=[("Accept-Encoding", "gzip")])
                self.assertEqual(got.get("transfer-encoding"), "chunked")
                self.assertLess(len(got.body), len(PAGE) // 10)
                self.assertEqual(gzip.decompress(got.body), PAGE)
        api = self.api(adit)
        self.assertEqual(api.metric("adit_compressed_responses_total"), 3)
        self.assertEqual(api.metric("adit_compression_input_bytes_total"), 3 * len(PAGE))
        self.assertEqual(api.metric("adit_compression_output_bytes_total"), 3 * len(got.body))

    def test_what_is_left_alone(self):
        coded = gzip.compress(PAGE)
        adit = self.gateway(
            {
                "/small": answer(b"small", HTML),
                "/png": answer(PAGE, "Content-Type: image/png"),
                "/coded": answer(coded, HTML, "Content-Encoding: gzip"),
                "/fixed": answer(PAGE, HTML, "Cache-Control: no-transform"),
                "/part": answer(PAGE, HTML, "Content-Range: bytes 0-1/2", status="206 Partial Content"),
                "/none": answer(b"", HTML, status="204 No Content", length=False),
            }
        )
        with raw.Connection(adit.http[0]) as c:
            for path, body in (
                ("/small", b"small"),
                ("/png", PAGE),
                ("/coded", coded),
                ("/fixed", PAGE),
                ("/part", PAGE),
            ):
                got = c.ask(path, fields=[("Accept-Encoding", "gzip")])
                self.assertEqual((got.body, got.get("content-length")), (body, str(len(body))), path)
                self.assertIsNone(got.get("vary"), path)
            self.assertEqual(c.ask("/none", fields=[("Accept-Encoding", "gzip")]).status, 204)
            got = c.ask("/fixed")
            self.assertEqual(got.body, PAGE)

    def test_who_asks_for_nothing_gets_it_as_it_is(self):
        adit = self.gateway({"/": answer(PAGE, HTML, 'ETag: "v1"')})
        got = raw.ask(adit.http[0])
        self.assertEqual((got.body, got.get("etag"), got.get("vary")), (PAGE, '"v1"', "Accept-Encoding"))
        self.assertIsNone(got.get("content-encoding"))

    def test_head_and_http_1_0(self):
        # The answer to HEAD has the length of what GET would bring, but no body.
        bare = answer(PAGE, HTML)[: -len(PAGE)]
        adit = self.gateway({"/head": bare, "/": answer(PAGE, HTML)})
        with raw.Connection(adit.http[0]) as c:
            c.send(raw.head("HEAD", "/head", c.host, [("Accept-Encoding", "gzip")], None))
            self.assertEqual(c.read("HEAD").get("content-length"), str(len(PAGE)))
            self.assertEqual(c.data, b"")
        with raw.Connection(adit.http[0]) as c:
            c.send(b"GET / HTTP/1.0\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n")
            got = c.read()
            self.assertIsNone(got.get("transfer-encoding"))
            self.assertEqual(gzip.decompress(got.body), PAGE)

    def test_a_stream_comes_piece_by_piece(self):
        seen = [threading.Event() for _ in range(3)]

        def stream(peer):
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for i, event in enumerate(seen):
                peer.sendall(b"9\r\ndata: %d\n\n\r\n" % i)
                if not event.wait(20):
                    return
            peer.sendall(b"0\r\n\r\n")

        for types in ("[text/html]", "[text/event-stream]"):
            with self.subTest(types):
                for event in seen:
                    event.clear()
                adit = self.gateway({"/": stream}, f"{{types: {types}, encodings: [gzip]}}")
                with raw.Connection(adit.http[0]) as c:
                    c.send(raw.head("GET", "/", c.host, [("Accept-Encoding", "gzip")], None))
                    c.line()
                    fields = dict((k.lower(), v) for k, v in c.fields())
                    coded = fields.get("content-encoding") == "gzip"
                    self.assertEqual(coded, "event" in types)
                    decode = zlib.decompressobj(31).decompress if coded else bytes
                    for i, event in enumerate(seen):
                        got = b""
                        while not got:  # all of a piece comes before the next one is sent
                            got = decode(c.take(int(c.line(), 16)))
                            c.take(2)
                        self.assertEqual(got, b"data: %d\n\n" % i)
                        event.set()

    def test_a_slow_reader_of_much(self):
        block = bytes(range(256)) * 256

        def flood(peer):
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % (len(block) * 320))
            for _ in range(320):
                peer.sendall(block)

        adit = self.gateway({"/": flood}, "{encodings: [gzip], level: 1}")
        before = adit.resident()
        with raw.Connection(adit.http[0], 60) as c:
            c.send(raw.head("GET", "/", c.host, [("Accept-Encoding", "gzip")], None))
            got = c.read()
        self.assertEqual(zlib.crc32(gzip.decompress(got.body)), zlib.crc32(block * 320))
        self.assertLess(adit.resident() - before, 12 << 20)

    def test_an_answer_cut_off_is_not_ended_properly(self):
        def cut(peer):
            peer.sendall(answer(PAGE, HTML)[:-100])

        adit = self.gateway({"/": cut})
        with raw.Connection(adit.http[0]) as c:
            c.send(raw.head("GET", "/", c.host, [("Accept-Encoding", "gzip")], None))
            with self.assertRaises(raw.Closed):
                c.read()

    def test_caching_fields_pass_byte_for_byte(self):
        """Also where compression is on but does not apply."""
        adit = self.gateway({"/": answer(PAGE, "Content-Type: image/png", *CACHING)})
        with raw.Connection(adit.http[0]) as c:
            c.send(raw.head("GET", "/", c.host, [("Accept-Encoding", "gzip")], None))
            c.line()
            lines = []
            while line := c.line():
                lines.append(line)
        for field in CACHING:
            name, _, value = field.partition(":")
            self.assertIn(f"{name}: {value.strip()}", lines)

    def test_a_bad_wish_is_told_with_its_place(self):
        upstream = self.keep(Scripted({}))
        path = self.folder() + "/bad.yaml"
        base.write(
            path,
            f"""routes:
- name: shop
  tracks: {{stable: {{endpoints: ["{upstream.address}"]}}}}
  compress: {{types: [html], level: 10, encodings: [gzip, zstd]}}
""",
        )
        done = subprocess.run([base.BINARY, "check", "--config", path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        said = done.stdout + done.stderr
        for part in (
            ":4:22: error: routes[0].compress.types[0]: `html` is not a media type",
            "routes[0].compress.level: 10 is out of range (from 1 (fast) to 9 (small))",
            "routes[0].compress.encodings[1]: `zstd` is not an encoding that Adit writes (br or gzip)",
        ):
            self.assertIn(part, said)


if __name__ == "__main__":
    import unittest

    unittest.main()
