# SPDX-License-Identifier: Apache-2.0
"""A child process whose output is collected line by line while it runs."""

import signal
import subprocess
import threading

from support.waiting import DEADLINE_S, wait_until


class Lines:
    """The lines that a stream has given so far; a thread reads it to the end."""

    def __init__(self, stream):
        self._lines = []
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        with stream:
            for line in stream:
                self._lines.append(line.rstrip("\n"))

    def __iter__(self):
        return iter(list(self._lines))

    def __len__(self):
        return len(self._lines)

    @property
    def text(self):
        return "\n".join(self)

    def matching(self, part, start=0):
        """The lines from index `start` on that contain `part`, in either case."""
        return [line for line in list(self._lines)[start:] if part.lower() in line.lower()]

    def join(self):
        self._thread.join(DEADLINE_S)


class Process:
    """Runs `command`; stop() or wait() ends it. Only this child is ever signalled, by its pid."""

    def __init__(self, command, cwd=None, env=None, pass_fds=()):
        self.command = [str(part) for part in command]
        self._child = subprocess.Popen(
            self.command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, errors="replace", pass_fds=pass_fds)
        self.stdout = Lines(self._child.stdout)
        self.stderr = Lines(self._child.stderr)

    @property
    def pid(self):
        return self._child.pid

    @property
    def exit_code(self):
        """None while it runs."""
        return self._child.poll()

    def send_signal(self, number):
        self._child.send_signal(number)

    def wait(self, deadline_s=DEADLINE_S):
        """Returns the exit code once the process has ended by itself and its output is read."""
        try:
            code = self._child.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running after {deadline_s:.0f} s: {self.describe()}")
        self.stdout.join()
        self.stderr.join()
        return code

    def wait_for(self, condition, what, deadline_s=DEADLINE_S):
        """wait_until() that also fails as soon as the process is gone."""
        def alive_and_true():
            value = condition()
            if not value and self.exit_code is not None:
                self.wait()
                value = condition()
                assert value, f"ended before {what}: {self.describe()}"
            return value
        return wait_until(alive_and_true, lambda: f"{what}: {self.describe()}", deadline_s)

    def stop(self, number=signal.SIGTERM, deadline_s=DEADLINE_S):
        """Sends the signal, if the process still runs, and returns its exit code."""
        if self.exit_code is None:
            self.send_signal(number)
        return self.wait(deadline_s)

    def kill(self):
        if self.exit_code is None:
            self._child.kill()
        self._child.wait(DEADLINE_S)

    def describe(self):
        return (f"{' '.join(self.command)} (exit code {self.exit_code})\n"
                f"--- stdout\n{self.stdout.text}\n--- stderr\n{self.stderr.text}")
