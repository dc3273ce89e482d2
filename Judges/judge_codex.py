#!/usr/bin/env python3
"""The real Codex CLI against a gateway.   judge_codex.py --codex BIN BASE KEY MODEL

BASE is the gateway's root (http://127.0.0.1:8080); Codex is pointed at BASE/v1 with the Responses wire.
Behind the gateway there has to be model.py (any dialect): each prompt carries a directive that it plays.
Every case runs `codex exec` with a home and a git repository of its own under $JUDGE_SCRATCH (default ~/.cache/torii-judges).
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


class Codex:
    def __init__(self, o, catalog=None, mcp=False):
        self.o, self.root = o, scratch("codex")
        self.home, self.work = f"{self.root}/home", f"{self.root}/work"
        self.token, self.secret = token("TOKEN"), token("SECRET")
        os.makedirs(self.home)
        project(self.work, self.secret)
        lines = [f'model = "{o.model}"', 'model_provider = "gateway"', "check_for_update_on_startup = false"]
        if catalog:
            with open(f"{self.home}/models.json", "w") as f:
                json.dump({"models": [catalog]}, f)
            lines.append(f'model_catalog_json = "{self.home}/models.json"')
        lines += [
            "[analytics]",
            "enabled = false",
            "[model_providers.gateway]",
            'name = "gateway"',
            f'base_url = "{o.base}/v1"',
            'env_key = "GATEWAY_KEY"',
            'wire_api = "responses"',
            "request_max_retries = 1",
            "stream_max_retries = 1",
            "stream_idle_timeout_ms = 15000",
        ]
        if mcp:
            lines += [
                "[mcp_servers.judge]",
                f'command = "{sys.executable}"',
                f'args = ["{HERE}/mcp_echo.py"]',
                f'env = {{ JUDGE_SECRET = "{self.secret}" }}',
            ]
        with open(f"{self.home}/config.toml", "w") as f:
            f.write("\n".join(lines) + "\n")

    def exec(self, prompt, *words, seconds=None):
        """Returns (status, last message, events, stderr)."""
        final = f"{self.root}/last"
        if os.path.exists(final):
            os.unlink(final)
        env = {
            "PATH": os.environ["PATH"],
            "HOME": self.root,
            "CODEX_HOME": self.home,
            "GATEWAY_KEY": self.o.key,
            "LANG": "C.UTF-8",
        }
        self.before = last_number(self.o.upstream)
        status, out, err = run_client(
            [
                self.o.codex,
                "exec",
                *words,
                "--skip-git-repo-check",
                "--dangerously-bypass-approvals-and-sandbox",
                "--json",
                "-o",
                final,
                prompt,
            ],
            env,
            self.work,
            seconds or self.o.seconds,
        )
        events = []
        for line in out.splitlines():
            try:
                events.append(json.loads(line))
            except ValueError:
                pass
        if self.o.verbose:
            print(out, err, file=sys.stderr)
        return status, content(final) or "", events, err

    def why(self, status, last, events, err):
        errors = [
            e.get("message") or (e.get("error") or {}).get("message") or (e.get("item") or {}).get("message")
            for e in events
            if "error" in e.get("type", "")
            or e.get("type") == "turn.failed"
            or (e.get("item") or {}).get("type") == "error"
        ]
        errors = [e for e in errors if e and "metadata" not in e]
        told = errors[-1] if errors else (err.strip().splitlines() or [""])[-1]
        return (
            f"{'timed out' if status is None else f'exit {status}'}; said {brief(last, 90)!r}; {brief(told, 200)}"
            + upstream_reason(self.o.upstream, self.before)
        )


def entry(o, **kw):
    """A model catalogue entry, as a gateway would give it for a model which it knows."""
    levels = [{"effort": x, "description": x} for x in ("low", "medium", "high")]
    return {
        "slug": o.model,
        "display_name": o.model,
        "supported_reasoning_levels": levels,
        "default_reasoning_level": "medium",
        "shell_type": "unified_exec",
        "visibility": "list",
        "supported_in_api": True,
        "priority": 1,
        "support_verbosity": False,
        "truncation_policy": {"mode": "tokens", "limit": 10000},
        "experimental_supported_tools": [],
        "base_instructions": "You are a coding agent.",
        "context_window": 131072,
        "input_modalities": ["text"],
        "supports_parallel_tool_calls": True,
        "supports_reasoning_summaries": True,
        **kw,
    }


def simple(o, directive, wanted, **kw):
    c = Codex(o, **kw)
    try:
        r = c.exec(f"Please do the scripted task. [[{directive.format(c=c)}]]")
        assert r[0] == 0 and all(w.format(c=c) in r[1] for w in wanted), c.why(*r)
        return brief(r[1], 80)
    finally:
        drop(c.root)


def edit(o, via="auto", catalog=None, script="agent-edit"):
    c = Codex(o, catalog)
    try:
        r = c.exec(f"Please write the file. [[{script} token={c.token} secret=secret.txt via={via}]]")
        on_disk = content(f"{c.work}/result.txt")
        assert on_disk == c.token + "\n", f"result.txt is {on_disk!r}; " + c.why(*r)
        assert r[0] == 0 and c.token in r[1] and c.secret in r[1], "file written, but " + c.why(*r)
        return "file and final message right"
    finally:
        drop(c.root)


def resume(o):
    c = Codex(o)
    try:
        r = c.exec(f"Please write the file. [[agent-edit token={c.token} secret=secret.txt]]")
        assert r[0] == 0 and c.secret in r[1], "first turn: " + c.why(*r)
        r = c.exec("And now, what did you see? [[recall]]", "resume", "--last")
        assert r[0] == 0 and c.token in r[1] and c.secret in r[1] and "2 calls" in r[1], (
            "second turn: " + c.why(*r)
        )
        return brief(r[1], 80)
    finally:
        drop(c.root)


def long_answer(o):
    c = Codex(o)
    try:
        r = c.exec("Talk at length. [[long n=2000]]")
        alphabet = ["é", "漢", "👩‍🚀", "a", "ß", "\n", '"', "\\", "–", "字"]
        right = "".join(f"{i}{alphabet[i % 10]} " for i in range(2000))
        assert r[0] == 0 and r[1].strip() == right.strip(), (
            f"{len(r[1])} characters of {len(right)}; " + c.why(r[0], r[1][-60:], *r[2:])
        )
        return f"{len(right)} characters, all right"
    finally:
        drop(c.root)


def usage(o):
    c = Codex(o)
    try:
        r = c.exec("Say hello. [[hello usage=1234:567:89:21]]")
        u = next((e["usage"] for e in r[2] if e.get("type") == "turn.completed"), None)
        assert u, "no turn.completed; " + c.why(*r)
        want = {
            "input_tokens": 1234,
            "cached_input_tokens": 89,
            "output_tokens": 567,
            "reasoning_output_tokens": 21,
        }
        wrong = {k: u.get(k) for k, v in want.items() if u.get(k) != v}
        if o.dialect == "messages":
            wrong.pop("reasoning_output_tokens", None)  # that wire has no such number
        if o.dialect == "ollama":
            wrong.pop("reasoning_output_tokens", None), wrong.pop("cached_input_tokens", None)
        assert not wrong, f"wrong: {wrong}"
        return "all four numbers"
    finally:
        drop(c.root)


def reasoning(o):
    c = Codex(o, entry(o))
    try:
        r = c.exec(f"Please write the file. [[agent-edit token={c.token} secret=secret.txt]]")
        seen = [
            e["item"]["text"]
            for e in r[2]
            if e.get("type") == "item.completed" and e["item"].get("type") == "reasoning"
        ]
        assert any("naïve, but thorough" in s for s in seen), f"{len(seen)} reasoning items shown; " + c.why(
            *r
        )
        return f"{len(seen)} reasoning items shown"
    finally:
        drop(c.root)


def reasoning_back(o):
    """What the model thought before a tool call has to come back to it with the tool's result."""
    c = Codex(o, entry(o))
    try:
        r = c.exec(f"Please write the file. [[agent-edit token={c.token} secret=secret.txt]]")
        assert r[0] == 0 and "Thoughts returned to me: 2" in r[1], c.why(*r)
        return "2 of 2"
    finally:
        drop(c.root)


