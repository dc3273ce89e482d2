#!/usr/bin/env python3
"""Runs the judges of `make judges` and prints their totals.

    run.py --torii BINARY --work FOLDER [--only PART ...] [--long] [--write]
    run.py --direct --work FOLDER               the same without a gateway: what the real parts do by themselves

Parts: model (the scripted model judges itself), codex and claude (the real Codex CLI and Claude Code), launch (the same,
started by `torii launch`), llama (SDKs and llm-comply, llama.cpp), admin (schemathesis over the administration), metrics (a real Prometheus, the alerts and the dashboards), tls (sessions of client certificates that are resumed), comply (llm-comply), sdk (official SDKs, with their faults), ollama (the ollama client and its
documentation's curl lines). All but llama stand on scripted models, one for each of the four dialects; --long adds the
older Codex CLIs of FOLDER and the agents over the dialects that they are otherwise not run on. FOLDER keeps the tiny
model between runs. A whole run ends by comparing what it measured with the table in docs/compatibility.md; --write puts
it there.
Run it with a Python that has the packages of requirements.txt.
"""

import argparse
import concurrent.futures
import os
import re
import signal
import subprocess
import sys

import compatibility
from parts import PARTS, jobs
from stage import Stage

HERE = os.path.dirname(os.path.abspath(__file__))
CLOSING = re.compile(r"^(?:(?P<group>.+): )?(?P<passed>\d+) passed, (?P<failed>\d+) failed(?:, (?P<skipped>\d+) skipped)?$")


class Judges:
    def __init__(self, options):
        self.options = options
        self.passed = self.failed = 0
        self.remarks = []  # what befell the real parts, for which no gateway is to blame
        self.cells = {}  # (group, column): (passed, failed, skipped)

    def run(self, wanted):
        """Runs all jobs, a few at a time, and shows each one's lines in order."""
        with Stage(self.options.torii, self.options.work, wanted, self.options.long) as stage:
            todo = [job for part in wanted for job in jobs(part, stage)]
            with concurrent.futures.ThreadPoolExecutor(self.options.at_once) as pool:
                runs = [(job, pool.submit(self.output_of, job)) for job in todo]
                for job, run in runs:
                    print(f"\n# {job.heading}", flush=True)
                    self.count(job, *run.result())
            for output in stage.gateway.deaths if stage.gateway else []:
                self.refuse(f"the gateway died:\n{output}")
            for output in stage.llama_server.deaths if stage.llama_server else []:
                self.remarks.append(f"llama.cpp died, and was started again:\n{output}")

    def output_of(self, job):
        command = [sys.executable, "-B", f"{HERE}/{job.script}", *job.words]
        environment = {**os.environ, **job.environment}
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,
        )
        try:
            return child.communicate(timeout=self.options.limit)[0], child.returncode
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)  # its own session: the judge and its client
            return child.communicate()[0], f"nothing after {self.options.limit:.0f} s"

    def count(self, job, output, status):
        print(output, end="", flush=True)
        total = None
        for line in output.splitlines():
            found = CLOSING.match(line)
            if found and found["group"]:
                self.keep(found["group"], job.over, found)
            elif found:
                total = found
            elif line.startswith("AGAIN "):
                self.remarks.append(f"{job.heading}: {line}")
        if total and job.alone and int(total["failed"]):
            self.remarks.append(f"{job.heading}: {total['failed']} failed")
        if total:
            self.passed += int(total["passed"])
            self.failed += int(total["failed"])
        if not total or (status and not int(total["failed"])):
            self.refuse(f"{job.script} ended with {status}")

    def keep(self, group, over, found):
        if over:
            self.cells[group, over] = tuple(int(found[name] or 0) for name in ("passed", "failed", "skipped"))

    def refuse(self, reason):
        print(f"FAIL {reason}", flush=True)
        self.failed += 1

    def publish(self):
        """Compares a whole run with the published table, or writes it."""
        table = compatibility.table(self.cells, compatibility.published())
        print("\n# client x upstream\n\n" + table, flush=True)
        if self.options.torii and self.options.write:
            compatibility.write(table)
        elif self.options.torii and not self.options.only:
            reason = compatibility.differs(table)
            if reason:
                self.refuse(reason + "; Scripts/judges.sh --write puts it there")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = arguments.add_mutually_exclusive_group(required=True)
    which.add_argument("--torii", help="the binary to judge")
    which.add_argument("--direct", action="store_true", help="no gateway")
    arguments.add_argument("--work", required=True, help="folder for what is kept between runs")
    arguments.add_argument("--only", action="append", choices=PARTS, help="only this part")
    arguments.add_argument("--long", action="store_true", help="older agents too, and every agent over every dialect")
    arguments.add_argument("--write", action="store_true", help="write the measured table into docs/compatibility.md")
    arguments.add_argument("--at-once", type=int, default=4, help="judges that run at the same time (default 4)")
    arguments.add_argument("--limit", type=float, default=420, help="seconds for one judge (default 420)")
    options = arguments.parse_args()
    options.work = os.path.abspath(options.work)
    options.torii = options.torii and os.path.abspath(options.torii)
    os.makedirs(options.work, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))

    judges = Judges(options)
    try:
        judges.run(options.only or PARTS)
        judges.publish()
    except (RuntimeError, OSError, subprocess.SubprocessError) as reason:
        judges.refuse(reason)
    if judges.remarks:
        print("\n# of the real parts alone, whatever stands before them\n")
        print("\n".join(judges.remarks))
    print("\nall judges:")
    total = f"{judges.passed} passed, {judges.failed} failed"
    print(total, flush=True)
    with open(f"{options.work}/total.txt", "w", encoding="utf-8") as file:
        file.write(f"judges: {total}\n")
    return 1 if judges.failed or not judges.passed else 0


if __name__ == "__main__":
    sys.exit(main())
