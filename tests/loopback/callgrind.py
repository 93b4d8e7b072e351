"""Instructions that a program executes in user space, by valgrind's callgrind: the same on every machine of one
kind, whatever else runs there."""

import collections
import os
import re
import shutil


def available():
    return shutil.which("valgrind") is not None


def wrap(out):
    """What goes before the program; the counts are in the file `out` once it has ended."""
    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--error-exitcode=0", "-q"]


def own_costs(path):
    """{object's base name: instructions executed in it}, of callgrind's output file."""
    out = collections.Counter()
    names, current, inclusive = {}, "?", False
    with open(path) as lines:
        for line in lines:
            if line.startswith("ob="):
                number, name = re.match(r"ob=(\(\d+\))?\s*(.*)", line).groups()
                if name:
                    names[number] = os.path.basename(name)
                current = names.get(number, "?")
            elif line.startswith("calls="):
                inclusive = True  # the next line is what the callee cost, which is counted there
            elif line[0] in "+-*0123456789":
                if not inclusive:
                    out[current] += int(line.split()[1])
                inclusive = False
            elif line.startswith("cob="):  # names may be introduced by a call, too
                number, name = re.match(r"cob=(\(\d+\))?\s*(.*)", line).groups()
                if name:
                    names[number] = os.path.basename(name)
    return out
