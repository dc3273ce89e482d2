#!/usr/bin/env python3
"""Runs the judges against a gateway over each upstream dialect, and prints a client x upstream matrix.

  matrix.py --torii BINARY [--own-dialect]       torii over all four dialects
  matrix.py --name other --gateway './start.sh {dialect} {upstream} {port} {key} {model}'
  matrix.py --direct                             the scripted model itself, each judge over its own dialect

Words filled in: {dialect} chat|responses|messages|ollama, {upstream} (http://host:port, without /v1), {port}, {key},
{model}. For each dialect: model.py is started, then the gateway, then the judges one after the other; both are stopped
at the end. Judges: sdk and ollama (--python: one with the packages), comply (--llm-comply), codex (--codex), claude
(--claude); each may come from the environment instead: SDK_PYTHON, LLM_COMPLY, CODEX, CLAUDE. What is not there is
left out. The full output of each judge, and each request the model saw, is kept below --out.
"""

import argparse
import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import servers
from processes import Child

HERE = os.path.dirname(os.path.abspath(__file__))
DIALECTS = ("chat", "responses", "messages", "ollama")
JUDGES = ("sdk", "comply", "ollama", "codex", "claude")
SPEAKS = {
    "chat": ["sdk", "comply"],
    "responses": ["codex", "sdk", "comply"],
    "messages": ["claude", "sdk", "comply"],
    "ollama": ["ollama"],
}
FORMATS = {"chat": "openai-chat", "responses": "open-responses", "messages": "anthropic"}
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers_http(url, child, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and child.alive():
        try:
            urllib.request.urlopen(url + "/health", timeout=3).close()
            return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.2)
    return False


