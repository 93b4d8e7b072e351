"""What an answer says about caching is the upstream's word, and passes as it was said."""

import base
import raw
from scripted import Scripted, answer

LINES = [
    "Cache-Control: public,  max-age=31536000, immutable",
    "cache-control: stale-while-revalidate=60",
    "CDN-Cache-Control: max-age=600",
    "Surrogate-Control: max-age=3600, content=\"ESI/1.0\"",
    "Pragma: no-cache",
    "Expires: Thu, 01 Dec 1994 16:00:00 GMT",
    "EXPIRES: 0",
    "Age: 24",
    "ETag: W/\"67ab43\", \"odd\"",
    "Last-Modified: Tue, 15 Nov 1994 12:45:26 GMT",
    "Date: Tue, 15 Nov 1994 08:12:31 GMT",
    "Vary: Accept-Encoding,Cookie",
    "vary: *",
    "Warning: 110 anderson/1.3.37 \"Response is stale\"",
    "Clear-Site-Data: \"cache\"",
    "Content-Location: /a.en.html",
    "Accept-Ranges: bytes",
]
CONDITIONS = [
    "If-None-Match: \"a\", W/\"b\"",
    "if-modified-since: Sat, 29 Oct 1994 19:43:31 GMT",
    "If-Match: *",
    "If-Unmodified-Since: Sat, 29 Oct 1994 19:43:31 GMT",
    "If-Range: \"a\"",
    "Range: bytes=0-9, 20-",
    "Cache-Control: no-cache,  only-if-cached",
    "Pragma: no-cache",
]


class Caching(base.Case):
    def talk(self, status, request="GET", more=""):
        body = b"" if status.startswith("304") else b"0123456789"
        upstream = self.keep(Scripted(lambda _: answer(body, *LINES, status=status)))
        adit = self.serve(
            f"""
routes:
- name: shop
  tracks: {{stable: {{endpoints: ["{upstream.address}"]}}}}
  {more}
""",
            workers=1,
        )
        with raw.Connection(adit.http[0]) as c:
            c.send("\r\n".join([f"{request} / HTTP/1.1", "Host: a", *CONDITIONS, "", ""]).encode())
            start = c.line()
            fields = c.fields()
            got = [f"{name}: {value}" for name, value in fields]
        self.assertEqual(start.split(" ")[1], status.split(" ")[0])
        return got, [f"{name}: {value}" for name, value in upstream.requests[0].fields]

    def test_byte_for_byte(self):
        for status in ("200 OK", "206 Partial Content", "304 Not Modified", "404 Not Found"):
            with self.subTest(status):
                got, asked = self.talk(status)
                self.assertEqual([x for x in got if x in LINES], LINES)
                self.assertEqual([x for x in asked if x in CONDITIONS], CONDITIONS)
                names = {x.split(":")[0].lower() for x in LINES}
                self.assertEqual([x for x in got if x.split(":")[0].lower() in names], LINES, "nothing is added")

    def test_beside_features_that_touch_heads(self):
        got, asked = self.talk(
            "200 OK",
            more="""body: {buffer: true}
  retry: {on: [5xx]}
  error_pages: {pages: {5xx: {text: oops}}, intercept: [5xx]}
  response_headers: {set: {X-Frame-Options: DENY}}""",
        )
        self.assertEqual([x for x in got if x in LINES], LINES)
        self.assertEqual([x for x in asked if x in CONDITIONS], CONDITIONS)


if __name__ == "__main__":
    import unittest

    unittest.main()
