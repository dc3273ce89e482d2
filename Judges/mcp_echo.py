#!/usr/bin/env python3
"""A tiny MCP server over stdio with two tools: add, and echo, whose answer has JUDGE_SECRET, unknown to the model."""

import json
import os
import sys


def tool(name, description, **properties):
    schema = {
        "type": "object",
        "properties": {key: {"type": kind} for key, kind in properties.items()},
        "required": list(properties),
    }
    return {"name": name, "description": description, "inputSchema": schema}


TOOLS = [
    tool("echo", "Echo a text.", text="string"),
    tool("add", "Add two integers.", a="integer", b="integer"),
]


def call(name, arguments):
    if name == "echo":
        text = f"echo {arguments.get('text')} {os.environ.get('JUDGE_SECRET', '')}"
    else:
        text = str(arguments.get("a", 0) + arguments.get("b", 0))
    return {"content": [{"type": "text", "text": text}]}


def answer(method, parameters):
    """The result of a request, or None for a method that is not known."""
    if method == "initialize":
        return {
            "protocolVersion": parameters.get("protocolVersion", "2025-06-18"),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "judge", "version": "1"},
        }
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        return call(parameters["name"], parameters.get("arguments") or {})
    return {} if method == "ping" else None


def main():
    for line in sys.stdin:
        message = json.loads(line) if line.strip() else {}
        if "id" not in message:
            continue  # a notification
        result = answer(message["method"], message.get("params") or {})
        reply = {"jsonrpc": "2.0", "id": message["id"]}
        if result is None:
            reply["error"] = {"code": -32601, "message": "method not found"}
        else:
            reply["result"] = result
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
