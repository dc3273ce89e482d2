#!/usr/bin/env python3
"""The real Codex CLI against a gateway.   judge_codex.py --codex BIN BASE KEY MODEL

BASE is the gateway's root (http://127.0.0.1:8787); Codex is pointed at BASE/v1 with the Responses wire.
Behind the gateway there has to be model.py (any dialect): each prompt carries a directive that it plays.
Every case runs `codex exec` with a home, a temporary folder and a git repository of its own below .judges/.
"""

import argparse
import copy
import json
import os
import sys
import time

from codex_client import Codex, catalogue_entry, version_of
from judging import Tally, carried, content, model_log
from scripted_model.scripts import ALPHABET
from scripted_model.shapes import WRITES
from tap import Tap

THOUGHT = "naïve, but thorough"
USAGE = {"input_tokens": 1234, "cached_input_tokens": 89, "output_tokens": 567, "reasoning_output_tokens": 21}
COMPACT_SOON = "model_auto_compact_token_limit = 20000"
NOT_ON_WIRE = {
    "messages": ["reasoning_output_tokens"],
    "ollama": ["reasoning_output_tokens", "cached_input_tokens"],
}


def edit_prompt(codex, script="agent-edit", **words):
    extra = "".join(f" {key}={value}" for key, value in words.items())
    return f"Please write the file. [[{script} token={codex.token} secret=secret.txt{extra}]]"


def hello(options):
    with Codex(options) as codex:
        run = codex.exec(f"Please do the scripted task. [[hello token={codex.token}]]")
        return run.succeeded(codex.token, "déjà vu, 你好, 👋🏽")


def right_on_disk(codex, run, before=""):
    on_disk = content(f"{codex.work}/result.txt")
    assert on_disk == f"{before}{codex.token}\n", f"result.txt is {on_disk!r}; " + run.why()
    run.succeeded(codex.token, codex.secret)
    return "file and final message right"


def edit(options, catalogue=None, script="agent-edit", before="", **words):
    with Codex(options, catalogue) as codex:
        return right_on_disk(codex, codex.exec(edit_prompt(codex, script, **words)), before)


def known(options):
    return catalogue_entry(options.model, apply_patch_tool_type="freeform")


def edit_known_model(options):
    return edit(options, known(options))


def freeform_patch(options):
    return edit(options, known(options), "custom-tool", via="patch")


def work(options):
    """The shell writes, a patch changes what it wrote, the shell reads it back."""
    return edit(options, known(options), "agent-work", "first\n")


def shaped(shape):
    return lambda options: edit(options, known(options), "shaped", shape=shape)


def resume(options):
    with Codex(options) as codex:
        codex.exec(edit_prompt(codex)).succeeded(codex.secret)
        run = codex.exec("And now, what did you see? [[recall]]", "resume", "--last")
        return run.succeeded(codex.token, codex.secret, "2 calls")


def compaction(options, way, **words):
    """The context is full after each round and has to be compacted, twice; the second turn knows it from there."""
    with Codex(options, known(options), settings=COMPACT_SOON, **words) as codex:
        right_on_disk(codex, codex.exec(edit_prompt(codex, usage="50000:10:0:0")))
        asked = summaries(options, codex)
        assert asked >= 2, f"the model was asked for {asked} summaries"
        run = codex.exec("And now, what did you see? [[recall]]", "resume", "--last")
        run.succeeded(codex.token, codex.secret, "0 calls")
        assert summaries(options, codex) >= 1, "no summary before the second turn"
        return f"three times, {way}"


def summaries(options, codex):
    """How many the model was asked for in the last run; where nothing is known of it, enough."""
    if not options.upstream:
        return 2
    return sum(entry.get("script") == "summary" for entry in model_log(options.upstream, codex.before))


def local_compaction(options):
    return compaction(options, "by a prompt of Codex's own")


def remote_compaction(options):
    """By a trailing `compaction_trigger`; before 0.147 by `/responses/compact`. Older ones do it for OpenAI alone."""
    if options.version >= (0, 163):
        return compaction(options, "by the server", provider='capabilities = { remote_compaction = "v2" }')
    return compaction(options, "by the server", name="OpenAI", provider="supports_websockets = false")


