"""Becomes a program that may have so many files open: with_limit.py SOFT PROGRAM …, or SOFT HARD PROGRAM …"""

import os
import resource
import sys

soft, rest = int(sys.argv[1]), sys.argv[2:]
hard = int(rest.pop(0)) if rest[0].lstrip("-").isdigit() else soft
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
os.execv(rest[0], rest)
