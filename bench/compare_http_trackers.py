#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts HTTP servers under the same load by turns and compares what a response costs them.

  bench/compare_http_trackers.py [--nginx /usr/sbin/nginx] \
      [--handshake-bench build/bench/bench/handshake_bench] \
      [--tracker 'NAME=/path/to/tracker -p {port} -w {info_hashes} …']

Aquatic is the first, and the others are compared with it:
  keep-alive    plain, many requests a connection; nginx answers with a constant body of the same
                size as aquatic's on average, and knows nothing of torrents;
  connections   plain, a new connection for each request; with other trackers, where there are any;
  https         a new connection with a full TLS 1.3 handshake (P-256) for each request; nginx has
                the same certificate. handshake_bench tells what the TLS library alone takes.

In the command of a tracker, {port} is the port to listen on (127.0.0.1), {file:PATH} a copy of a
file in which the word PORT is replaced by the port, and {info_hashes} a file with all info hashes
of the load, for a tracker that wants an allow list. How turns are taken stands in comparison.py.
Before the first round each tracker is filled with the whole population.

Prints tables with medians and [least–most], and writes everything measured to --json.
Exit status: 0, or 1 if a server or the generator failed, or aquatic answered wrongly.
"""

import argparse
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile

from comparison import (SERVER_CPU, Server, machine, play_rounds, run_generator, spread, table,
                        write_json, wrong_counts)

FIRST_PORT = 21200  # Below those that the kernel gives to connections.
TABLES = ["tcp", "tcp6"]

AQUATIC_CONFIG = """
socket_workers = 1
[network]
use_ipv6 = false
address_ipv4 = "127.0.0.1:{port}"
{tls}
[cleaning]
max_peer_age = 36000
"""
AQUATIC_TLS = """
enable_tls = true
tls_certificate_path = "{folder}/cert.pem"
tls_private_key_path = "{folder}/key.pem"
"""

# One process, nothing written, connections that never end by themselves.
NGINX_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx-{port}.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  server_tokens off;
  default_type text/plain;
  keepalive_requests 1000000000;
  keepalive_timeout 300;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  server {{
    listen 127.0.0.1:{port} backlog=1024 {listen};
    {tls}
    location / {{ return 200 "{body}"; }}
  }}
}}
"""
NGINX_TLS = """
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
"""

