#!/usr/bin/env python3
"""The real Claude Code CLI against a gateway.   judge_claude.py --claude BIN BASE KEY MODEL

BASE is the gateway's root; Claude Code appends /v1/messages. Behind the gateway there has to be model.py (any dialect).
Every case runs `claude -p` headless with a home and a git repository of its own below .judges/.
"""

import argparse
import json
import os
import sys
import time

from claude_client import Claude
from judging import Tally, brief, carried, content, token
from scripted_model.scripts import ALPHABET

HERE = os.path.dirname(os.path.abspath(__file__))
THOUGHT = "naïve, but thorough"


def edit_prompt(claude, script="agent-edit", **words):
    extra = "".join(f" {key}={value}" for key, value in words.items())
    return f"Please write the file. [[{script} token={claude.token} secret=secret.txt dir={claude.work}{extra}]]"


def hello(claude):
    return claude.ask(f"Say hello. [[hello token={claude.token}]]").succeeded(claude.token, "déjà vu, 你好, 👋🏽")


def edit(claude, via="auto"):
    words = ["--disallowedTools", "Bash"] if via == "write" else []
    run = claude.ask(edit_prompt(claude, via=via), *words)
    on_disk = (content(f"{claude.work}/result.txt") or "").strip()
    assert on_disk == claude.token, f"result.txt is {on_disk!r}; " + run.why()
    run.succeeded(claude.token, claude.secret)
    return "file and final message right"


def edit_with_files(claude):
    return edit(claude, "write")


def two_turns(claude):
    """Write, Edit and Read, and once more in a second turn of the same session."""
    for words in ([], ["--continue"]):
        run = claude.ask(edit_prompt(claude, "agent-work"), "--disallowedTools", "Bash", *words)
        on_disk = content(f"{claude.work}/result.txt") or ""
        assert on_disk == f"first\n{claude.token}\n", f"result.txt is {on_disk!r}; " + run.why()
        run.succeeded(claude.token, claude.secret)
        claude.token = token("TOKEN")
    return "file right after each"


def resume(claude):
    claude.ask(edit_prompt(claude)).succeeded(claude.secret)
    run = claude.ask("And now, what did you see? [[recall]]", "--continue")
    return run.succeeded(claude.token, claude.secret, "2 calls")


def compaction(claude):
    """What was done is known from a summary alone."""
    claude.ask(edit_prompt(claude)).succeeded(claude.secret)
    run = claude.ask("/compact", "--continue")
    assert not run.failed, run.why()
    run = claude.ask("And now, what did you see? [[recall]]", "--continue")
    return run.succeeded(claude.token, claude.secret, "0 calls")


def parallel_tools(claude):
    return claude.ask("Please look. [[parallel-tools n=3]]").succeeded("part-0-40", "part-1-41", "part-2-42")


def mcp(claude):
    environment = {"JUDGE_SECRET": claude.secret}
    server = {"command": sys.executable, "args": [f"{HERE}/mcp_echo.py"], "env": environment}
    path = f"{claude.root}/mcp.json"
    with open(path, "w") as file:
        json.dump({"mcpServers": {"judge": server}}, file)
    words = ["--mcp-config", path, "--strict-mcp-config"]
    run = claude.ask("Please ask the tool. [[mcp tool=echo text=ping]]", *words, ENABLE_TOOL_SEARCH="false")
    return run.succeeded(f"echo ping {claude.secret}")


def streams(claude):
    """The text has to arrive in pieces, not in one lump and not cut again from a finished answer."""
    run = claude.ask("Talk. [[long n=50]]", stream=True)
    run.succeeded()
    count = run.text_deltas()
    assert count >= 10, f"{count} text deltas"
    return f"{count} text deltas"


def thinking_shown(claude):
    run = claude.ask(edit_prompt(claude), stream=True, MAX_THINKING_TOKENS="2048")
    run.succeeded(claude.secret)
    shown = run.thoughts()
    assert any(THOUGHT in text for text in shown), f"{len(shown)} thinking blocks shown; " + run.why()
    return f"{len(shown)} thinking blocks shown"


