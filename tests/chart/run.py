#!/usr/bin/env python3
"""Runs the tests of the chart: what helm makes of it, what promtool says of its rules, and the program of its flags.

    tests/chart/run.py --adit build/release/adit
    tests/chart/run.py -k Schema           those whose name contains the text
helm is found by ADIT_HELM, on the PATH, or where ./dev test chart puts it.
Exit code 0: all passed or skipped; 1: failures.
"""

import argparse
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
DEBIANS_PYTHON = "/usr/bin/python3"


def need_yaml():
    """Debian's package python3-yaml belongs to Debian's Python, which is not always the first on the PATH."""
    try:
        import yaml  # noqa: F401
    except ImportError:
        if os.path.realpath(sys.executable) == os.path.realpath(DEBIANS_PYTHON) or not os.access(
            DEBIANS_PYTHON, os.X_OK
        ):
            sys.exit("tests/chart/run.py needs Python's yaml: ./dev setup chart")
        os.execv(DEBIANS_PYTHON, [DEBIANS_PYTHON, os.path.join(HERE, "run.py"), *sys.argv[1:]])


def tests_of(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from tests_of(one)
        else:
            yield one


def main():
    need_yaml()
    sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "loopback")]
    import chart

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adit", default=chart.BINARY, help="the program (default: build/release/adit)")
    parser.add_argument("-k", dest="only", default="", help="run only what contains this text")
    options = parser.parse_args()
    chart.BINARY = os.path.abspath(options.adit)
    chosen = [
        one
        for one in tests_of(unittest.defaultTestLoader.discover(HERE, "test_*.py", HERE))
        if options.only.lower() in one.id().lower()
    ]
    result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(chosen))
    if not chart.helm():
        print("\n*** SKIPPED: the chart was not rendered, there is no helm here")
        print("*** To run these tests: ./dev test chart (with Go 1.21 or later it builds helm), or set ADIT_HELM")
    if not chart.program():
        print(f"\n*** SKIPPED: flags and metrics were not compared with the program, there is none at {chart.BINARY}")
        print("*** To run these tests: ./dev build, or say --adit")
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
