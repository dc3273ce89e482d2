#!/usr/bin/env python3
"""Checks that model.py refuses what it has to, by naming it, and plays its faults.   check_model.py

The requests are in refusals.jsonl: the dialect, the case, the body, words that the refusal has to hold (null where the
request is to be accepted), and, where they are not the usual ones, the path and the status.
"""

import argparse
import http.client
import json
import os
import sys
from urllib.parse import urlparse

import servers
from judging import Tally
from scripted_model.wires import WIRES

HERE = os.path.dirname(os.path.abspath(__file__))
TERMINAL = {
    "chat": "[DONE]",
    "responses": "response.completed",
    "messages": "message_stop",
    "ollama": '"done": true',
}
# Which answer each script has to get: its status, and whether the terminal event is there. None: a reset.
PLAYS = [
    ("hello", 200, True),
    ("cut", None, False),
    ("stall", 200, True),
    ("no-terminal", 200, False),
    ("error-in-stream", 200, False),
    ("e429", 429, False),
    ("overflow", 400, False),
    ("e500-then-ok", 500, False),
    ("e500-then-ok", 200, True),
    ("long", 200, True),
]
WORDS = {"no-terminal": "Hel", "error-in-stream": "scripted error"}


def post(port, dialect, body, path=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json"}
    if dialect == "messages":
        headers["anthropic-version"] = "2023-06-01"
    text = json.dumps({"model": "scripted", **body})
    connection.request("POST", path or WIRES[dialect].path, text, headers)
    response = connection.getresponse()
    return response.status, response.read().decode()


def streamed(port, dialect, script):
    """How a streamed answer ends: its status (None for a reset) and its text."""
    text = f"[[{script}]]"
    body = {"stream": True}
    if dialect == "responses":
        body["input"] = text
    else:
        body["messages"] = [{"role": "user", "content": text}]
    if dialect == "messages":
        body["max_tokens"] = 99
    try:
        return post(port, dialect, body)
    except (ConnectionResetError, http.client.IncompleteRead):
        return None, ""


def check_refusals(tally, port, dialect):
    with open(f"{HERE}/refusals.jsonl", encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    for case in cases:
        if case["dialect"] != dialect:
            continue
        words = case["refused"]
        path = case.get("path")
        status, text = post(port, dialect, case["body"] if path else {"stream": False, **case["body"]}, path)
        wanted = case.get("status", 400 if words else 200)
        right = status == wanted and (words or "") in text.replace('\\"', '"')
        tally.note(right, f"{dialect}: {case['case']}", "" if right else text[:150])


def check_scripts(tally, port, dialect):
    for script, wanted, ends in PLAYS:
        status, text = streamed(port, dialect, script)
        right = status == wanted and (TERMINAL[dialect] in text) == ends and WORDS.get(script, "") in text
        tally.note(right, f"{dialect}: plays {script}", "" if right else f"{status} {text[-120:]}")


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    tally = Tally()
    for dialect in WIRES:
        with servers.scripted_model(dialect, stall=0.3) as model:
            port = urlparse(model.announced).port
            check_refusals(tally, port, dialect)
            check_scripts(tally, port, dialect)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
