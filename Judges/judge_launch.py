#!/usr/bin/env python3
"""`torii launch`: the real agents, started by torii itself.

    judge_launch.py --torii BIN --codex BIN --claude BIN BASE KEY MODEL

BASE is the scripted model (model.py, any dialect), KEY its key, MODEL its model's name: torii gets a configuration with
that provider and nothing else, no gateway answers, and so one runs beside the agent. What the agent is told is torii's
affair alone; here it only gets a prompt. No file of the home that it is started from may change.
"""

import argparse
import os
import socket
import sys

import judging
import servers
from judging import Tally, content


class Launch:
    """One agent with a home, a configuration and a git repository of its own."""

    def __init__(self, options, tool):
        self.options, self.tool = options, tool
        self.root = judging.scratch("launch")
        self.work, self.home, self.programs = (f"{self.root}/{name}" for name in ("work", "home", "bin"))
        self.token, self.secret = judging.token("TOKEN"), judging.token("SECRET")
        for folder in (self.home, self.programs, f"{self.root}/tmp"):
            os.makedirs(folder)
        judging.project(self.work, self.secret)
        os.symlink(getattr(options, tool), f"{self.programs}/{tool}")
        provider = servers.Provider("scripted", options.base, options.dialect, options.model, options.key)
        self.configuration = f"{self.root}/config.yaml"
        with open(os.open(self.configuration, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(f"providers:\n{provider.entry()}server:\n  port: {unused_port()}\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        judging.drop(self.root)

    def run(self, *words):
        environment = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "HOME": self.home,
            "XDG_STATE_HOME": f"{self.root}/state",
            "LANG": "C.UTF-8",
            "TMPDIR": f"{self.root}/tmp",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }
        flags = ["--config", self.configuration, "--model", self.options.model]
        command = [self.options.torii, "launch", self.tool, *flags, "--", *words]
        status, out, err = judging.run_client(command, environment, self.work, self.options.seconds)
        if self.options.verbose:
            print(out, err, file=sys.stderr)
        assert status == 0, f"exit {status}: {judging.brief(err[-200:] or out[-200:])}"
        return out

    def prompt(self, script, **words):
        extra = "".join(f" {key}={value}" for key, value in words.items())
        return f"Please do the scripted task. [[{script} token={self.token} secret=secret.txt{extra}]]"

    def right(self, said):
        on_disk = content(f"{self.work}/result.txt")
        assert on_disk == f"first\n{self.token}\n", f"result.txt is {on_disk!r}; said {judging.brief(said[-200:])}"
        assert self.token in said and self.secret in said, f"said {judging.brief(said[-200:])}"

    def untouched(self):
        """Codex leaves links to itself in the home's .codex/tmp, wherever its own home is."""
        found = [f"{folder}/{name}" for folder, _, names in os.walk(self.home) for name in names]
        left = [path for path in found if not path.startswith(f"{self.home}/.codex/tmp/")]
        assert not left, f"the home has {left}"


def unused_port():
    """A port that nobody listens on, so that no gateway answers there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def codex(options):
    free = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
    with Launch(options, "codex") as launch:
        launch.right(launch.run("exec", *free, launch.prompt("agent-work")))
        said = launch.run("exec", "resume", "--last", *free, "And now, what did you see? [[recall]]")
        assert launch.token in said and launch.secret in said, f"said {judging.brief(said[-200:])}"
        launch.untouched()
        return "two turns, file right"


def claude(options):
    tools = ["--allowedTools", "Read,Write,Edit", "--disallowedTools", "Bash"]
    with Launch(options, "claude") as launch:
        launch.right(launch.run("-p", launch.prompt("agent-work", dir=launch.work), *tools))
        said = launch.run("-p", "And now, what did you see? [[recall]]", "--continue", *tools)
        assert launch.token in said and launch.secret in said, f"said {judging.brief(said[-200:])}"
        launch.untouched()
        return "two turns, file right"


CASES = {"launch codex": codex, "launch claude": claude}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("base", "key", "model"):
        arguments.add_argument(name)
    for name in ("torii", "codex", "claude"):
        arguments.add_argument(f"--{name}", required=True, help="the binary")
    arguments.add_argument("--dialect", default=os.environ.get("MODEL_DIALECT", ""), help="model.py's dialect")
    arguments.add_argument("--only", action="append", help="only cases whose name contains this")
    arguments.add_argument("--seconds", type=int, default=60, help="limit of one run (default 60)")
    arguments.add_argument("--verbose", action="store_true", help="print all that the agent says")
    options = arguments.parse_args()
    tally = Tally(options.only, lambda name: "launch")
    for name, case in CASES.items():
        tally.run(name, lambda case=case: case(options))
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
