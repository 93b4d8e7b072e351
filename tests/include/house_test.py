#!/usr/bin/env python3
"""Tests the include test: a small house is built with one fault at a time, and each fault must be named."""

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import house  # noqa: E402

TABLE = "core:\nhttp: core\nnet: core http\nroute: core http\ncli: all\n"
SOUND = {
    "tests/include/allowed.txt": TABLE,
    "gateway/main.cpp": '#include "cli/run.hpp"\n',
    "gateway/core/bytes.hpp": "#include <string_view>\n",
    "gateway/http/head.hpp": '#include "core/bytes.hpp"\n#include <string>\n',
    "gateway/net/listener.hpp": '#include "http/head.hpp"\n#include <boost/asio/ip/tcp.hpp>\n',
    "gateway/route/table.hpp": '#include "http/head.hpp"\n',
    "gateway/cli/run.hpp": '#include "net/listener.hpp"\n#include "route/table.hpp"\n',
    "gateway/CMakeLists.txt": "adit_room(core)\nadit_room(http LINKS adit_core)\nadit_room(net LINKS adit_http OpenSSL::SSL)\n",
    "tests/unit/http/head.cpp": '#include "http/head.hpp"\n',
}


class HouseTest(unittest.TestCase):
    def complaints(self, files=None):
        """The complaints about the sound house with these files added or replaced."""
        root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, root)
        for name, text in {**SOUND, **(files or {})}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return house.House(root).check()

    def assert_one(self, files, *parts):
        complaints = self.complaints(files=files)
        self.assertEqual(len(complaints), 1, complaints)
        for part in parts:
            self.assertIn(part, complaints[0])

    def test_sound_house_is_silent(self):
        self.assertEqual(self.complaints(), [])

    def test_climbing_a_floor(self):
        files = {"gateway/http/bad.hpp": '\n#  include "route/table.hpp"\n'}
        self.assert_one(files, "gateway/http/bad.hpp:2:", "http may include only: core")

    def test_core_includes_nothing_of_ours(self):
        self.assert_one({"gateway/core/bad.cpp": '#include "http/head.hpp"\n'}, "core/bad.cpp:1:", "nothing of ours")

    def test_our_header_in_angle_brackets(self):
        self.assert_one({"gateway/cli/bad.hpp": "#include <core/bytes.hpp>\n"}, 'write "core/bytes.hpp"')

    def test_include_without_a_room(self):
        self.assert_one({"gateway/http/bad.hpp": '#include "head.hpp"\n'}, "does not name a file")
        self.assert_one({"gateway/http/bad.hpp": '#include "../core/bytes.hpp"\n'}, "does not name a file")

    def test_unknown_room(self):
        complaints = self.complaints(files={"gateway/attic/box.hpp": ""})
        self.assertIn("room 'attic' is not in", "\n".join(complaints))

    def test_io_in_decision_code(self):
        for header in ("boost/asio/buffer.hpp", "boost/beast/http/field.hpp", "openssl/ssl.h"):
            self.assert_one({"gateway/route/bad.cpp": f"#include <{header}>\n"}, "route/bad.cpp:1:", "free of I/O", header)

    def test_io_by_way_of_another_header(self):
        files = {
            "gateway/core/clock.hpp": "#include <boost/asio/steady_timer.hpp>\n",
            "gateway/route/bad.cpp": '\n#include "core/clock.hpp"\n',
        }
        self.assert_one(files, "route/bad.cpp:2:", 'by way of "core/clock.hpp"')

    def test_umbrella(self):
        self.assert_one({"gateway/net/bad.cpp": "#include <boost/asio.hpp>\n"}, "net/bad.cpp:1:", "umbrella")
        self.assert_one({"tests/unit/net/bad.cpp": "#include <boost/beast.hpp>\n"}, "umbrella")

    def test_long_file(self):
        self.assertEqual(self.complaints(files={"gateway/net/long.cpp": "\n" * 600}), [])
        self.assert_one({"gateway/net/long.cpp": "\n" * 601}, "601 lines")
        self.assert_one({"tests/wire/long.py": "\n" * 601}, "601 lines")

    def test_links_that_climb(self):
        files = {"gateway/CMakeLists.txt": "adit_room(core)\nadit_room(http\n  LINKS adit_core adit_net)\n"}
        self.assert_one(files, "CMakeLists.txt:2:", "http links adit_net")
        files = {"gateway/CMakeLists.txt": "adit_room(route LINKS OpenSSL::Crypto)\n"}
        self.assert_one(files, "free of I/O, but links OpenSSL::Crypto")

    def test_table_that_climbs(self):
        with self.assertRaisesRegex(ValueError, "core may not include http"):
            house.read_table("core: http\nhttp: core\n")
        with self.assertRaisesRegex(ValueError, "each room once"):
            house.read_table("core:\ncore:\n")
        self.assertEqual(house.read_table("core:\nhttp: core # why\ncli: all\n")["cli"], {"core", "http"})

    def test_this_house_has_its_rooms(self):
        """The real table names every room of the design, so that an emptied file cannot pass."""
        table = house.read_table(Path(house.__file__).with_name("allowed.txt").read_text(encoding="utf-8"))
        self.assertEqual(len(table), 14)
        self.assertTrue(set(house.SANS_IO) < set(table))
        self.assertEqual(table["core"], set())


if __name__ == "__main__":
    unittest.main()
