#!/usr/bin/env python3
"""Runs the judges of `make judges`, one after the other, and prints their total.

    run.py --torii BINARY --work FOLDER [--only PART ...]
    run.py --direct --work FOLDER               the same without a gateway: what the real parts do by themselves

Parts: model (the scripted model judges itself), llama (official SDKs, llama.cpp), sdk (official SDKs, scripted
model, with its faults), codex (the real Codex CLI, scripted model). FOLDER keeps the tiny model between runs.
Run it with a Python that has the packages of requirements.txt.
"""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys

import servers

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = ("model", "llama", "sdk", "codex")
CLIENT_KEY = "sk-judge-3f9c1b7a5d2e4860b1c3"
UPSTREAM_KEY = "sk-upstream-9d27c0a4"


class Judges:
    def __init__(self, options):
        self.torii = options.torii
        self.work = os.path.abspath(options.work)
        self.passed = self.failed = 0
        os.makedirs(self.work, exist_ok=True)

    def heading(self, text):
        print(f"\n# {text}", flush=True)

    def judge(self, script, *words, environment=None):
        """Runs one judge, shows its lines and adds its closing count to the total."""
        command = [sys.executable, f"{HERE}/{script}", *words]
        child = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        counted = None
        for line in child.stdout:
            print(line, end="", flush=True)
            counted = re.match(r"(\d+) passed, (\d+) failed$", line) or counted
        child.wait()
        if counted:
            self.passed += int(counted[1])
            self.failed += int(counted[2])
        if not counted or (child.returncode and not int(counted[2])):
            self.refuse(f"{script} ended with {child.returncode}")

    def refuse(self, reason):
        print(f"FAIL {reason}", flush=True)
        self.failed += 1

    @contextlib.contextmanager
    def gateway(self, upstream, dialect, model):
        """The base URL that clients use: the gateway's, or the upstream's own where there is no gateway."""
        if not self.torii:
            yield upstream
            return
        with servers.Gateway(self.torii, upstream, dialect, model, CLIENT_KEY, UPSTREAM_KEY) as gateway:
            yield gateway.announced
            if not gateway.alive():
                self.refuse(f"the gateway died:\n{gateway.output()[-2000:]}")

    def upstream_key(self):
        return UPSTREAM_KEY if self.torii else CLIENT_KEY

    # The parts.

    def model(self):
        self.heading("the scripted model refuses what it has to")
        self.judge("check_model.py")

    def llama(self):
        weights = servers.tiny_weights(sys.executable, self.work)
        with servers.tiny_llama(sys.executable, weights, "rig-tiny", self.upstream_key()) as llama:
            if self.torii:
                self.heading("official SDKs, llama.cpp, no gateway: the baseline")
                self.judge("judge_sdk.py", "--llama", "--direct", llama.announced, self.upstream_key(), "rig-tiny")
            self.heading("official SDKs, llama.cpp" + (" through torii" if self.torii else ", no gateway"))
            with self.gateway(llama.announced, "auto", "rig-tiny") as base:
                mode = [] if self.torii else ["--direct"]
                self.judge("judge_sdk.py", "--llama", *mode, base, CLIENT_KEY, "rig-tiny")

    def sdk(self):
        for dialect in ("chat", "responses", "messages"):
            self.heading(f"official SDKs, scripted {dialect} model")
            with self.scripted(dialect) as (base, environment):
                words = ["--scripted", "--wire", dialect, base, CLIENT_KEY, "scripted"]
                self.judge("judge_sdk.py", *words, environment=environment)

    def codex(self):
        from codex_cli_bin import bundled_codex_path

        self.heading("the real Codex CLI, scripted responses model")
        with self.scripted("responses") as (base, environment):
            words = ["--codex", str(bundled_codex_path()), base, CLIENT_KEY, "scripted"]
            self.judge("judge_codex.py", *words, environment=environment)

    @contextlib.contextmanager
    def scripted(self, dialect):
        with servers.scripted_model(dialect, key=self.upstream_key()) as model:
            with self.gateway(model.announced, dialect, "scripted") as base:
                yield base, {"MODEL_URL": model.announced, "MODEL_DIALECT": dialect}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = arguments.add_mutually_exclusive_group(required=True)
    which.add_argument("--torii", help="the binary to judge")
    which.add_argument("--direct", action="store_true", help="no gateway")
    arguments.add_argument("--work", required=True, help="folder for what is kept between runs")
    arguments.add_argument("--only", action="append", choices=PARTS, help="only this part")
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))

    judges = Judges(options)
    for part in options.only or PARTS:
        try:
            getattr(judges, part)()
        except (RuntimeError, OSError, subprocess.SubprocessError) as reason:
            judges.refuse(f"{part}: {reason}")
    print("\nall judges:")
    total = f"{judges.passed} passed, {judges.failed} failed"
    print(total, flush=True)
    with open(f"{judges.work}/total.txt", "w", encoding="utf-8") as file:
        file.write(f"judges: {total}\n")
    return 1 if judges.failed or not judges.passed else 0


if __name__ == "__main__":
    sys.exit(main())
