#!/usr/bin/env python3
"""Runs the loopback tests: the real program between real clients and real upstream processes.

    tests/loopback/run.py                  all, against build/release/adit
    tests/loopback/run.py -k Cohort        those whose name contains the text
    tests/loopback/run.py -j 2             two files of tests side by side: most of them wait for something
    tests/loopback/run.py --long           the runs under load take 30 s instead of 5, all promised restarts are made
Exit code 0: all passed; 1: failures; 2: usage.
"""

import argparse
import collections
import concurrent.futures
import os
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import base  # noqa: E402


# These count what the program does, and want nobody beside them.
ALONE = ("test_budget", "test_cost")


def tests_of(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from tests_of(one)
        else:
            yield one


class Timed(unittest.TextTestResult):
    """Also knows what took how long, so that a suite that grows slow shows where."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.seconds = {}

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def stopTest(self, test):
        self.seconds[test.id()] = time.monotonic() - self.began
        super().stopTest(test)

    def printErrors(self):
        super().printErrors()
        slowest = sorted(self.seconds.items(), key=lambda one: -one[1])[:10]
        self.stream.writeln("slowest: " + ", ".join(f"{name} {took:.1f} s" for name, took in slowest if took > 1))


def side_by_side(options, chosen):
    """A process for each file of tests, the largest first; what each says is shown when it has ended."""
    sizes = collections.Counter(type(t).__module__ for t in chosen)
    command = [sys.executable, os.path.abspath(__file__), "--adit", base.BINARY]
    command += ["--long"] * options.long + ["-q"] * options.quiet + ["-k", options.only] * bool(options.only)

    def run(module):
        done = subprocess.run(
            [*command, "--file", module], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return module, done

    failed = []

    def show(module, done):
        print(f"{done.stdout}", flush=True)
        if done.returncode:
            failed.append(module)

    for module in ALONE:
        if module in sizes:
            show(*run(module))
    rest = [module for module, _ in sizes.most_common() if module not in ALONE]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for each in concurrent.futures.as_completed([pool.submit(run, module) for module in rest]):
            show(*each.result())
    print(f"{len(sizes)} files of tests, {len(failed)} failed: {', '.join(failed) or 'none'}")
    return 1 if failed or not sizes else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--adit", default=base.BINARY, help="the program (default: build/release/adit)")
    parser.add_argument(
        "-k",
        dest="only",
        default="",
        help="run only what contains this text (or one of them, separated by commas)",
    )
    parser.add_argument("-j", dest="jobs", type=int, default=1, help="files of tests side by side")
    parser.add_argument("--file", default="", help="run only the tests of this file (test_tracks)")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("-q", dest="quiet", action="store_true")
    options = parser.parse_args()
    base.BINARY = os.path.abspath(options.adit)
    base.LONG = base.LONG or options.long
    suite = unittest.defaultTestLoader.discover(HERE, "test_*.py", HERE)
    wanted = [w.lower() for w in options.only.split(",") if w]
    chosen = [
        t
        for t in tests_of(suite)
        if (not wanted or any(w in t.id().lower() for w in wanted))
        and options.file in ("", type(t).__module__)
    ]
    if options.list:
        print("\n".join(t.id() for t in chosen))
        return 0
    if not os.access(base.BINARY, os.X_OK):
        parser.error(f"no such program: {base.BINARY} (build it with ./dev build, or say --adit)")
    if options.jobs > 1:
        return side_by_side(options, chosen)
    runner = unittest.TextTestRunner(verbosity=1 if options.quiet else 2, resultclass=Timed)
    result = runner.run(unittest.TestSuite(chosen))
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