def websocket(options):
    """The same work with every response over one WebSocket, and none by POST."""
    with Tap(options.base) as tap:
        tapped = copy.copy(options)
        tapped.base = tap.url
        with Codex(tapped, known(options), provider="supports_websockets = true") as codex:
            run = codex.exec(edit_prompt(codex))
            right_on_disk(codex, run)
            again = codex.exec("And now, what did you see? [[recall]]", "resume", "--last")
            again.succeeded(codex.token, codex.secret, "2 calls")
        assert tap.upgraded >= 2, f"{tap.upgraded} upgrades to a WebSocket; " + run.why()
        posted = tap.posts("/v1/responses")
        assert not posted, f"{posted} responses by POST"
        return "two turns"


def catalogue(options):
    """What Codex learns of the model from the gateway alone: with that it has its patch tool, and its window."""
    listed = f'model_catalog_url = "{options.base}/v1/models"'
    with Codex(options, provider=listed) as codex:
        return right_on_disk(codex, codex.exec(edit_prompt(codex, "agent-work")), "first\n")


def parallel_tools(options):
    with Codex(options, catalogue_entry(options.model)) as codex:
        run = codex.exec("Please do the scripted task. [[parallel-tools n=3]]")
        return run.succeeded("part-0-40", "part-1-41", "part-2-42")


def mcp(options):
    with Codex(options, mcp=True) as codex:
        run = codex.exec("Please do the scripted task. [[mcp tool=echo text=ping]]")
        return run.succeeded(f"echo ping {codex.secret}")


def lite(options):
    """Responses Lite: the tools are no member of the request, but an item of its input."""
    with Codex(options, {**known(options), "use_responses_lite": True}) as codex:
        return right_on_disk(codex, codex.exec(edit_prompt(codex, "agent-work")), "first\n")


def searched(options):
    """The MCP tool is not offered until the model has searched for it."""
    with Codex(options, {**known(options), "supports_search_tool": True}, mcp=True) as codex:
        run = codex.exec("Please do the scripted task. [[mcp tool=echo text=ping]]")
        return run.succeeded(f"echo ping {codex.secret}")


def reasoning_shown(options):
    with Codex(options, catalogue_entry(options.model)) as codex:
        run = codex.exec(edit_prompt(codex))
        shown = run.reasoning()
        assert any(THOUGHT in text for text in shown), f"{len(shown)} reasoning items shown; " + run.why()
        return f"{len(shown)} reasoning items shown"


def reasoning_returned(options):
    """What the model thought before a tool call has to come back to it with the tool's result."""
    with Codex(options, catalogue_entry(options.model)) as codex:
        codex.exec(edit_prompt(codex)).succeeded("Thoughts returned to me: 2")
        return "2 of 2"


def long_answer(options):
    with Codex(options) as codex:
        run = codex.exec("Talk at length. [[long n=2000]]")
        right = "".join(f"{i}{ALPHABET[i % 10]} " for i in range(2000)).strip()
        said = run.last.strip()
        run.last = run.last[-60:]
        assert run.status == 0 and said == right, f"{len(said)} characters of {len(right)}; " + run.why()
        return f"{len(right)} characters, all right"


def usage(options):
    with Codex(options) as codex:
        run = codex.exec("Say hello. [[hello usage=1234:567:89:21]]")
        given = [event["usage"] for event in run.events if event.get("type") == "turn.completed"]
        assert given, "no turn.completed; " + run.why()
        wrong = {key: given[0].get(key) for key, value in USAGE.items() if given[0].get(key) != value}
        for key in NOT_ON_WIRE.get(options.dialect, []):
            wrong.pop(key, None)
        assert not wrong, f"wrong: {wrong}"
        return "all four numbers"


def second_try(options):
    with Codex(options) as codex:
        run = codex.exec(f"Please do the scripted task. [[e500-then-ok token={codex.token}]]")
        return run.succeeded(f"{codex.token} recovered")


