#!/usr/bin/env python3
"""A tiny MCP server over stdio with two tools, for the judges: echo (answers with JUDGE_SECRET, which the model cannot know) and add."""

import json, os, sys

TOOLS = [
    {
        "name": "echo",
        "description": "Echo a text.",
        "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    },
    {
        "name": "add",
        "description": "Add two integers.",
        "inputSchema": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
        },
    },
]


def answer(method, params):
    if method == "initialize":
        return {
            "protocolVersion": params.get("protocolVersion", "2025-06-18"),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "judge", "version": "1"},
        }
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        a = params.get("arguments") or {}
        text = (
            f"echo {a.get('text')} {os.environ.get('JUDGE_SECRET', '')}"
            if params["name"] == "echo"
            else str(a.get("a", 0) + a.get("b", 0))
        )
        return {"content": [{"type": "text", "text": text}]}
    if method == "ping":
        return {}
    return None


for line in sys.stdin:
    if not line.strip():
        continue
    m = json.loads(line)
    if "id" not in m:
        continue
    result = answer(m["method"], m.get("params") or {})
    reply = (
        {"result": result}
        if result is not None
        else {"error": {"code": -32601, "message": "method not found"}}
    )
    print(json.dumps({"jsonrpc": "2.0", "id": m["id"], **reply}), flush=True)
