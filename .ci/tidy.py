#!/usr/bin/env python3
"""Runs clang-tidy over gateway/ and remembers what was clean, so that a run costs only what has changed.

A file is looked at again when itself, any header of ours that it includes, its compiler flags or .clang-tidy have changed.
What is remembered lies in $XDG_CACHE_HOME/adit/tidy (else ~/.cache/adit/tidy), an empty file per clean result.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GATEWAY = ROOT / "gateway"
TIDY = "clang-tidy-14"
DATABASE = "compile_commands.json"
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME") or "/tmp", ".cache")
    return Path(base, "adit", "tidy")


def with_our_headers(source):
    """The file and the headers of ours that it includes, at any depth."""
    queue, seen = [source], {source}
    while queue:
        for name in INCLUDE.findall(queue.pop().read_bytes()):
            header = GATEWAY / os.fsdecode(name)
            if header.is_file() and header not in seen:
                seen.add(header)
                queue.append(header)
    return sorted(seen)


def fingerprint(source, flags, version):
    digest = hashlib.sha256()
    for part in (version, flags.encode(), (ROOT / ".clang-tidy").read_bytes()):
        digest.update(part + b"\0")
    for path in with_our_headers(source):
        digest.update(os.fsencode(path.relative_to(ROOT)) + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def sources_to_look_at(database, wanted):
    """(source, flags) of each translation unit in gateway/; when files are named, of those only."""
    names = {Path(name).resolve() for name in wanted}
    found = {}
    for entry in json.loads(database.read_text()):
        source = Path(entry["directory"], entry["file"]).resolve()
        # What compiles a library of others has nothing of ours in it.
        if "separate_compilation" in source.parts:
            continue
        if source.is_relative_to(GATEWAY) and source.exists() and (not names or source in names):
            flags = entry.get("command") or " ".join(entry["arguments"])
            # Where the objects go says nothing about the source.
            found[source] = re.sub(r" -[oc] \S+", "", flags.replace(str(ROOT), "."))
    return found


def without_precompiled(build):
    """A copy of the compilation database that asks for no precompiled header: clang cannot read those of g++."""
    folder = build / "tidy"
    folder.mkdir(exist_ok=True)
    text = (build / DATABASE).read_text()
    (folder / DATABASE).write_text(re.sub(r" -Winvalid-pch -include \S+/cmake_pch.hxx| -fpch-preprocess", "", text))
    return folder


def look(source, build):
    """clang-tidy's complaints about one file, or none. Flags that only g++ knows are no complaint."""
    command = [TIDY, "--quiet", "-p", str(build), "--extra-arg=-Wno-unknown-warning-option", str(source)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--build", required=True, type=Path, help="a configured build folder")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments.add_argument("files", nargs="*")
    given = arguments.parse_args()

    version = subprocess.run([TIDY, "--version"], stdout=subprocess.PIPE, check=True).stdout
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    build = without_precompiled(given.build)
    sources = sources_to_look_at(build / DATABASE, given.files)
    keys = {source: fingerprint(source, flags, version) for source, flags in sources.items()}
    todo = [source for source in sorted(sources) if not (cache / keys[source]).exists()]
    print(f"    {len(sources)} files, {len(sources) - len(todo)} known to be clean", flush=True)

    def timed_look(source):
        began = time.monotonic()
        return look(source, build), time.monotonic() - began

    bad = 0
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        for source, (complaint, seconds) in zip(todo, pool.map(timed_look, todo)):
            if complaint:
                bad += 1
                print(complaint, flush=True)
            else:
                (cache / keys[source]).touch()
            if seconds > 30:
                print(f"    {source.relative_to(ROOT)} took {seconds:.0f} s", flush=True)
    if bad:
        print(f"    clang-tidy complains about {bad} files")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