class Matrix:
    def __init__(self, options):
        self.options = options
        self.out = os.path.abspath(options.out)
        self.there = {"sdk": options.python, "ollama": options.python, "comply": options.llm_comply}
        self.there |= {"codex": options.codex, "claude": options.claude}
        self.wanted = [judge for judge in options.judges.split(",") if self.there[judge]]
        self.cells = {}  # (judge, dialect): (passed, of), None where the gateway was down
        os.makedirs(self.out, exist_ok=True)

    def run(self):
        for dialect in self.options.dialects.split(","):
            record = f"{self.out}/{self.options.name}-{dialect}-requests"
            key = self.options.key if self.options.direct else None
            model = self.options.model
            lenient = self.options.lenient
            with servers.scripted_model(dialect, model, key, lenient, record) as upstream:
                self.over(dialect, upstream.announced)

    def over(self, dialect, upstream):
        judges = self.wanted
        if self.options.own_dialect:
            judges = [judge for judge in judges if judge in SPEAKS.get(dialect, [])]
        try:
            with self.gateway(dialect, upstream) as base:
                for judge in judges:
                    self.judge(judge, base, upstream, dialect)
        except RuntimeError as reason:
            print(f"# {self.options.name} over {dialect}: {reason}", flush=True)
            self.cells.update({(judge, dialect): None for judge in judges})

    @contextlib.contextmanager
    def gateway(self, dialect, upstream):
        options = self.options
        if options.direct:
            yield upstream
        elif options.torii:
            provider = servers.Provider("upstream", upstream, dialect, options.model, "sk-upstream")
            with servers.Gateway(options.torii, [provider], options.key) as gateway:
                yield gateway.announced
        else:
            port = free_port()
            words = dict(dialect=dialect, upstream=upstream, port=port, key=options.key, model=options.model)
            with Child(shlex.split(options.gateway.format(**words)), "()", folder=HERE) as gateway:
                base = f"http://127.0.0.1:{port}"
                if not answers_http(base, gateway, options.wait):
                    raise RuntimeError(f"the gateway does not come up:\n{gateway.output()[-2000:]}")
                yield base

    def command(self, judge, base, dialect):
        options = self.options
        tail = [base, options.key, options.model]
        program = self.there[judge]
        if judge == "sdk":
            wire = ["--wire", dialect] if options.own_dialect else []
            return [program, f"{HERE}/judge_sdk.py", "--scripted", *wire, *tail]
        if judge == "ollama":
            return [program, f"{HERE}/judge_ollama.py", *(["--direct"] if options.direct else []), *tail]
        if judge == "comply":
            formats = ["--format", FORMATS[dialect]] if options.own_dialect else []
            return [sys.executable, f"{HERE}/judge_comply.py", *formats, *tail]
        return [sys.executable, f"{HERE}/judge_{judge}.py", f"--{judge}", program, *tail]

    def judge(self, judge, base, upstream, dialect):
        environment = {"MODEL_URL": upstream, "MODEL_DIALECT": dialect, "LLM_COMPLY": self.options.llm_comply or ""}
        path = f"{self.out}/{self.options.name}-{dialect}-{judge}.txt"
        with open(path, "w") as log:
            child = subprocess.Popen(
                self.command(judge, base, dialect),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                start_new_session=True,
            )
            try:
                child.wait(self.options.limit)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        with open(path, encoding="utf-8") as log:
            self.count(judge, dialect, log.read())

    def count(self, judge, dialect, text):
        closing = CLOSING.search(text)
        if closing:
            passed, failed = int(closing[1]), int(closing[2])
        else:  # the judge itself was stopped: count what it had said
            passed, failed = len(re.findall("^ok ", text, re.MULTILINE)), len(re.findall("^FAIL", text, re.MULTILINE))
        self.cells[judge, dialect] = (passed, passed + failed)
        print(f"# {self.options.name} over {dialect}: {judge} {passed}/{passed + failed}", flush=True)
        for line in text.splitlines():
            if line.startswith("FAIL"):
                print("    " + line[:330], flush=True)

    def shown(self, judge, dialect):
        cell = self.cells.get((judge, dialect), "-")
        return "down" if cell is None else cell if cell == "-" else f"{cell[0]}/{cell[1]}"

    def report(self):
        dialects = self.options.dialects.split(",")
        print(f"\n{self.options.name:<14}" + "".join(f"{dialect:>12}" for dialect in dialects))
        for judge in self.wanted:
            print(f"{judge:<14}" + "".join(f"{self.shown(judge, dialect):>12}" for dialect in dialects))
        if self.options.json:
            cells = {f"{judge}/{dialect}": cell for (judge, dialect), cell in self.cells.items()}
            with open(self.options.json, "a") as file:
                file.write(json.dumps({"name": self.options.name, "cells": cells}) + "\n")
        counted = [cell for cell in self.cells.values() if cell]
        passed, total = sum(cell[0] for cell in counted), sum(cell[1] for cell in counted)
        print(f"{passed} passed, {total - passed} failed")
        return passed != total or not total or None in self.cells.values()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = arguments.add_mutually_exclusive_group(required=True)
    which.add_argument("--torii", help="the binary")
    which.add_argument("--gateway", help="command template of another gateway")
    which.add_argument("--direct", action="store_true", help="no gateway")
    arguments.add_argument("--name", help="in the tables (default: torii, gateway or direct)")
    arguments.add_argument("--dialects", default=",".join(DIALECTS))
    arguments.add_argument("--judges", default=",".join(JUDGES))
    arguments.add_argument("--own-dialect", action="store_true", help="each judge only over the dialect it speaks")
    arguments.add_argument("--lenient", action="store_true", help="the model accepts unknown top-level parameters")
    arguments.add_argument("--key", default="sk-judge-3f9c1b7a5d2e4860b1c3")
    arguments.add_argument("--model", default="scripted")
    arguments.add_argument("--python", default=os.environ.get("SDK_PYTHON"))
    arguments.add_argument("--llm-comply", default=os.environ.get("LLM_COMPLY"))
    arguments.add_argument("--codex", default=os.environ.get("CODEX"))
    arguments.add_argument("--claude", default=os.environ.get("CLAUDE"))
    arguments.add_argument("--out", default=os.path.join(HERE, "..", ".judges", "results"))
    arguments.add_argument("--wait", type=float, default=90, help="seconds for the gateway to come up")
    arguments.add_argument("--limit", type=float, default=900, help="seconds for one judge")
    arguments.add_argument("--json", metavar="FILE", help="append the cells there as one line of JSON")
    options = arguments.parse_args()
    options.name = options.name or ("torii" if options.torii else "direct" if options.direct else "gateway")
    options.own_dialect |= options.direct
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    matrix = Matrix(options)
    matrix.run()
    return 1 if matrix.report() else 0


if __name__ == "__main__":
    sys.exit(main())
