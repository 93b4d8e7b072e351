"""The instruction budget of a plain exchange: features that a route does not use may cost it nothing to speak of."""

import os
import signal
import unittest

import base
import callgrind
import daemon
import raw
from test_cost import GET

# User instructions of one keep-alive GET with a browser's head through `adit proxy`, one worker, one
# connection, nothing pipelined: a release build by g++ 12.2, counted by this very test
# (10,000 exchanges, valgrind 3.19 on x86-64) before the features of a complete data plane came in.
# To measure anew: tests/loopback/run.py --adit PROGRAM -k budget, which prints the figures.
OWN = 10_584
ALL = 13_200
GROWTH = 1.03

COUNTED = 10_000
WARM = 1_000


@unittest.skipUnless(callgrind.available(), "valgrind is not installed: ./dev setup test")
@unittest.skipIf(
    daemon.sanitized(base.BINARY), "instructions are counted without sanitizers: ./dev test loopback does"
)
class Budget(base.Case):
    def count(self, exchanges):
        """(instructions of the program itself, all) of a whole life with so many exchanges."""
        out = os.path.join(self.folder(), "callgrind")
        adit = self.proxy(self.fast("v1").address, workers=1, wrap=callgrind.wrap(out), seconds=120)
        with raw.Connection(adit.http[0], seconds=60) as c:
            for _ in range(exchanges):
                c.send(GET)
                self.assert_status(c.read(), 200)
        # valgrind became the program: there is no process in between
        adit.process.send_signal(signal.SIGTERM)
        self.assertEqual(adit.wait(120), 0)
        costs = callgrind.own_costs(out)
        own = costs[os.path.basename(base.BINARY)]
        self.assertGreater(own, 0, costs)
        return own, sum(costs.values())

    def test_plain_get(self):
        first, second = self.count(WARM), self.count(WARM + COUNTED)
        own, all_of_it = ((b - a) / COUNTED for a, b in zip(first, second))
        text = f"{own:.0f} instructions in Adit's own code, {all_of_it:.0f} with libraries"
        print(f"\n  an exchange takes {text} (budget {OWN * GROWTH:.0f} and {ALL * GROWTH:.0f})")
        self.assertLessEqual(own, OWN * GROWTH, text)
        self.assertLessEqual(all_of_it, ALL * GROWTH, text)
