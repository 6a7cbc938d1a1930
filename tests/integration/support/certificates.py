# SPDX-License-Identifier: Apache-2.0
"""Authorities of the tests' own and certificates of them, made by the openssl command."""

import dataclasses
import itertools
import pathlib
import shutil
import ssl
import subprocess

from support.network import HOST_NAMES

# Every name and address under which a test may ask for a tracker.
_ADDRESSES = ("127.0.0.1", "::1")
_HOSTS = ("localhost", *HOST_NAMES.values())
_DAYS = 2
_NEW_KEY = {"ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            "rsa": ["-newkey", "rsa:2048"]}


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL,
                   capture_output=True)


@dataclasses.dataclass(frozen=True)
class Certificates:
    authority: pathlib.Path    # Whom clients trust.
    certificate: pathlib.Path  # Of this machine's loopback addresses.
    key: pathlib.Path

    def context(self):
        """What a client of ours verifies with."""
        context = ssl.create_default_context(cafile=self.authority)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def der(self):
        """The certificate as a handshake has it."""
        return ssl.PEM_cert_to_DER_cert(self.certificate.read_text())


class Authority:
    """Its certificate is `path`: what clients are told to trust."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._numbers = itertools.count(1)
        self.path = self._folder / "authority.pem"
        self._key_path = self._folder / "authority-key.pem"
        _openssl("req", "-x509", *_NEW_KEY["ec"], "-nodes", "-days", _DAYS,
                 "-subj", "/CN=Authority of aquatic's tests",
                 "-addext", "basicConstraints=critical,CA:TRUE",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                 "-keyout", self._key_path, "-out", self.path)

    def issue(self, key="ec", signed_by=None):
        """A new certificate with a new key; both readable by anybody."""
        names = [f"IP:{address}" for address in _ADDRESSES] + [f"DNS:{host}" for host in _HOSTS]
        path, key_path = self._sign(key, "/CN=tracker.test",
                                    signed_by or (self.path, self._key_path),
                                    "basicConstraints = critical,CA:FALSE\n"
                                    "extendedKeyUsage = serverAuth\n"
                                    f"subjectAltName = {','.join(names)}\n")
        return Certificates(self.path, path, key_path)

    def issue_below(self):
        """One that another authority has signed, which this one vouches for: a chain of two."""
        between, between_key = self._sign("ec", "/CN=Authority between",
                                          (self.path, self._key_path),
                                          "basicConstraints = critical,CA:TRUE\n"
                                          "keyUsage = critical,keyCertSign\n")
        issued = self.issue(signed_by=(between, between_key))
        with issued.certificate.open("a") as file:
            file.write(between.read_text())
        return issued

    def _sign(self, key, subject, signed_by, extensions):
        number = next(self._numbers)
        path, key_path = [self._folder / f"{what}-{number}.pem" for what in ("certificate", "key")]
        request_path = self._folder / f"request-{number}.pem"
        extensions_path = self._folder / f"extensions-{number}"
        extensions_path.write_text(extensions)
        _openssl("req", *_NEW_KEY[key], "-nodes", "-subj", subject,
                 "-keyout", key_path, "-out", request_path)
        _openssl("x509", "-req", "-in", request_path, "-CA", signed_by[0], "-CAkey", signed_by[1],
                 "-set_serial", number, "-days", _DAYS, "-extfile", extensions_path, "-out", path)
        key_path.chmod(0o644)
        return path, key_path


def make_certificates(folder):
    """Those of an authority that nobody else needs."""
    return Authority(folder).issue()


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