def thinking_returned(claude):
    """What the model thought before a tool call has to come back to it with the tool's result."""
    run = claude.ask(edit_prompt(claude), MAX_THINKING_TOKENS="2048")
    run.succeeded(claude.secret, "Thoughts returned to me: 2")
    return "2 of 2"


def long_answer(claude):
    right = "".join(f"{i}{ALPHABET[i % 10]} " for i in range(2000)).strip()
    run = claude.ask("Talk at length. [[long n=2000]]")
    run.succeeded()
    said = run.text.strip()
    assert said == right, f"{len(said)} characters of {len(right)}"
    return f"{len(right)} characters, all right"


def usage(claude):
    run = claude.ask("Say hello. [[hello usage=1234:567:89:21]]")
    run.succeeded()
    wanted = {"input_tokens": 1145, "cache_read_input_tokens": 89, "output_tokens": 567}
    if claude.options.dialect == "ollama":  # that wire has no cached tokens
        wanted = {"input_tokens": 1234, "output_tokens": 567}
    given = run.result["usage"]
    wrong = {key: given.get(key) for key, value in wanted.items() if given.get(key) != value}
    assert not wrong, f"wrong: {wrong}"
    return "input, cached and output"


def second_try(claude):
    run = claude.ask(f"Say hello. [[e500-then-ok token={claude.token}]]")
    return run.succeeded(f"{claude.token} recovered")


def fault(directive, *wanted, seconds=90):
    """A broken upstream has to end the turn with an error that says so: neither silence, nor success, nor a hang."""

    def case(claude):
        started = time.monotonic()
        run = claude.ask(f"Say hello. [[{directive}]]", seconds=seconds)
        assert run.status is not None, f"still running after {seconds} s{run.upstream_said}"
        reached = carried(claude.options.upstream, claude.before, directive)
        assert reached, "never reached the model: " + run.why()
        assert run.failed, "taken for a success: " + run.why()
        told = run.text + run.stderr
        assert any(word in told.lower() for word in wanted), f"says none of {wanted}: " + run.why()
        return f"exit {run.status} after {time.monotonic() - started:.0f} s: {brief(told, 80)}"

    return case


CASES = {
    "hello": hello,
    "agent-edit": edit,
    "agent-edit with Write and Read": edit_with_files,
    "two turns with Write, Edit and Read": two_turns,
    "resume": resume,
    "compaction": compaction,
    "parallel-tools": parallel_tools,
    "mcp": mcp,
    "streams": streams,
    "thinking shown": thinking_shown,
    "thinking returned": thinking_returned,
    "long": long_answer,
    "usage": usage,
    "e500-then-ok": second_try,
    "e429": fault("e429", "rate limit", "429"),
    "error-in-stream": fault("error-in-stream", "scripted error", "overloaded"),
    "cut": fault("cut", "connection", "error", "terminated", "socket", "closed"),
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("base")
    arguments.add_argument("key")
    arguments.add_argument("model")
    arguments.add_argument("--claude", default=os.environ.get("CLAUDE", "claude"), help="the binary (default $CLAUDE)")
    arguments.add_argument("--upstream", default=os.environ.get("MODEL_URL"), help="model.py's own URL, for reasons")
    arguments.add_argument("--dialect", default=os.environ.get("MODEL_DIALECT", ""), help="model.py's dialect")
    arguments.add_argument("--only", action="append", help="only cases whose name contains this")
    arguments.add_argument("--seconds", type=int, default=90, help="limit of one run (default 90)")
    arguments.add_argument("--label", default="claude", help="the group that the cases are counted in")
    arguments.add_argument("--verbose", action="store_true", help="print all that Claude Code says")
    options = arguments.parse_args()
    options.base = options.base.rstrip("/")

    def in_own_home(case):
        with Claude(options) as claude:
            return case(claude)

    tally = Tally(options.only, lambda name: options.label)
    for name, case in CASES.items():
        tally.run(name, lambda case=case: in_own_home(case))
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
