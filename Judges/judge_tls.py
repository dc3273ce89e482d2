#!/usr/bin/env python3
"""TLS sessions of clients that have shown a certificate: whoever resumes one is still who it was.

    judge_tls.py --torii BIN

Every client of OpenSSL's keeps its sessions, with a TLS 1.2 ticket or a pre-shared key of TLS 1.3, and shows its certificate
in the first handshake alone. A gateway of its own runs with client certificates of two tenants, asked for and required.
"""

import argparse
import json
import os
import socket
import ssl
import sys
import time

from gateways import Gateway, Home
from judging import Tally

CERTIFICATES = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "Tests", "Certificates"))
CONFIGURATION = """\
providers:
  - {{name: demo, base_url: 'scripted:', model: demo}}
prices: {{unknown: free}}
server:
  tls_cert: {folder}/valid.pem
  tls_key: {folder}/key.pem
  client_certificates:
    ca: {folder}/client-ca.pem
    required: {required}
    rules:
      - {{name: uri, value: "spiffe://corp.example/acme/*", tenant: acme}}
      - {{name: uri, value: "spiffe://corp.example/other/*", tenant: other}}
"""
BODY = json.dumps({"model": "demo", "messages": [{"role": "user", "content": "hi"}]})
REQUEST = (
    "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\nConnection: close\r\n\r\n{BODY}"
)


class Client:
    """A client that keeps its last session; `certificate` is a file's name, or None."""

    def __init__(self, gateway, version, certificate):
        self.port, self.session = gateway.port, None
        self.context = ssl.create_default_context(cafile=f"{CERTIFICATES}/ca.pem")
        # The tests' authority is older than what some Pythons ask of one.
        self.context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        self.context.minimum_version = self.context.maximum_version = version
        if certificate:
            self.context.load_cert_chain(f"{CERTIFICATES}/{certificate}.pem", f"{CERTIFICATES}/key.pem")

    def ask(self):
        """A request on a connection of its own: its status, and whether the session was resumed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain:
            with self.context.wrap_socket(plain, server_hostname="localhost", session=self.session) as secure:
                secure.sendall(REQUEST.encode())
                answer = b""
                while chunk := secure.recv(65536):
                    answer += chunk
                # A ticket of TLS 1.3 comes behind the handshake.
                self.session = secure.session
                return int(answer.split(b" ", 2)[1]), secure.session_reused

    def resumes(self, expected, times=3):
        """Asks on a fresh connection and on some that resume; all have to be answered alike."""
        first, _ = self.ask()
        assert first == expected, f"{first} at first"
        for turn in range(times):
            status, is_reused = self.ask()
            assert is_reused, f"the session was not resumed the {turn + 1}. time"
            assert status == expected, f"{status} on a resumed session"
        return f"{expected}, resumed {times} times"


def judge(tally, gateway, required):
    suffix = ", required" if required else ""
    versions = {"TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}
    known = {}
    for title, version in versions.items():
        for certificate, expected in [("client-acme", 200), ("client-other", 200), ("client-unknown", 401)]:
            client = known[title, certificate] = Client(gateway, version, certificate)
            tally.run(f"{title}, {certificate}{suffix}", lambda c=client, e=expected: c.resumes(e))
        if not required:
            client = known[title, None] = Client(gateway, version, None)
            tally.run(f"{title}, no certificate", lambda c=client: c.resumes(401))
    gateway.home.run("tenants", "change", "acme", "--status", "suspended", seconds=30)
    deadline = time.monotonic() + 10
    while known["TLS 1.2", "client-acme"].ask()[0] != 403 and time.monotonic() < deadline:
        time.sleep(0.05)
    for (title, certificate), client in known.items():
        expected = {"client-acme": 403, "client-other": 200}.get(certificate, 401)

        def is_still(client=client, expected=expected):
            status, is_reused = client.ask()
            assert status == expected and is_reused, f"{status}, resumed: {is_reused}"
            return f"{status}"

        tally.run(f"{title}, {certificate or 'no certificate'} while acme is suspended{suffix}", is_still)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--torii", required=True, help="the binary to judge")
    options = arguments.parse_args()
    tally = Tally()
    for required in (False, True):
        configuration = CONFIGURATION.format(folder=CERTIFICATES, required=str(required).lower())
        with Home(options.torii, configuration, "tls") as home:
            for name in ("acme", "other"):
                home.run("tenants", "create", name, seconds=30)
            with Gateway(home, seconds=30) as gateway:
                judge(tally, gateway, required)
                tally.note(gateway.alive(), "the gateway lives")
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
