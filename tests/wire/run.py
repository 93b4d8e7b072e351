#!/usr/bin/env python3
"""Runs the wire cases: raw requests and responses through a real proxy.

    tests/wire/run.py                         all cases against build/release/adit
    tests/wire/run.py -k chunk                those whose name, level, source or title contains the text
    tests/wire/run.py --target nginx          what a peer makes of them
Each worker has a proxy and an upstream of its own and runs its cases one after the other.
Exit code 0: all passed; 1: failures; 2: usage.
"""

import argparse
import collections
import os
import queue
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import client as clients  # noqa: E402
import scene as scenes  # noqa: E402
import script  # noqa: E402
import targets  # noqa: E402
import verdict as verdicts  # noqa: E402


def play(case, target):
    """Runs one case; (failures, scene)."""
    scene = scenes.Scene(case)
    target.upstream.scene = scene
    client = clients.Client(scene, target.address)
    verdict = verdicts.Verdict(scene)
    try:
        client.run()
        verdict.settle()
    except scenes.InVain as e:
        scene.failures.append(f"waited in vain: {e}")
    except OSError as e:
        scene.failures.append(f"the client could not go on: {e}")
    if any(t == "open" for _, t in case.expect) and not scene.closed[-1]:
        before = len(scene.received[-1])
        client.send(b"GET /-/barrier HTTP/1.1\r\nHost: wire.test\r\n\r\n")
        try:
            scene.wait(
                lambda: b"\r\n\r\nok" in scene.received[-1][before:] or scene.closed[-1],
                "an answer on the same connection",
                3,
            )
            if scene.closed[-1]:
                scene.failures.append("the connection was closed instead of serving a further request")
            del scene.received[-1][before:]
            scene.closed[-1] = None
        except scenes.InVain as e:
            scene.failures.append(f"waited in vain for {e}")
    try:
        targets.barrier(target.address)
    except (OSError, AssertionError) as e:
        scene.failures.append(f"after the case: {e}")
    with scene.changed:
        failures = verdict.judge()
        scene.over = True
        scene.changed.notify_all()
    client.stop()
    target.upstream.scene = None
    target.upstream.clear()
    return list(dict.fromkeys(failures)), scene


def tell(case, failures, scene, log):
    """What a reader needs to see: the sentences, then the bytes of both ends."""
    out = ["=" * 70, f"FAIL: {case.label()}", "-" * 70]
    out += ["  " + f for f in failures]
    sent = b"".join(a for v, a in case.client if v == "send")
    out.append(f"  client sent      {verdicts.short(sent, 300)}")
    for at, data in enumerate(scene.received):
        out.append(f"  client received  {verdicts.short(bytes(data), 400)} then {scene.closed[at] or 'open'}")
    for e in scene.exchanges:
        out.append(f"  upstream got     {verdicts.short(e.raw, 400)} then {e.connection.ended or 'open'}")
    if log:
        out.append(f"  stderr           {log[-400:]!r}")
    return "\n".join(out)


class Runner:
    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.results = []  # (case, failures)

    def work(self, stage, jobs):
        """One worker of one stage."""
        try:
            target = targets.KINDS[self.options.target](stage)
        except Exception as e:  # noqa: BLE001 (told per case)
            self.fail_all(jobs, f"the target does not start at stage {stage}: {e}")
            return
        try:
            while True:
                try:
                    case = jobs.get_nowait()
                except queue.Empty:
                    return
                self.one(case, target)
        finally:
            target.stop()

    def one(self, case, target):
        start = len(target.log())
        try:
            failures, scene = play(case, target)
        except Exception as e:  # noqa: BLE001 (a case must not end the run)
            failures, scene = [f"{type(e).__name__}: {e}"], scenes.Scene(case)
            if self.options.verbose:
                raise
        if not target.alive():
            failures.append("the proxy ended")
            log = target.log()[-2000:]
            target.end()
            target.start()
        else:
            log = target.log()[start:]
        with self.lock:
            self.results.append((case, failures))
            if failures:
                print(tell(case, failures, scene, log), flush=True)
            elif self.options.verbose:
                print(f"ok {case.label()}", flush=True)

    def fail_all(self, jobs, why):
        print(why, file=sys.stderr)
        while True:
            try:
                case = jobs.get_nowait()
            except queue.Empty:
                return
            with self.lock:
                self.results.append((case, [why]))

    def run(self, cases):
        stages = collections.defaultdict(list)
        for case in cases:
            stages[case.stage].append(case)
        threads = []
        for stage, members in stages.items():
            jobs = queue.Queue()
            # the longest first
            for case in sorted(members, key=lambda c: -c.within):
                jobs.put(case)
            for _ in range(min(self.options.jobs, max(1, len(members) // 3))):
                threads.append(threading.Thread(target=self.work, args=(stage, jobs)))
        for t in threads:
            t.start()
        for t in threads:
            t.join()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--adit", default=targets.daemon.default_binary(), help="the program (default: build/release/adit)"
    )
    parser.add_argument("--target", default="adit", choices=sorted(targets.KINDS))
    parser.add_argument(
        "-k",
        dest="only",
        default="",
        help="run only what contains this text (or one of them, separated by commas)",
    )
    parser.add_argument("--stage", help="run only the cases of this stage")
    parser.add_argument("-j", dest="jobs", type=int, default=4, help="workers for each stage")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("-v", dest="verbose", action="store_true")
    options = parser.parse_args()
    cases = script.read_folder(os.path.join(HERE, "cases"))
    wanted = [w.lower() for w in options.only.split(",") if w]
    cases = [
        c
        for c in cases
        if (not wanted or any(w in c.label().lower() for w in wanted)) and options.stage in (None, c.stage)
    ]
    if options.list:
        for case in cases:
            print(case.label())
        print(f"{len(cases)} cases")
        return 0
    if options.target == "adit" and not os.path.exists(options.adit):
        parser.error(f"no such program: {options.adit} (build it with ./dev build, or say --adit)")
    targets.Adit.binary = options.adit
    start = time.monotonic()
    runner = Runner(options)
    runner.run(cases)
    failed = collections.Counter(c.level for c, f in runner.results if f)
    names = sorted(c.name for c, f in runner.results if f)
    if names:
        print("=" * 70 + "\nfailed: " + " ".join(names))
    print(f"\nRan {len(runner.results)} tests in {time.monotonic() - start:.1f}s\n")
    if failed:
        print(
            f"FAILED (failures={sum(failed.values())}: "
            + ", ".join(f"{level} {failed[level]}" for level in script.LEVELS)
            + ")"
        )
        return 1
    print("OK")
    return 0


if __name__ == "__main__":
    sys.exit(main())
