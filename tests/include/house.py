#!/usr/bin/env python3
"""Holds the house to its floors: which room includes which, who stays free of I/O, and how long a file may be.

Usage: house.py [ROOT]    complains on stdout as FILE:LINE: TEXT and exits 1; silent and 0 when all is well.
"""

import os
import re
import sys
from pathlib import Path

# Decision code takes events and returns actions; sockets and TLS belong to the rooms around it.
SANS_IO = ("http", "model", "route", "canary", "policy", "release")
IO_HEADERS = ("boost/asio", "boost/beast", "openssl/")
UMBRELLAS = ("boost/asio.hpp", "boost/beast.hpp")
LINE_CEILING = 600

CODE = {".cpp", ".hpp"}
WRITTEN_BY_HAND = CODE | {".py", ".sh", ".cmake"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
ROOM_TARGET = re.compile(r"^adit_room\((\w+)(?:\s+LINKS\s+([^)]*))?\)", re.MULTILINE)


def read_table(text):
    """The table as {room: set of rooms}. 'all' means every room named so far; naming a later one is an error."""
    table = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        room, colon, names = line.partition(":")
        if not colon or room in table:
            raise ValueError(f"allowed.txt:{number}: expected 'ROOM: ROOM ROOM', each room once")
        allowed = set(table) if names.split() == ["all"] else set(names.split())
        for name in sorted(allowed - set(table)):
            raise ValueError(f"allowed.txt:{number}: {room} may not include {name}, which is not named above it")
        table[room] = allowed
    return table


def files_below(folder, suffixes):
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in ("__pycache__", "build") and not f.startswith("."))
        for name in sorted(names):
            path = Path(where, name)
            if path.suffix in suffixes or name == "CMakeLists.txt" and ".cmake" in suffixes:
                yield path


def includes_of(path):
    """(line number, '<' or '"', header) of each #include."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            found.append((number, match[1], match[2]))
    return found


class House:
    def __init__(self, root):
        self.root = Path(root)
        self.gateway = self.root / "gateway"
        self.table = read_table((self.root / "tests/include/allowed.txt").read_text(encoding="utf-8"))
        self.complaints = []
        self.includes = {path: includes_of(path) for path in files_below(self.gateway, CODE)}

    def complain(self, path, line, text):
        self.complaints.append(f"{path.relative_to(self.root)}:{line}: {text}")

    def room_of(self, path):
        """The room of a file; what lies in gateway/ itself is wiring, as cli/ is."""
        parts = path.relative_to(self.gateway).parts
        return parts[0] if len(parts) > 1 else "cli"

    def check(self):
        self.check_rooms()
        for path in self.includes:
            self.check_floors(path)
            if self.room_of(path) in SANS_IO:
                self.check_sans_io(path)
        for folder in ("gateway", "tests", "bench"):
            for path in files_below(self.root / folder, CODE):
                self.check_umbrellas(path)
        for folder in ("gateway", "tests"):
            for path in files_below(self.root / folder, WRITTEN_BY_HAND):
                self.check_length(path)
        self.check_links()
        return self.complaints

    def check_rooms(self):
        for path in sorted(self.gateway.iterdir()):
            if path.is_dir() and any(files_below(path, CODE)) and path.name not in self.table:
                self.complain(path, 0, f"room '{path.name}' is not in tests/include/allowed.txt")

    def check_floors(self, path):
        room = self.room_of(path)
        allowed = self.table.get(room, set()) | {room}
        for line, bracket, header in self.includes[path]:
            other = header.split("/")[0]
            ours = other in self.table and (self.gateway / header).exists()
            if bracket == "<" and not ours:
                continue
            if bracket == "<":
                self.complain(path, line, f'<{header}> is ours: write "{header}"')
            if not (self.gateway / header).is_file():
                self.complain(path, line, f'"{header}" does not name a file of gateway/ as "room/file.hpp"')
            elif other not in allowed:
                may = ", ".join(sorted(allowed - {room})) or "nothing of ours"
                self.complain(path, line, f'{room} includes "{header}", but {room} may include only: {may}')

    def check_sans_io(self, path):
        """No Asio, Beast or OpenSSL in what this file includes, directly or by way of our own headers."""
        queue, seen = [(path, [])], {path}
        while queue:
            here, way = queue.pop(0)
            for line, _, header in self.includes.get(here, []):
                if header.startswith(IO_HEADERS):
                    by_way = "".join(f' by way of "{step.relative_to(self.gateway)}"' for step in way[:1])
                    first = way and next(n for n, _, h in self.includes[path] if self.gateway / h == way[0])
                    self.complain(path, first or line, f"{self.room_of(path)} is free of I/O, but includes <{header}>{by_way}")
                target = self.gateway / header
                if target in self.includes and target not in seen:
                    seen.add(target)
                    queue.append((target, way + [target]))

    def check_umbrellas(self, path):
        for line, _, header in self.includes.get(path) or includes_of(path):
            if header in UMBRELLAS:
                self.complain(path, line, f"<{header}> is the umbrella: include the headers that are used")

    def check_length(self, path):
        lines = path.read_bytes().count(b"\n")
        if lines > LINE_CEILING:
            self.complain(path, lines, f"{lines} lines; the ceiling is {LINE_CEILING}: split it by meaning")

    def check_links(self):
        """What a room links must be what it may include, so that the build falls over where this test would."""
        path = self.gateway / "CMakeLists.txt"
        if not path.exists():
            return
        text = path.read_text(encoding="utf-8")
        for match in ROOM_TARGET.finditer(text):
            room, links = match[1], (match[2] or "").split()
            line = text.count("\n", 0, match.start()) + 1
            linked = {name.removeprefix("adit_") for name in links if name.startswith("adit_")} & set(self.table)
            for other in sorted(linked - self.table.get(room, set())):
                self.complain(path, line, f"{room} links adit_{other}, which it may not include")
            for name in links:
                if room in SANS_IO and name.split("::")[0] == "OpenSSL":
                    self.complain(path, line, f"{room} is free of I/O, but links {name}")


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2]
    complaints = House(root).check()
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
