#!/usr/bin/env python3
"""The official openai and anthropic SDKs against a gateway.   judge_sdk.py [--scripted | --llama] BASE KEY MODEL

Needs a Python with both packages. BASE is the gateway's root; the SDKs are pointed at BASE/v1 and BASE.
--scripted says that model.py is behind the gateway: answers are then checked to the letter, and the faults are tried.
--llama says that llama.cpp is: shapes are checked, and what llama.cpp itself cannot do is skipped by name.
"""

import argparse
import os
import sys

import anthropic
import openai
from judging import Tally
from sdk import chat, failures, llama, messages, responses, socket, stored
from sdk.subject import Subject

WIRES = ("chat", "responses", "messages", "stored", "socket")
LOST = (openai.APIConnectionError, anthropic.APIConnectionError)


def wire_of(name):
    if name.startswith(("stored", "socket")):
        return name.split()[0]
    if "messages" in name or "anthropic" in name:
        return "messages"
    return "responses" if "responses" in name else "chat"


def cases(options):
    modules = (chat, responses, messages, failures)
    for module in modules:
        yield from module.CASES.items()
    if options.scripted:
        for module in modules:
            yield from module.SCRIPTED_CASES.items()
        yield from stored.CASES.items()
        if not options.direct:
            yield from stored.FOREIGN_CASES.items()
            yield from socket.CASES.items()


def skipped(options):
    if not options.llama:
        return {}
    if options.translated:
        return llama.TRANSLATED
    return llama.SKIPPED | (llama.GATEWAY_ONLY if options.direct else {})


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("base")
    arguments.add_argument("key")
    arguments.add_argument("model")
    behind = arguments.add_mutually_exclusive_group()
    behind.add_argument("--scripted", action="store_true", help="model.py is behind the gateway")
    behind.add_argument("--llama", action="store_true", help="llama.cpp is behind the gateway")
    arguments.add_argument("--translated", action="store_true", help="the gateway translates for llama.cpp")
    arguments.add_argument("--direct", action="store_true", help="there is no gateway")
    arguments.add_argument("--dialect", default=os.environ.get("MODEL_DIALECT", ""), help="model.py's dialect")
    arguments.add_argument("--wire", action="append", choices=WIRES, help="only the cases of this wire")
    foreign = os.environ.get("FOREIGN_KEY")
    arguments.add_argument("--foreign-key", default=foreign, help="of another client (default $FOREIGN_KEY)")
    arguments.add_argument("--only", action="append", help="only cases whose name contains this")
    arguments.add_argument("--seconds", type=float, default=60, help="limit of one request (default 60)")
    options = arguments.parse_args()

    base = options.base.rstrip("/")
    bare = options.llama and options.direct
    words = (options.scripted, options.dialect, options.seconds, llama.UNKEPT if bare else None)
    subject = Subject(base, options.key, options.model, *words)
    subject.foreign_key = options.foreign_key
    tally, reasons = Tally(options.only, wire_of, again=LOST if bare else ()), skipped(options)
    for name, work in cases(options):
        if options.wire and wire_of(name) not in options.wire:
            continue
        if name in reasons:
            tally.skip(name, reasons[name])
        else:
            tally.run(name, lambda work=work: work(subject))
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