def fault(o, directive, wanted, seconds=60):
    """A broken upstream has to end the turn with an error that says so: neither silence, nor success, nor a hang."""
    c = Codex(o)
    try:
        t = time.time()
        r = c.exec(f"Say hello. [[{directive}]]", seconds=seconds)
        assert r[0] is not None, f"still running after {seconds} s" + upstream_reason(o.upstream, c.before)
        text = json.dumps(r[2]) + r[3]
        assert carried(o.upstream, c.before, directive), "never reached the model: " + c.why(*r)
        assert r[0] != 0, "taken for a success: " + c.why(*r)
        assert any(w in text.lower() for w in wanted), f"says none of {wanted}: " + c.why(*r)
        return f"exit {r[0]} after {time.time() - t:.0f} s"
    finally:
        drop(c.root)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("base")
    a.add_argument("key")
    a.add_argument("model")
    a.add_argument("--codex", default=os.environ.get("CODEX", "codex"), help="the binary (default $CODEX)")
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
    a.add_argument("--seconds", type=int, default=60, help="limit of one run (default 60)")
    a.add_argument("--verbose", action="store_true", help="print all that Codex says")
    o = a.parse_args()
    o.base = o.base.rstrip("/")
    t = Tally(o.only)
    free = entry(o, apply_patch_tool_type="freeform")
    t.run("hello", lambda: simple(o, "hello token={c.token}", ["{c.token}", "déjà vu, 你好, 👋🏽"]))
    t.run("agent-edit", lambda: edit(o))
    t.run("agent-edit, known model", lambda: edit(o, catalog=free))
    t.run("resume", lambda: resume(o))
    t.run(
        "parallel-tools",
        lambda: simple(o, "parallel-tools n=3", ["part-0-40", "part-1-41", "part-2-42"], catalog=entry(o)),
    )
    t.run("apply_patch freeform", lambda: edit(o, "patch", free, "custom-tool"))
    t.run("mcp namespace", lambda: simple(o, "mcp tool=echo text=ping", ["echo ping {c.secret}"], mcp=True))
    t.run("reasoning shown", lambda: reasoning(o))
    t.run("reasoning returned", lambda: reasoning_back(o))
    t.run("long", lambda: long_answer(o))
    t.run("usage", lambda: usage(o))
    t.run("e500-then-ok", lambda: simple(o, "e500-then-ok token={c.token}", ["{c.token} recovered"]))
    t.run("e429", lambda: fault(o, "e429", ["rate limit", "429"]))
    t.run("error-in-stream", lambda: fault(o, "error-in-stream", ["scripted error", "stream"]))
    t.run("cut", lambda: fault(o, "cut", ["stream", "disconnect", "error"]))
    return t.end()


if __name__ == "__main__":
    sys.exit(main())
