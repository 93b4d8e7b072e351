r"""Cases as text. A file of cases/ holds the cases of one requirement, NN-name.txt; a case is

    == id | must | RFC 9112 §6.3 | one sentence that says what is wanted
    on: slow                       which kind of target (targets.py); `plain` when absent
    each: a | b | c                the case is run once per item; {each} stands for it
    > GET / HTTP/1.1               the client writes this line and CRLF (`>- text`: without CRLF)
    client: wait responses 1       what the client does between writes, see client.py
    < HTTP/1.1 200 OK              the upstream's answer, likewise; `upstream: next`: of the next request
    upstream: close                what the upstream does, see upstream.py
    expect: status 400|501         what the client must have got, see verdict.py (`expect 2: …`: 2nd response)
    seen: nothing                  what the upstream must have got (`seen 2: …`: of the second request)
    within: 5                      seconds for the whole case

Escapes everywhere: \r \n \t \0 \\ \xNN, {N*text} for N copies of text, {each}. Lines with # first are
comments.
"""

import os
import re

LEVELS = ("must", "should", "quality")
ESCAPES = {
    "r": b"\r",
    "n": b"\n",
    "t": b"\t",
    "0": b"\0",
    "\\": b"\\",
    "{": b"{",
    "}": b"}",
    "|": b"|",
    "s": b" ",
}


class Case:
    def __init__(self, name, requirement, level, source, title):
        self.name, self.requirement, self.level, self.source, self.title = (
            name,
            requirement,
            level,
            source,
            title,
        )
        self.stage = "plain"
        self.client = []  # [(verb, argument)], argument bytes for "send", else text
        self.upstream = []  # one list of steps per exchange
        self.expect = []  # [(position or 0, text)]
        self.seen = []
        self.within = 6.0

    def label(self):
        return f"{self.name} [{self.level}] {self.source}: {self.title}"


class BadCase(Exception):
    pass


def unescape(text):
    """The bytes that a script text stands for."""
    out, at = [], 0
    while at < len(text):
        c = text[at]
        if c == "\\":
            kind = text[at + 1 : at + 2]
            if kind == "x":
                out.append(bytes([int(text[at + 2 : at + 4], 16)]))
                at += 4
                continue
            if kind not in ESCAPES:
                raise BadCase(f"unknown escape in {text!r}")
            out.append(ESCAPES[kind])
            at += 2
            continue
        if c == "{":
            m = re.match(r"\{(\d+)\*((?:[^{}\\]|\\.[0-9a-fA-F]{0,2}|\\.)*?)\}", text[at:])
            if m:
                out.append(int(m.group(1)) * unescape(m.group(2)))
                at += m.end()
                continue
        out.append(c.encode())
        at += 1
    return b"".join(out)


def add_line(case, line):
    """One line of a case, with {each} already replaced."""
    key, _, rest = line.partition(":")
    for mark, steps in ((">", case.client), ("<", None)):
        if not line.startswith(mark):
            continue
        if steps is None:
            case.upstream = case.upstream or [[]]
            steps = case.upstream[-1]
        raw = line.startswith(mark + "-")
        text = line[2:] if raw else line[1:]
        data = unescape(text[1:] if text.startswith(" ") else text) + (b"" if raw else b"\r\n")
        if steps and steps[-1][0] == "send":
            data = steps.pop()[1] + data
        steps.append(("send", data))
        return
    rest = rest.strip()
    word, _, position = key.partition(" ")
    if word == "client":
        case.client.append(tuple((rest.split(None, 1) + [""])[:2]))
    elif word == "upstream":
        case.upstream = case.upstream or [[]]
        if rest == "next":
            case.upstream.append([])
        else:
            case.upstream[-1].append(tuple((rest.split(None, 1) + [""])[:2]))
    elif word in ("expect", "seen"):
        getattr(case, word).append((int(position or 0), rest))
    elif word == "on":
        case.stage = rest
    elif word == "within":
        case.within = float(rest)
    else:
        raise BadCase(f"{case.name}: unknown line {line!r}")


def build(requirement, header, lines):
    parts = [x.strip() for x in header[2:].split("|", 3)]
    if len(parts) != 4 or parts[1] not in LEVELS:
        raise BadCase(f"not `== id | level | source | sentence`: {header!r}")
    items, body = [None], []
    for line in lines:
        if line.startswith("each:"):
            items = [x.strip() for x in re.split(r"(?<!\\)\|", line[5:])]
        else:
            body.append(line)
    cases = []
    for number, item in enumerate(items, 1):
        name = f"{requirement:02d}.{parts[0]}" + (f".{number}" if item is not None else "")
        title = parts[3] + (f" <{item}>" if item is not None else "")
        case = Case(name, requirement, parts[1], parts[2], title)
        for line in body:
            add_line(case, line if item is None else line.replace("{each}", item))
        if not case.expect and not case.seen:
            raise BadCase(f"{name} expects nothing")
        cases.append(case)
    return cases


def read_file(path):
    requirement = int(os.path.basename(path)[:2])
    cases, header, lines = [], None, []
    with open(path, encoding="utf-8") as f:
        for line in f:
            line = line.rstrip("\n")
            if line.startswith("== "):
                if header:
                    cases += build(requirement, header, lines)
                header, lines = line, []
            elif line.strip() and not line.startswith("#"):
                lines.append(line)
    return cases + (build(requirement, header, lines) if header else [])


def read_folder(folder):
    cases = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".txt"):
            cases += read_file(os.path.join(folder, name))
    names = [c.name for c in cases]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise BadCase(f"case names used twice: {sorted(twice)}")
    return cases
