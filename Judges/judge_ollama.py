#!/usr/bin/env python3
"""The official ollama client, and the curl lines of Ollama's documentation.   judge_ollama.py BASE KEY MODEL

Needs a Python with the ollama package, and curl. BASE is the gateway's root, as OLLAMA_HOST would be. Behind it there
has to be model.py, of any dialect; --dialect says which, as some things exist on Ollama's own wire alone and have to be
refused by name over the others.
"""

import argparse
import os
import sys

from judging import Tally
from native import chat, curl, failures, generate, models
from native.subject import Subject

CLIENT, LINES = "ollama client", "documentation's curl lines"


def cases(direct):
    for module in (chat, generate, models, failures):
        yield from module.CASES.items()
    if not direct:
        yield from failures.GATEWAY_CASES.items()
    for name, work in curl.CASES.items():
        yield f"curl {name}", work


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("base")
    arguments.add_argument("key")
    arguments.add_argument("model")
    arguments.add_argument("--direct", action="store_true", help="there is no gateway")
    arguments.add_argument("--dialect", default=os.environ.get("MODEL_DIALECT", "ollama"), help="model.py's dialect")
    arguments.add_argument("--only", action="append", help="only cases whose name contains this")
    arguments.add_argument("--seconds", type=float, default=60, help="limit of one request (default 60)")
    options = arguments.parse_args()

    base = options.base.rstrip("/")
    subject = Subject(base, options.key, options.model, options.dialect, options.direct, options.seconds)
    tally = Tally(options.only, lambda name: LINES if name.startswith("curl ") else CLIENT)
    for name, work in cases(options.direct):
        tally.run(name, lambda work=work: work(subject))
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
