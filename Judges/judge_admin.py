#!/usr/bin/env python3
"""schemathesis over the OpenAPI document of the administration, against the real gateway.

    judge_admin.py --torii BIN [--examples N] [--seed N]

A gateway of its own runs on a scratch store, with an operator's key. schemathesis asks every operation of the document with
data that fits its schemas and with data that does not, in sequences too: nothing may be a server error, every answer has to
be one that the document has, with its type, its headers and its schema, what does not fit has to be refused, and nothing is
done without the key. One case is one operation.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import judging
from judging import Tally
from processes import Child

HERE = os.path.dirname(os.path.abspath(__file__))
ADDRESS = r"administration on (http://127\.0\.0\.1:\d+)(?=[^\d.])"
CONFIGURATION = """\
providers:
  - {name: demo, base_url: 'scripted:', model: demo, tags: [own]}
  - {name: other, base_url: 'http://127.0.0.1:9/v1', api_keys: [one, two], dialect: chat}
routes:
  - name: at-night
    when: {models: [gpt-*], times: [{days: [fri], from: "22:00", to: "06:00"}], headers: {x-team: "*"}}
    targets: [{provider: demo, model: demo, weight: 3}, {provider: other}]
    fallbacks: [{provider: other, model: large, on: [context_length_exceeded]}]
    canary: {provider: other, model: new, percent: 5}
  - {name: rest, targets: [{provider: demo}]}
"""
# 412: the ETag that If-Match names is hardly ever the right one.
CHECKS = """\
hooks = "admin_hooks"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "412"]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "412", "413", "422"]
"""


class Gateway(Child):
    """torii with a store and a configuration of its own."""

    def __init__(self, torii):
        self.home = judging.scratch("admin")
        path = f"{self.home}/config.yaml"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION)
        words = [torii, "serve", "--config", path, "--host", "127.0.0.1", "--port", "0", "--admin-port", "0"]
        environment = {"HOME": self.home, "XDG_CONFIG_HOME": f"{self.home}/c", "XDG_STATE_HOME": f"{self.home}/state"}
        super().__init__(words, ADDRESS, environment, seconds=30)

    def ask(self, method, path, body=None, key=None):
        fields = {"Authorization": f"Bearer {key}"} if key else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.announced + path, data, fields, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)


def run(options, gateway, key, document):
    """Runs schemathesis; returns its report and what it printed."""
    # From a file: it leaves out the operation by which it was given a document.
    with open(f"{gateway.home}/openapi.json", "w", encoding="utf-8") as file:
        json.dump(document, file)
    with open(f"{gateway.home}/schemathesis.toml", "w", encoding="utf-8") as file:
        file.write(CHECKS)
    report = f"{gateway.home}/report.json"
    command = [os.path.join(os.path.dirname(sys.executable), "st"), "--no-color"]
    command += ["--config-file", f"{gateway.home}/schemathesis.toml", "run", f"{gateway.home}/openapi.json"]
    command += ["--url", gateway.announced]
    command += ["--header", f"Authorization: Bearer {key['key']}", "--seed", str(options.seed)]
    command += ["--max-examples", str(options.examples), "--generation-database", "none", "--workers", "2"]
    command += ["--continue-on-failure", "--no-shrink", "--warnings", "off", "--report-json-path", report]
    # The keys that it would make up disagree with the one that it is given.
    command += ["--generation-with-security-parameters", "false"]
    environment = {
        **os.environ,
        "PYTHONPATH": HERE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "ADMIN_KEY_ID": key["id"],
    }
    child = subprocess.Popen(
        command,
        env=environment,
        cwd=gateway.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output = child.communicate(timeout=options.seconds)[0]
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)  # its own session: nothing but schemathesis
        output = child.communicate()[0]
        raise RuntimeError(f"schemathesis took more than {options.seconds} s:\n{output[-2000:]}") from None
    if not os.path.exists(report):
        raise RuntimeError(f"schemathesis gave no report:\n{output[-3000:]}")
    with open(report, encoding="utf-8") as file:
        return json.load(file), output


def judge(tally, gateway, options):
    key = gateway.ask("POST", "/admin/v1/keys", {"label": "judge", "role": "operator"})
    gateway.ask("POST", "/admin/v1/tenants", {"name": "acme"}, key["key"])
    document = gateway.ask("GET", "/admin/v1/openapi.json")
    names = [f"{method.upper()} {path}" for path, part in document["paths"].items() for method in part]
    begun = time.monotonic()
    report, output = run(options, gateway, key, document)
    faults = {}
    for failure in report["failures"]:
        for name in failure["operations"]:
            faults.setdefault(name, []).append(failure["title"])
    for name in names:
        tally.note(name not in faults, name, "; ".join(sorted(set(faults.pop(name, [])))))
    for name in faults:
        tally.note(False, name, "; ".join(faults[name]))
    operations, cases = report["operations"] or {}, report["test_cases"]
    whole = report["complete"] and not report["errors"] and operations.get("tested") == len(names)
    errors = "; ".join(error["title"] for error in report["errors"])
    errors = errors or ("" if whole else f"{len(names)} operations, of which it tells {operations}")
    seconds = time.monotonic() - begun
    tally.note(whole, "all of it was asked", errors or f"{cases['generated']} requests in {seconds:.0f} s")
    tally.note(gateway.alive(), "the gateway lives")
    verify = gateway.ask("GET", "/admin/v1/audit?limit=1", key=key["key"])
    tally.note(verify["length"] > 0, "what was done is in the audit log", f"{verify['length']} entries")
    if report["failures"] or not whole or options.verbose:
        print(output, file=sys.stderr)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--torii", required=True, help="the binary to judge")
    arguments.add_argument("--examples", type=int, default=25, help="cases for each operation and phase (default 25)")
    arguments.add_argument("--seed", type=int, default=6, help="where the data begins (default 6)")
    arguments.add_argument("--seconds", type=float, default=400, help="for all of it (default 400)")
    arguments.add_argument("--verbose", action="store_true", help="show what schemathesis prints")
    options = arguments.parse_args()
    tally = Tally()
    gateway = Gateway(os.path.abspath(options.torii))
    try:
        judge(tally, gateway, options)
    finally:
        gateway.stop()
        judging.drop(gateway.home)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
