# SPDX-License-Identifier: Apache-2.0
"""HTTPS: versions, ALPN, resumption on any worker, kinds of keys, and who does not speak TLS."""

import socket
import ssl
import subprocess

import pytest

from support.certificates import Certificates
from support.http_client import request
from support.torrent import random_info_hash

_VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
_WORKERS = 4
# Where the kernel spreads connections evenly, the chance that they miss a worker is 4 · (3/4)^64.
_CONNECTIONS = 64


@pytest.fixture(scope="module")
def secure(start_shared_http_tracker, certificates):
    return start_shared_http_tracker(
        {"socket_workers": _WORKERS, "statistics": {"interval": 1, "print_to_stdout": True}},
        certificates)


def context_of(certificates, version=None):
    context = certificates.context()
    if version:
        context.minimum_version = context.maximum_version = version
    return context


@pytest.mark.parametrize("version", _VERSIONS, ids=lambda version: version.name)
def test_versions(secure, certificates, family, version):
    """TLS 1.2 and 1.3, with forward secrecy and http/1.1 agreed on by ALPN."""
    with secure.client(family, tls=context_of(certificates, version)) as client:
        assert client.socket.version() == version.name.replace("_", ".")
        assert client.socket.selected_alpn_protocol() == "http/1.1"
        name, _, bits = client.socket.cipher()
        assert bits >= 128 and (name.startswith("TLS_") or "ECDHE" in name)
        assert client.announce(random_info_hash(), port=1).peers == ()


def test_old_versions_are_refused(secure, certificates):
    """TLS 1.1 is no more."""
    context = context_of(certificates)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        secure.client(tls=context)


@pytest.mark.parametrize("protocols, agreed", [
    ([], None), (["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1"),
    (["http/1.1", "h2"], "http/1.1")])
def test_alpn(secure, certificates, protocols, agreed):
    """Of several protocols http/1.1 is taken; whoever offers none is served as well."""
    context = ssl.create_default_context(cafile=certificates.authority)
    if protocols:
        context.set_alpn_protocols(protocols)
    with secure.client(tls=context) as client:
        assert client.socket.selected_alpn_protocol() == agreed
        assert client.get("/health").body == b"ok"


@pytest.mark.parametrize("version", _VERSIONS, ids=lambda version: version.name)
def test_tickets_are_good_on_every_worker(secure, certificates, version):
    """Whichever worker gave a ticket and whichever gets it back, the session is resumed."""
    context = context_of(certificates, version)
    with secure.client(tls=context) as first:
        first.get("/health")  # The ticket of TLS 1.3 comes with the first response.
        session = first.socket.session
        assert session.has_ticket and not first.socket.session_reused
    before = secure.counted("resumed")
    for _ in range(_CONNECTIONS):
        with secure.client(tls=context, session=session) as client:
            assert client.get("/health").body == b"ok"
            assert client.socket.session_reused
    secure.wait_for(lambda: secure.counted("resumed") > before, "resumed handshakes are counted")


def test_resumed_session_announces(secure, certificates, family):
    """A resumed connection is one like any other."""
    context = context_of(certificates)
    with secure.client(family, tls=context) as first:
        first.get("/health")
        session = first.socket.session
    with secure.client(family, tls=context, session=session) as client:
        assert client.announce(random_info_hash(), port=1).external_ip == client.source[0]


def test_foreign_session_is_no_harm(secure, start_http_tracker, certificates):
    """A ticket of another process means nothing: a full handshake follows."""
    context = context_of(certificates)
    with start_http_tracker(certificates=certificates).client(tls=context) as other:
        other.get("/health")
        session = other.socket.session
    with secure.client(tls=context, session=session) as client:
        assert client.get("/health").body == b"ok"
        assert not client.socket.session_reused


@pytest.mark.parametrize("data", [request("/health"), b"\x16\x03\x01\x00\x04hihi", b"\xff" * 64,
                                  b"SSH-2.0-x\r\n"], ids=["http", "garbage", "ones", "ssh"])
def test_no_tls(secure, family, data):
    """Whoever does not speak TLS gets an alert at most, and is cut off."""
    with secure.client(family, tls=None) as client:
        client.send(data)
        try:
            assert client.read_to_end()[:1] in (b"", b"\x15")
        except ConnectionResetError:
            pass
    secure.wait_for(lambda: secure.counted("TLS failures/s") > 0, "failures are counted")


def test_client_that_does_not_trust(secure, foreign_context, family):
    """A client of another authority refuses the certificate; others are served."""
    with pytest.raises(ssl.SSLCertVerificationError):
        secure.client(family, tls=foreign_context)
    with secure.client(family) as client:
        assert client.get("/health").body == b"ok"


@pytest.fixture(scope="module")
def foreign_context():
    return ssl.create_default_context()


def converted(certificates, folder, *command):
    """The same certificate with its key in another form."""
    key_path = folder / "other-key.pem"
    subprocess.run(["openssl", *command, "-in", certificates.key, "-out", key_path],
                   check=True, stderr=subprocess.PIPE)
    return Certificates(certificates.authority, certificates.certificate, key_path)


@pytest.mark.parametrize("kind, command, mark", [
    ("ec", ["pkey"], "BEGIN PRIVATE KEY"), ("ec", ["ec"], "BEGIN EC PRIVATE KEY"),
    ("rsa", ["pkey"], "BEGIN PRIVATE KEY"),
    ("rsa", ["rsa", "-traditional"], "BEGIN RSA PRIVATE KEY")],
    ids=["ec-pkcs8", "ec-sec1", "rsa-pkcs8", "rsa-pkcs1"])
def test_keys(start_http_tracker, authority, kind, command, mark):
    """PKCS#8, PKCS#1 and SEC1, of elliptic curves and RSA."""
    folder = start_http_tracker.folder()
    certificates = converted(authority.issue(kind), folder, *command)
    assert mark in certificates.key.read_text()
    with start_http_tracker(certificates=certificates).client() as client:
        assert client.get("/health").body == b"ok"


def test_chain(start_http_tracker, authority):
    """Who trusts the root alone is sent the authority between, which the file has too."""
    certificates = authority.issue_below()
    with start_http_tracker(certificates=certificates).client() as client:
        assert client.get("/health").body == b"ok"


def test_end_is_announced(secure):
    """The end of a connection is one that TLS knows of: nothing was cut off."""
    with secure.client() as client:
        assert client.get("/health", "Connection: close").body == b"ok"
        assert client.read_to_end() == b""  # Raises where close_notify is missing.


def test_half_of_a_handshake(secure):
    """A connection that ends in the middle of its handshake is forgotten."""
    with secure.client(tls=None) as client:
        client.send(bytes.fromhex("160301020001"))
    with secure.client(tls=None) as client:
        client.send(bytes.fromhex("160301020001"))
        client.socket.shutdown(socket.SHUT_WR)
        assert client.is_cut_off()
    secure.wait_for_report(lambda report: report["open"] == 0, "both are gone")