def fault(directive, *wanted, seconds=60):
    """A broken upstream has to end the turn with an error that says so: neither silence, nor success, nor a hang."""

    def case(options):
        with Codex(options) as codex:
            started = time.monotonic()
            run = codex.exec(f"Say hello. [[{directive}]]", seconds=seconds)
            assert run.status is not None, f"still running after {seconds} s{run.upstream_said}"
            reached = carried(options.upstream, codex.before, directive)
            assert reached, "never reached the model: " + run.why()
            assert run.status != 0, "taken for a success: " + run.why()
            told = (json.dumps(run.events) + run.stderr).lower()
            assert any(word in told for word in wanted), f"says none of {wanted}: " + run.why()
            return f"exit {run.status} after {time.monotonic() - started:.0f} s"

    return case


def in_vain(wanted, **changed):
    """What no retry can cure is asked once, and told. Codex tries as often as it likes to by itself."""

    def case(options):
        with Tap(options.base) as tap:
            tapped = copy.copy(options)
            tapped.base = tap.url
            for name, value in changed.items():
                setattr(tapped, name, value)
            with Codex(tapped, retries="") as codex:
                run = codex.exec("Say hello. [[hello]]")
            told, asked = (json.dumps(run.events) + run.stderr).lower(), tap.posts("/v1/responses")
        assert run.status not in (0, None) and wanted in told, f"{wanted!r} is not told: " + run.why()
        assert asked == 1, f"asked {asked} times: " + run.why()
        return "asked once"

    return case


CASES = {
    "hello": hello,
    "agent-edit": edit,
    "agent-edit, known model": edit_known_model,
    "shell, patch, read": work,
    "resume": resume,
    "compaction, local": local_compaction,
    "compaction, remote": remote_compaction,
    "parallel-tools": parallel_tools,
    "apply_patch freeform": freeform_patch,
    "mcp namespace": mcp,
    "mcp, searched for": searched,
    "responses lite": lite,
    "reasoning shown": reasoning_shown,
    "reasoning returned": reasoning_returned,
    "long": long_answer,
    "usage": usage,
    "e500-then-ok": second_try,
    "e429": fault("e429", "rate limit", "429"),
    "error-in-stream": fault("error-in-stream", "scripted error", "stream", "capacity"),
    "cut": fault("cut", "stream", "disconnect", "error"),
    "overflow": fault("overflow", "context window"),
}
GATEWAY_CASES = {
    "websocket": websocket,
    "unknown model": in_vain("no-such-model", model="no-such-model"),
    "wrong key": in_vain("key", key="sk-wrong"),
}
NEWEST_CASES = {"catalogue": catalogue}
SHAPED = {f"shape {shape}": shaped(shape) for shape in WRITES}


def cases(options):
    yield from CASES.items()
    if not options.direct:
        yield from GATEWAY_CASES.items()
    if not options.direct and options.version >= (0, 163):
        yield from NEWEST_CASES.items()
    if options.shapes:
        yield from SHAPED.items()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("base")
    arguments.add_argument("key")
    arguments.add_argument("model")
    arguments.add_argument("--codex", default=os.environ.get("CODEX", "codex"), help="the binary (default $CODEX)")
    arguments.add_argument("--upstream", default=os.environ.get("MODEL_URL"), help="model.py's own URL, for reasons")
    arguments.add_argument("--dialect", default=os.environ.get("MODEL_DIALECT", ""), help="model.py's dialect")
    arguments.add_argument("--only", action="append", help="only cases whose name contains this")
    arguments.add_argument("--seconds", type=int, default=60, help="limit of one run (default 60)")
    arguments.add_argument("--label", default="codex", help="the group that the cases are counted in")
    arguments.add_argument("--direct", action="store_true", help="there is no gateway")
    arguments.add_argument("--shapes", action="store_true", help="also what models call otherwise than declared")
    arguments.add_argument("--verbose", action="store_true", help="print all that Codex says")
    options = arguments.parse_args()
    options.base, options.version = options.base.rstrip("/"), version_of(options.codex)
    label = options.label
    tally = Tally(options.only, lambda name: f"{label}, shapes" if name.startswith("shape ") else label)
    for name, case in cases(options):
        tally.run(name, lambda case=case: case(options))
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
