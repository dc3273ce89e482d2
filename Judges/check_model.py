#!/usr/bin/env python3
"""Checks that model.py refuses what it has to, by naming it, and plays its faults.   check_model.py"""

import argparse, http.client, json, os, socket, subprocess, sys, time
from judging import Tally

HERE = os.path.dirname(os.path.abspath(__file__))
USER = [{"role": "user", "content": "hi"}]
FN = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}
RFN, AFN = (
    {"type": "function", "name": "f", "parameters": {"type": "object"}},
    {"name": "f", "input_schema": {"type": "object"}},
)
USE = {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]}
PATH = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "messages": "/v1/messages",
    "ollama": "/api/chat",
}

# dialect, case, body, words the refusal has to hold (None: accepted)
CASES = [
    ("chat", "plain", {"messages": USER}, None),
    (
        "chat",
        "custom tool",
        {"messages": USER, "tools": [{"type": "custom", "custom": {"name": "p"}}]},
        "type 'custom'",
    ),
    (
        "chat",
        "namespace tool",
        {"messages": USER, "tools": [{"type": "namespace", "name": "n", "tools": []}]},
        "type 'namespace'",
    ),
    ("chat", "flat tool", {"messages": USER, "tools": [RFN]}, "function missing"),
    (
        "chat",
        "responses part",
        {"messages": [{"role": "user", "content": [{"type": "input_text", "text": "x"}]}]},
        "input_text",
    ),
    (
        "chat",
        "image in a tool message",
        {
            "messages": USER
            + [
                CALL,
                {
                    "role": "tool",
                    "tool_call_id": "c1",
                    "content": [{"type": "image_url", "image_url": {"url": "data:x"}}],
                },
            ]
        },
        "not allowed for tool",
    ),
    ("chat", "call without answer", {"messages": USER + [CALL]}, "without a tool message: c1"),
    (
        "chat",
        "answer without call",
        {"messages": USER + [{"role": "tool", "tool_call_id": "zz", "content": "x"}]},
        "answers no preceding",
    ),
    (
        "chat",
        "answer without id",
        {"messages": USER + [CALL, {"role": "tool", "content": "x"}]},
        "tool_call_id missing",
    ),
    (
        "chat",
        "arguments as object",
        {
            "messages": USER
            + [
                {
                    "role": "assistant",
                    "tool_calls": [
                        {"id": "c", "type": "function", "function": {"name": "f", "arguments": {}}}
                    ],
                }
            ]
        },
        "must be a string",
    ),
    ("chat", "foreign parameter", {"messages": USER, "instructions": "x"}, "instructions"),
    (
        "chat",
        "dotted tool name",
        {"messages": USER, "tools": [{"type": "function", "function": {"name": "a.b"}}]},
        "a.b",
    ),
    ("chat", "same tool twice", {"messages": USER, "tools": [FN, FN]}, "twice"),
    ("responses", "plain", {"input": "hi"}, None),
    ("responses", "custom tool", {"input": "hi", "tools": [{"type": "custom", "name": "p"}]}, None),
    ("responses", "chat tool", {"input": "hi", "tools": [FN]}, "None"),
    (
        "responses",
        "call without output",
        {
            "input": [
                {"role": "user", "content": "x"},
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            ]
        },
        "No tool output found",
    ),
    (
        "responses",
        "output without call",
        {"input": [{"type": "function_call_output", "call_id": "c", "output": "x"}]},
        "No tool call found",
    ),
    (
        "responses",
        "function output for a custom call",
        {
            "input": [
                {"type": "custom_tool_call", "call_id": "c", "name": "p", "input": "x"},
                {"type": "function_call_output", "call_id": "c", "output": "x"},
            ]
        },
        "answers a custom_tool_call",
    ),
    (
        "responses",
        "foreign encrypted reasoning",
        {
            "input": [
                {"type": "reasoning", "summary": [], "encrypted_content": "zzz"},
                {"role": "user", "content": "x"},
            ]
        },
        "not issued here",
    ),
    (
        "responses",
        "assistant with input_text",
        {"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]},
        "not allowed for assistant",
    ),
    ("responses", "unknown previous", {"input": "hi", "previous_response_id": "resp_none"}, "not found"),
    ("messages", "plain", {"messages": USER, "max_tokens": 99}, None),
    ("messages", "no max_tokens", {"messages": USER}, "max_tokens"),
    (
        "messages",
        "empty text",
        {"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}], "max_tokens": 9},
        "non-empty",
    ),
    (
        "messages",
        "tool_use without result",
        {"messages": USER + [USE] + USER, "max_tokens": 9, "tools": [AFN]},
        "without `tool_result`",
    ),
    (
        "messages",
        "result without use",
        {
            "messages": [
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x", "content": "y"}]}
            ],
            "max_tokens": 9,
        },
        "unexpected `tool_use_id`",
    ),
    (
        "messages",
        "forged signature",
        {
            "messages": USER
            + [{"role": "assistant", "content": [{"type": "thinking", "thinking": "a", "signature": "b"}]}]
            + USER,
            "max_tokens": 9,
        },
        "signature",
    ),
    (
        "messages",
        "role tool",
        {"messages": USER + [{"role": "tool", "content": "x"}], "max_tokens": 9},
        "role 'tool'",
    ),
    ("messages", "chat tool", {"messages": USER, "max_tokens": 9, "tools": [FN]}, "tool name None"),
    (
        "messages",
        "thinking budget",
        {"messages": USER, "max_tokens": 1500, "thinking": {"type": "enabled", "budget_tokens": 2000}},
        "budget_tokens",
    ),
    ("ollama", "plain", {"messages": USER}, None),
    (
        "ollama",
        "content parts",
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
        "type string",
    ),
    (
        "ollama",
        "arguments as text",
        {
            "messages": USER
            + [
                {
                    "role": "assistant",
                    "content": "",
                    "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}],
                }
            ]
        },
        "must be an object",
    ),
    ("ollama", "role developer", {"messages": [{"role": "developer", "content": "x"}]}, "role 'developer'"),
    (
        "ollama",
        "data URL",
        {"messages": [{"role": "user", "content": "x", "images": ["data:image/png;base64,AA"]}]},
        "bare base64",
    ),
]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def post(port, dialect, body):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    c.request(
        "POST",
        PATH[dialect],
        json.dumps({"model": "scripted", **body}),
        {
            "Content-Type": "application/json",
            **({"anthropic-version": "2023-06-01"} if dialect == "messages" else {}),
        },
    )
    r = c.getresponse()
    return r.status, r.read().decode()


def fault(port, dialect, script):
    """How a streamed answer with this fault ends: a status, 'reset', or the text of the stream."""
    text = f"[[{script}]]"
    body = {
        "stream": True,
        **({"input": text} if dialect == "responses" else {"messages": [{"role": "user", "content": text}]}),
        **({"max_tokens": 99} if dialect == "messages" else {}),
    }
    try:
        return post(port, dialect, body)
    except (ConnectionResetError, http.client.IncompleteRead):
        return 0, "reset"


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    t, ends = (
        Tally(),
        {
            "chat": "[DONE]",
            "responses": "response.completed",
            "messages": "message_stop",
            "ollama": '"done": true',
        },
    )
    for dialect in PATH:
        port = free_port()
        p = subprocess.Popen(
            [sys.executable, f"{HERE}/model.py", "--dialect", dialect, "--port", str(port), "--stall", "0.3"],
            stdout=subprocess.PIPE,
        )
        try:
            p.stdout.readline()
            for d, name, body, words in CASES:
                if d != dialect:
                    continue
                status, text = post(port, d, {"stream": False, **body})
                t.note(
                    status == (400 if words else 200) and (words or "") in text.replace('\\"', '"'),
                    f"{d}: {name}",
                    "" if words and words in text else text[:150],
                )
            for script, right in (
                ("hello", lambda s, x: s == 200 and ends[dialect] in x),
                ("cut", lambda s, x: x == "reset"),
                ("stall", lambda s, x: s == 200 and ends[dialect] in x),
                ("no-terminal", lambda s, x: s == 200 and "Hel" in x and ends[dialect] not in x),
                (
                    "error-in-stream",
                    lambda s, x: s == 200 and "scripted error" in x and ends[dialect] not in x,
                ),
                ("e429", lambda s, x: s == 429),
                ("e500-then-ok", lambda s, x: s == 500),
                ("e500-then-ok", lambda s, x: s == 200),
                ("long", lambda s, x: s == 200 and ends[dialect] in x),
            ):
                s, x = fault(port, dialect, script)
                t.note(right(s, x), f"{dialect}: plays {script}", "" if right(s, x) else f"{s} {x[-120:]}")
        finally:
            p.terminate()
            p.wait()
    return t.end()


if __name__ == "__main__":
    sys.exit(main())
