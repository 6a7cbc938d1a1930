# SPDX-License-Identifier: Apache-2.0
"""Runs a command with sockets as systemd hands them over: see sd_listen_fds(3).

    with_sockets.py [--count=TEXT] [--pid=TEXT] [NAME=DESCRIPTOR…] -- COMMAND…

COUNT and PID are what LISTEN_FDS and LISTEN_PID say in place of the truth.
"""

import argparse
import fcntl
import os
import sys

_FIRST_DESCRIPTOR = 3
_OUT_OF_THE_WAY = 100  # Where no descriptor's place is taken before it was moved itself.


def hand_over(sockets, count, pid):
    descriptors = [int(socket.rpartition("=")[2]) for socket in sockets]
    for number, descriptor in enumerate(
            [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY) for each in descriptors]):
        os.dup2(descriptor, _FIRST_DESCRIPTOR + number)
    # Whoever counts more than these finds nothing there.
    os.closerange(_FIRST_DESCRIPTOR + len(sockets), _OUT_OF_THE_WAY)
    os.environ["LISTEN_FDS"] = count or str(len(sockets))
    os.environ["LISTEN_PID"] = pid or str(os.getpid())  # The command's, too.
    os.environ["LISTEN_FDNAMES"] = ":".join(socket.rpartition("=")[0] for socket in sockets)


def main():
    end = sys.argv.index("--")
    parser = argparse.ArgumentParser()
    parser.add_argument("--count")
    parser.add_argument("--pid")
    parser.add_argument("sockets", nargs="*")
    hand_over(**vars(parser.parse_args(sys.argv[1:end])))
    command = sys.argv[end + 1:]
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
