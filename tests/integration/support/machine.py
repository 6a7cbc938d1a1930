# SPDX-License-Identifier: Apache-2.0
"""What this machine lets us test; each answer is an empty text or the reason why not."""

import ctypes
import functools
import os
import shutil
import socket

import pytest

_IO_URING_SETUP = 425  # The same number on every architecture that we build for.
_PARAMETERS_BYTES = 120  # sizeof(struct io_uring_params)


@functools.cache
def no_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        return f"no IPv6 loopback here: {error.strerror}"
    return ""


@functools.cache
def no_io_uring():
    libc = ctypes.CDLL(None, use_errno=True)
    parameters = ctypes.create_string_buffer(_PARAMETERS_BYTES)
    ring = libc.syscall(_IO_URING_SETUP, 8, parameters)
    if ring < 0:
        return f"no io_uring here: {os.strerror(ctypes.get_errno())}"
    os.close(ring)
    return ""


def has(program):
    return shutil.which(program) is not None


def not_root():
    return "" if os.geteuid() == 0 else "needs root"


def skip_if(reason):
    """Skips a test or, outside of one, the module."""
    if reason:
        pytest.skip(reason, allow_module_level=True)
