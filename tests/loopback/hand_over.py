"""Becomes a program that inherits sockets as systemd hands them over: hand_over.py NAMES DESCRIPTORS PROGRAM …"""

import fcntl
import os
import sys

names, descriptors, program = sys.argv[1], [int(n) for n in sys.argv[2].split(",")], sys.argv[3:]
# First out of the way of the places from 3 on, then into them.
aside = [fcntl.fcntl(one, fcntl.F_DUPFD, 3 + 2 * len(descriptors)) for one in descriptors]
for place, one in enumerate(aside):
    os.dup2(one, 3 + place, inheritable=True)
    os.close(one)
os.environ.update(LISTEN_FDS=str(len(descriptors)), LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES=names)
os.execv(program[0], program)
