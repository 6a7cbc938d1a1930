# SPDX-License-Identifier: Apache-2.0
"""Waiting for a state that can be observed, never for an amount of time."""

import time

# How long anything may take before a test fails. Far more than it ever needs: it bounds a test that
# hangs, and says nothing about speed.
DEADLINE_S = 30.0
_POLL_S = 0.02


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Returns the first true value of condition(); fails with `what` after the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            text = what() if callable(what) else what
            raise AssertionError(f"not within {deadline_s:.0f} s: {text}")
        time.sleep(_POLL_S)
