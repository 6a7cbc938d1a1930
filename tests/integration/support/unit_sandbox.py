# SPDX-License-Identifier: Apache-2.0
"""Runs a command under what a unit of systemd's allows of system calls, without systemd.

    unit_sandbox.py UNIT COMMAND…

Where systemd would make a call fail, this ends the process with SIGSYS: nothing that the command
does without can hide. Of the unit it takes SystemCallFilter=, RestrictAddressFamilies=,
RestrictNamespaces=, MemoryDenyWriteExecute= and NoNewPrivileges=; needs systemd-analyze and
python3-seccomp.
"""

import errno
import functools
import mmap
import os
import pathlib
import shutil
import socket
import subprocess
import sys

_NAMESPACES = 0x7E020080  # All of CLONE_NEW…, of what clone() takes.


def missing():
    """The reason why it cannot run here, or an empty text."""
    if shutil.which("systemd-analyze") is None:
        return "no systemd-analyze here"
    try:
        import seccomp  # noqa: F401
    except ImportError:
        return "no python3-seccomp here"
    return ""


def settings(unit):
    """The values of each key of [Service], a list of words; an empty value begins anew."""
    values, section = {}, ""
    for line in pathlib.Path(unit).read_text().splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            values.setdefault(key, []).append(value.split())
    return values


@functools.cache
def _groups():
    """Each of systemd's groups of system calls: name → members, groups among them."""
    listed = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter"], check=True,
                            capture_output=True, text=True).stdout
    groups = {}
    for line in listed.splitlines():
        if line.startswith("@"):
            members = groups.setdefault(line.strip(), [])
        elif line.startswith(" ") and not line.strip().startswith("#"):
            members.append(line.strip())
        elif line.startswith("#"):  # What the kernel has beyond all groups.
            break
    return groups


def _expanded(words):
    calls = set()
    for word in words:
        calls |= _expanded(_groups()[word]) if word.startswith("@") else {word}
    return calls


def allowed_calls(unit):
    """The names of the system calls that the unit allows."""
    calls = _expanded(["@default"])
    for words in settings(unit)["SystemCallFilter"]:
        if words[0].startswith("~"):
            calls -= _expanded([words[0][1:], *words[1:]]) - _expanded(["@default"])
        else:
            calls |= _expanded(words)
    return calls


def confine(unit):
    """What the unit does not allow ends this process from now on."""
    import seccomp

    def masked(argument, mask, value):
        return seccomp.Arg(argument, seccomp.MASKED_EQ, mask, value)
    written_code = mmap.PROT_WRITE | mmap.PROT_EXEC
    conditional = {
        "socket": [seccomp.Arg(0, seccomp.EQ, getattr(socket, family))
                   for family in settings(unit)["RestrictAddressFamilies"][0]],
        "mmap": [masked(2, written_code, protection)
                 for protection in (0, mmap.PROT_WRITE, mmap.PROT_EXEC)],
        "mprotect": [masked(2, mmap.PROT_EXEC, 0)],
        "clone": [masked(0, _NAMESPACES, 0)],
    }
    rules = seccomp.SyscallFilter(seccomp.KILL_PROCESS)  # Sets no_new_privs as well.
    for call in sorted(allowed_calls(unit) - {"clone3", "unshare", "setns"}):
        try:
            seccomp.resolve_syscall(seccomp.Arch(), call)
            if call not in conditional:
                rules.add_rule(seccomp.ALLOW, call)
        except (RuntimeError, ValueError, OSError):
            continue  # A call of other architectures, or one too new for the library.
        for condition in conditional.get(call, []):
            rules.add_rule(seccomp.ALLOW, call, condition)
    # Its flags are in memory, where no filter looks; the C library then takes clone().
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.load()


if __name__ == "__main__":
    confine(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
