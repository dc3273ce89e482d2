#!/usr/bin/env python3
"""The real Claude Code CLI against a gateway.   judge_claude.py --claude BIN BASE KEY MODEL

BASE is the gateway's root; Claude Code appends /v1/messages.  Behind the gateway there has to be model.py (any dialect).
Every case runs `claude -p` headless with a home and a git repository of its own under $JUDGE_SCRATCH (default ~/.cache/torii-judges).
"""

import argparse, json, os, sys, time
from judging import (
    Tally,
    brief,
    carried,
    run_client,
    content,
    drop,
    last_number,
    project,
    scratch,
    token,
    upstream_reason,
)

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = "Bash,Read,Write,Edit,mcp__judge__echo"


class Claude:
    def __init__(self, o):
        self.o, self.root = o, scratch("claude")
        self.home, self.work = f"{self.root}/home", f"{self.root}/work"
        self.token, self.secret = token("TOKEN"), token("SECRET")
        os.makedirs(self.home)
        project(self.work, self.secret)

    def ask(self, prompt, *words, seconds=None, stream=False, env=None):
        """Returns (status, result object or None, stdout, stderr)."""
        m = self.o.model
        full = {
            "PATH": os.environ["PATH"],
            "HOME": self.home,
            "CLAUDE_CONFIG_DIR": self.home,
            "LANG": "C.UTF-8",
            "ANTHROPIC_BASE_URL": self.o.base,
            "ANTHROPIC_API_KEY": self.o.key,
            "ANTHROPIC_DEFAULT_HAIKU_MODEL": m,
            "ANTHROPIC_DEFAULT_SONNET_MODEL": m,
            "ANTHROPIC_DEFAULT_OPUS_MODEL": m,
            "ANTHROPIC_SMALL_FAST_MODEL": m,
            "CLAUDE_CODE_MAX_RETRIES": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            **(env or {}),
        }
        self.before = last_number(self.o.upstream)
        form = (
            ["--output-format", "stream-json", "--verbose", "--include-partial-messages"]
            if stream
            else ["--output-format", "json"]
        )
        status, out, err = run_client(
            [self.o.claude, "-p", prompt, "--model", m, *form, "--allowedTools", TOOLS, *words],
            full,
            self.work,
            seconds or self.o.seconds,
        )
        if self.o.verbose:
            print(out, err, file=sys.stderr)
        lines = []
        for line in out.splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                pass
        flat = [x for y in lines for x in (y if isinstance(y, list) else [y])]
        return status, next((x for x in reversed(flat) if x.get("type") == "result"), None), flat, err

    def why(self, status, result, lines, err):
        return (
            f"{'timed out' if status is None else f'exit {status}'}; {brief((result or {}).get('result') or err, 230)!r}"
            + upstream_reason(self.o.upstream, self.before)
        )

    def good(self, r, *wanted):
        text = (r[1] or {}).get("result") or ""
        assert r[0] == 0 and r[1] and not r[1].get("is_error") and all(w in text for w in wanted), self.why(
            *r
        )
        return text


def with_client(o, work):
    c = Claude(o)
    try:
        return work(c)
    finally:
        drop(c.root)


def hello(c):
    return c.good(c.ask(f"Say hello. [[hello token={c.token}]]"), c.token, "déjà vu, 你好, 👋🏽")[:80]


def edit(c, via="auto"):
    r = c.ask(
        f"Please write the file. [[agent-edit token={c.token} secret=secret.txt dir={c.work} via={via}]]",
        *(["--disallowedTools", "Bash"] if via == "write" else []),
    )
    on_disk = (content(f"{c.work}/result.txt") or "").strip()
    assert on_disk == c.token, f"result.txt is {on_disk!r}; " + c.why(*r)
    c.good(r, c.token, c.secret)
    return "file and final message right"


def resume(c):
    c.good(
        c.ask(f"Please write the file. [[agent-edit token={c.token} secret=secret.txt dir={c.work}]]"),
        c.secret,
    )
    return c.good(c.ask("And now, what did you see? [[recall]]", "--continue"), c.token, c.secret, "2 calls")[
        :80
    ]


def parallel(c):
    return c.good(c.ask("Please look. [[parallel-tools n=3]]"), "part-0-40", "part-1-41", "part-2-42")[:80]


def mcp(c):
    with open(f"{c.root}/mcp.json", "w") as f:
        json.dump(
            {
                "mcpServers": {
                    "judge": {
                        "command": sys.executable,
                        "args": [f"{HERE}/mcp_echo.py"],
                        "env": {"JUDGE_SECRET": c.secret},
                    }
                }
            },
            f,
        )
    return c.good(
        c.ask(
            "Please ask the tool. [[mcp tool=echo text=ping]]",
            "--mcp-config",
            f"{c.root}/mcp.json",
            "--strict-mcp-config",
            env={"ENABLE_TOOL_SEARCH": "false"},
        ),
        f"echo ping {c.secret}",
    )[:80]


