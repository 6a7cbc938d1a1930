# SPDX-License-Identifier: Apache-2.0
"""Runs a command that the kernel allows no io_uring, as Docker's default seccomp profile does.

    without_io_uring.py COMMAND…
"""

import ctypes
import errno
import os
import struct
import sys

_IO_URING_SETUP = 425  # The same number on every architecture that we build for.
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # Classic BPF.
_RET_ERRNO, _RET_ALLOW = 0x00050000, 0x7FFF0000


def instruction(code, k, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, k)


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def forbid_io_uring():
    code = b"".join([
        instruction(_LOAD_WORD, 0),  # The number of the system call.
        instruction(_JUMP_IF_EQUAL, _IO_URING_SETUP, if_true=0, if_false=1),
        instruction(_RETURN, _RET_ERRNO | errno.EPERM),
        instruction(_RETURN, _RET_ALLOW),
    ])
    program = Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no new privileges")
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    forbid_io_uring()
    os.execvp(sys.argv[1], sys.argv[1:])
