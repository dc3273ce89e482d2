#!/usr/bin/env python3
"""llm-comply's formats against a gateway.   judge_comply.py [--llama] BASE KEY MODEL

BASE is the gateway's root. llm-comply leaves its reasoning cases out unless the model's name looks like one that
reasons: `gpt-5` for OpenAI's formats, `claude-4` for Anthropic's. A case that it leaves out is shown and not counted;
its warnings are shown and count for nothing.
--llama says that llama.cpp on the tiny model is behind the gateway: what that cannot do by itself is skipped by name.
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys

from comply_llama import SKIPPED
from judging import Tally

FORMATS = ("open-responses", "openai-chat", "anthropic")
ANTHROPIC = ["--auth-header", "x-api-key", "--no-bearer", "-H", "anthropic-version:2023-06-01"]


def run(options, name):
    """What llm-comply says about one format: its results, or the reason that there are none."""
    command = [options.llm_comply, "-u", options.base.rstrip("/") + "/v1", "-k", options.key, "-m", options.model]
    command += ["--format", name, "--timeout", str(options.seconds), "--json"]
    command += ANTHROPIC if name == "anthropic" else []
    told = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    try:
        return json.loads(told.stdout)["results"]
    except (ValueError, KeyError) as reason:
        return f"no result from llm-comply: {reason!r} {told.stderr.strip()[-200:]}"


def is_warning(text):
    return text.startswith("[warning]")


def tell(tally, case, result):
    errors = [str(error) for error in result.get("errors") or []]
    warnings = [text for text in errors if is_warning(text)] + [str(text) for text in result.get("warnings") or []]
    if result["status"] == "skipped":
        tally.skip(case, "; ".join(errors))
        return
    passed = result["status"] == "passed"
    failures = [] if passed else [text for text in errors if not is_warning(text)]
    tally.note(passed, case, "; ".join(failures + warnings))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("base")
    arguments.add_argument("key")
    arguments.add_argument("model")
    beside = os.path.join(os.path.dirname(sys.executable), "llm-comply")
    arguments.add_argument("--llm-comply", default=os.environ.get("LLM_COMPLY", beside), help="the binary")
    arguments.add_argument("--format", action="append", choices=FORMATS, help="only this format")
    arguments.add_argument("--llama", action="store_true", help="llama.cpp is behind the gateway")
    arguments.add_argument("--seconds", type=float, default=60, help="limit of one request (default 60)")
    options = arguments.parse_args()

    formats = options.format or FORMATS
    tally = Tally(group_of=lambda case: case.split(" ")[0])
    with concurrent.futures.ThreadPoolExecutor(len(formats)) as pool:
        runs = list(pool.map(lambda name: run(options, name), formats))
    for name, results in zip(formats, runs):
        if isinstance(results, str):
            tally.note(False, name, results)
            continue
        for result in results:
            case = f"{name} {result['id']}"
            if options.llama and case in SKIPPED:
                tally.skip(case, "served by the scripted model: " + SKIPPED[case])
            else:
                tell(tally, case, result)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