def long_answer(c):
    alphabet = ["é", "漢", "👩‍🚀", "a", "ß", "\n", '"', "\\", "–", "字"]
    right = "".join(f"{i}{alphabet[i % 10]} " for i in range(2000)).strip()
    text = c.good(c.ask("Talk at length. [[long n=2000]]")).strip()
    assert text == right, f"{len(text)} characters of {len(right)}"
    return f"{len(right)} characters, all right"


def streams(c):
    """The text has to arrive in pieces, not in one lump and not re-cut from a finished answer."""
    r = c.ask("Talk. [[long n=50]]", stream=True)
    c.good(r)
    n = sum(
        1
        for x in r[2]
        if x.get("type") == "stream_event" and (x["event"].get("delta") or {}).get("type") == "text_delta"
    )
    assert n >= 10, f"{n} text deltas"
    return f"{n} text deltas"


def thinking(c):
    r = c.ask(
        f"Please write the file. [[agent-edit token={c.token} secret=secret.txt dir={c.work}]]",
        stream=True,
        env={"MAX_THINKING_TOKENS": "2048"},
    )
    c.good(r, c.secret)
    seen = [
        b["thinking"]
        for x in r[2]
        if x.get("type") == "assistant"
        for b in x["message"]["content"]
        if b.get("type") == "thinking"
    ]
    assert any("naïve, but thorough" in s for s in seen), f"{len(seen)} thinking blocks shown; " + c.why(*r)
    return f"{len(seen)} thinking blocks shown"


def thinking_back(c):
    """What the model thought before a tool call has to come back to it with the tool's result."""
    c.good(
        c.ask(
            f"Please write the file. [[agent-edit token={c.token} secret=secret.txt dir={c.work}]]",
            env={"MAX_THINKING_TOKENS": "2048"},
        ),
        c.secret,
        "Thoughts returned to me: 2",
    )
    return "2 of 2"


def usage(c):
    r = c.ask("Say hello. [[hello usage=1234:567:89:21]]")
    c.good(r)
    u = r[1]["usage"]
    want = {"input_tokens": 1145, "cache_read_input_tokens": 89, "output_tokens": 567}
    if c.o.dialect == "ollama":
        want = {"input_tokens": 1234, "output_tokens": 567}
    wrong = {k: u.get(k) for k, v in want.items() if u.get(k) != v}
    assert not wrong, f"wrong: {wrong}"
    return "input, cached and output"


def recovers(c):
    return c.good(c.ask(f"Say hello. [[e500-then-ok token={c.token}]]"), f"{c.token} recovered")[:80]


def fault(c, directive, wanted, seconds=90):
    t = time.time()
    r = c.ask(f"Say hello. [[{directive}]]", seconds=seconds)
    assert r[0] is not None, f"still running after {seconds} s" + upstream_reason(c.o.upstream, c.before)
    text = ((r[1] or {}).get("result") or "") + r[3]
    assert carried(c.o.upstream, c.before, directive), "never reached the model: " + c.why(*r)
    assert r[0] != 0 or (r[1] or {}).get("is_error"), "taken for a success: " + c.why(*r)
    assert any(w in text.lower() for w in wanted), f"says none of {wanted}: " + c.why(*r)
    return f"exit {r[0]} after {time.time() - t:.0f} s: {brief(text, 80)}"


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("base")
    a.add_argument("key")
    a.add_argument("model")
    a.add_argument(
        "--claude", default=os.environ.get("CLAUDE", "claude"), help="the binary (default $CLAUDE)"
    )
    a.add_argument(
        "--upstream",
        default=os.environ.get("MODEL_URL"),
        help="model.py's own URL: its refusals are added to the reasons",
    )
    a.add_argument(
        "--dialect",
        default=os.environ.get("MODEL_DIALECT", ""),
        help="model.py's dialect: numbers which that wire cannot carry are not asked for",
    )
    a.add_argument("--only", action="append", help="only cases whose name contains this")
    a.add_argument("--seconds", type=int, default=90, help="limit of one run (default 90)")
    a.add_argument("--verbose", action="store_true", help="print all that Claude Code says")
    o = a.parse_args()
    o.base = o.base.rstrip("/")
    t = Tally(o.only)
    cases = {
        "hello": hello,
        "agent-edit": edit,
        "agent-edit with Write and Read": lambda c: edit(c, "write"),
        "resume": resume,
        "parallel-tools": parallel,
        "mcp": mcp,
        "streams": streams,
        "thinking shown": thinking,
        "thinking returned": thinking_back,
        "long": long_answer,
        "usage": usage,
        "e500-then-ok": recovers,
        "e429": lambda c: fault(c, "e429", ["rate limit", "429"]),
        "error-in-stream": lambda c: fault(c, "error-in-stream", ["scripted error", "overloaded"]),
        "cut": lambda c: fault(c, "cut", ["connection", "error", "terminated", "socket", "closed"]),
    }
    for name, work in cases.items():
        t.run(name, lambda work=work: with_client(o, work))
    return t.end()


if __name__ == "__main__":
    sys.exit(main())