MODES = {
    "keep-alive": {"keep_alive": "true", "enable_tls": "false"},
    "connections": {"keep_alive": "false", "enable_tls": "false"},
    "https": {"keep_alive": "false", "enable_tls": "true"},
}


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aquatic", default="build/release/aquatic_http")
    parser.add_argument("--load-test", default="build/release/aquatic_http_load_test")
    parser.add_argument("--nginx", default=shutil.which("nginx", path="/usr/sbin:/usr/bin"))
    parser.add_argument("--handshake-bench", help="executable of bench/handshake_bench.cc")
    parser.add_argument("--tracker", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3, help="of each turn, beside 1 to warm up")
    parser.add_argument("--fill-seconds", type=int, default=10)
    parser.add_argument("--torrents", type=int, default=10_000)
    parser.add_argument("--peers", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--mode", action="append", choices=MODES, help="default: all")
    parser.add_argument("--json", help="file for all that was measured")
    return parser.parse_args()


class Generator:
    """Runs the load tester against one server at a time."""

    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder

    def settings(self, port, pid, mode, seconds, warmup, cap, info_hashes=""):
        return f"""
server_address = "127.0.0.1:{port}"
duration = {seconds}
warmup = {warmup}
num_connections = {self.arguments.connections}
connection_creation_interval_ms = 1
keep_alive = {mode["keep_alive"]}
enable_tls = {mode["enable_tls"]}
tracker_pid = {pid}
report_json = "{{report}}"
info_hashes_path = "{info_hashes}"
extra_statistics = false
[torrents]
number_of_torrents = {self.arguments.torrents}
number_of_peers = {self.arguments.peers}
max_response_peers = {cap}
"""

    def run(self, server, mode, seconds, warmup=1):
        # Aquatic has to give as many peers as there are; others have rules of their own.
        cap = 50 if server.name.startswith("aquatic") else 0
        settings = self.settings(server.port, server.process.pid, mode, seconds + warmup, warmup,
                                 cap)
        return run_generator(self.arguments.load_test, settings, self.folder, seconds + 120)

    def write_info_hashes(self, path):
        """Writes the list without a tracker: nobody has to answer for it to be complete."""
        run_generator(self.arguments.load_test,
                      self.settings(9, 0, MODES["keep-alive"], 1, 0, 0, path), self.folder, 120)


class Contest:
    """Starts the servers of one mode, in a folder that has the certificate."""

    def __init__(self, arguments, folder, info_hashes):
        self.arguments = arguments
        self.folder = folder
        self.info_hashes = info_hashes
        self.next_port = FIRST_PORT

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def start(self, name, command, **values):
        server = Server(name, command, self.next_port, self.folder, values, TABLES)
        self.next_port += 1
        server.wait_until_bound()
        return server

    def start_aquatic(self, mode):
        tls = AQUATIC_TLS.format(folder=self.folder) if mode == "https" else ""
        config = self.write(f"aquatic-{self.next_port}.toml",
                            AQUATIC_CONFIG.format(port=self.next_port, tls=tls))
        return self.start("aquatic", f"{self.arguments.aquatic} -c {{config}}", config=config)

    def start_nginx(self, mode, body_bytes):
        is_tls = mode == "https"
        config = self.write(f"nginx-{self.next_port}.conf", NGINX_CONFIG.format(
            folder=self.folder, port=self.next_port, listen="ssl" if is_tls else "",
            tls=NGINX_TLS.format(folder=self.folder) if is_tls else "",
            body=constant_body(body_bytes)))
        return self.start("nginx, constant", f"{self.arguments.nginx} -p {{folder}} -c {{config}}",
                          config=config, folder=self.folder)

    def start_trackers(self):
        return [self.start(*argument.split("=", 1), info_hashes=self.info_hashes)
                for argument in self.arguments.tracker]


def constant_body(size):
    """A right answer of exactly that size, of characters that nginx takes as they are."""
    for digits in range(1, 8):
        head = (f"d8:completei50e10:downloadedi{'1' * digits}e11:external ip4:1234"
                "10:incompletei50e8:intervali120e12:min intervali60e5:peers")
        for count in range(31):
            peers = "".join(f"{number:06}" for number in range(100_001, 100_001 + count))
            body = f"{head}{len(peers)}:{peers}e"
            if len(body) == size:
                return body
    sys.exit(f"error: no right answer of {size} bytes")


def head_bytes_of(server):
    """Of a response of ours, to take away from the bytes of all."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/announce?info_hash=aaaaaaaaaaaaaaaaaaaa"
                              "&peer_id=-AT0100-999999999999&port=1&left=1&numwant=30")
    response = connection.getresponse()
    body = response.read()
    headers = sum(len(f"{name}: {value}\r\n") for name, value in response.getheaders())
    connection.close()
    # The length of the usual body has three digits.
    return len("HTTP/1.1 200 OK\r\n\r\n") + headers + 3 - len(str(len(body)))


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=localhost",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"],
                   check=True, capture_output=True)


def measure_body(generator, aquatic, seconds):
    """Fills the tracker and returns the mean size of what it answers."""
    generator.run(aquatic, MODES["keep-alive"], seconds, 0)
    turn = generator.run(aquatic, MODES["keep-alive"], 1, 1)
    mean = turn["counts"]["received_bytes"] / turn["counts"]["announce_responses"]
    return round(mean) - head_bytes_of(aquatic)


def measure_handshakes(arguments, folder):
    done = subprocess.run(["taskset", "-c", SERVER_CPU, arguments.handshake_bench,
                           f"{folder}/cert.pem",
                           f"{folder}/key.pem"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def measure(arguments, mode, generator, contest, body_bytes):
    servers = [contest.start_aquatic(mode)]
    try:
        if arguments.nginx:
            servers.append(contest.start_nginx(mode, body_bytes))
        if mode == "connections":
            servers += contest.start_trackers()
        for server in servers:
            generator.run(server, MODES[mode] if mode == "https" else MODES["connections"],
                          arguments.fill_seconds, 0)
        bare = []

        def turn(server):
            if mode == "https" and arguments.handshake_bench and server is servers[0]:
                bare.append(measure_handshakes(arguments, contest.folder))
            return generator.run(server, MODES[mode], arguments.seconds)

        rounds = play_rounds(mode, arguments.rounds, servers, turn)
    finally:
        for server in servers:
            server.stop()
    print(table(mode, rounds, [server.name for server in servers], shows_lost=False), flush=True)
    if bare:
        print(handshake_text(rounds, bare, [server.name for server in servers]), flush=True)
    return {"rounds": rounds, "handshakes": bare}


def handshake_text(rounds, bare, names):
    cost = [handshake["median_ns"] for handshake in bare]
    lines = [f"\nCPU of the TLS library for a handshake alone: {spread(cost, '{:.0f}')} ns"]
    for name in names:
        ratios = [turn[name]["tracker_cpu_ns_per_response"] / handshake
                  for turn, handshake in zip(rounds, cost)]
        lines.append(f"{name}: {spread(ratios, '{:.2f}')} of that for a response")
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # Some trackers change to a user of their own.
        make_certificate(folder)
        generator = Generator(arguments, folder)
        info_hashes = os.path.join(folder, "info-hashes.txt")
        generator.write_info_hashes(info_hashes)
        contest = Contest(arguments, folder, info_hashes)
        sample = contest.start_aquatic("keep-alive")
        try:
            body_bytes = measure_body(generator, sample, arguments.fill_seconds)
        finally:
            sample.stop()
        print(f"body: {body_bytes} bytes", flush=True)
        result = {"machine": machine(), "torrents": arguments.torrents, "peers": arguments.peers,
                  "connections": arguments.connections, "body_bytes": body_bytes,
                  "trackers": arguments.tracker, "modes": {}}
        for mode in arguments.mode or MODES:
            result["modes"][mode] = measure(arguments, mode, generator, contest, body_bytes)
    if arguments.json:
        write_json(arguments.json, result)
    ours = [turn["aquatic"] for mode in result["modes"].values() for turn in mode["rounds"]]
    if wrong_counts(ours):
        sys.exit(f"error: aquatic gave wrong answers: {wrong_counts(ours)}")


if __name__ == "__main__":
    main()
