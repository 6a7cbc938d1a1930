# SPDX-License-Identifier: Apache-2.0
"""An authority of the tests' own and certificates of it, made by the openssl command."""

import dataclasses
import pathlib
import shutil
import ssl
import subprocess

_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"


@dataclasses.dataclass(frozen=True)
class Certificates:
    authority: pathlib.Path    # Whom clients trust.
    certificate: pathlib.Path  # Of this machine's loopback addresses.
    key: pathlib.Path

    def context(self):
        """What a client of ours verifies with."""
        return ssl.create_default_context(cafile=self.authority)


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *map(str, arguments)], cwd=folder, check=True,
                   stdin=subprocess.DEVNULL, capture_output=True)


def make_certificates(folder):
    folder = pathlib.Path(folder)
    _openssl(folder, "req", "-x509", *_KEY, "-keyout", "authority.key", "-out", "authority.pem",
             "-days", 2, "-subj", "/CN=aquatic's tests", "-addext", "keyUsage=keyCertSign")
    _openssl(folder, "req", *_KEY, "-keyout", "tracker.key", "-out", "tracker.csr",
             "-subj", "/CN=localhost")
    (folder / "names").write_text(f"{_NAMES}\nextendedKeyUsage=serverAuth\n")
    _openssl(folder, "x509", "-req", "-in", "tracker.csr", "-CA", "authority.pem", "-CAkey",
             "authority.key", "-CAcreateserial", "-extfile", "names", "-days", 2, "-out",
             "tracker.pem")
    return Certificates(*[folder / name for name in ("authority.pem", "tracker.pem",
                                                     "tracker.key")])


def trust_in_browser(certificates, home):
    """Puts the authority into the NSS database in which Chromium looks for those of a user."""
    database = pathlib.Path(home) / ".pki" / "nssdb"
    database.mkdir(parents=True)
    for arguments in (["-N", "--empty-password"],
                      ["-A", "-n", "aquatic's tests", "-t", "C,,", "-i",
                       certificates.authority]):
        subprocess.run(["certutil", "-d", f"sql:{database}", *map(str, arguments)], check=True,
                       stdin=subprocess.DEVNULL, capture_output=True)


def no_certutil():
    return "" if shutil.which("certutil") else "not installed: certutil (libnss3-tools)"
