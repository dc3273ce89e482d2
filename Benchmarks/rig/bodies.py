"""The request bodies that the rig posts: the same bytes every time, shaped like those of coding agents."""

import json
import os
import random

WORDS = (
    "let func return guard if else struct actor async await throws import print value index count "
    "result error buffer stream token model request naïve café → ✓"
).split()
ENDINGS = [' { "k": "v" }', "", "\t// note", ' = "a\\tb"', ""]

SMALL = {
    "model": "gpt-4o-mini",
    "messages": [
        {"role": "system", "content": "You are a helpful assistant that answers briefly."},
        {
            "role": "user",
            "content": "Explain in two sentences what a reverse proxy does "
            "and why one would put it in front of a model.",
        },
    ],
    "temperature": 0.7,
    "max_tokens": 256,
}
WITH_USAGE = {"stream": True, "stream_options": {"include_usage": True}}
SLOW = "rig-c20-n150"  # 150 chunks, 20 ms apart


class Writer:
    def __init__(self):
        self.random = random.Random(7)

    def words(self, count):
        return " ".join(self.random.choice(WORDS) for _ in range(count))

    def code(self, length):
        lines, size = [], 0
        while size < length:
            indent = "    " * self.random.randint(0, 3)
            line = indent + self.words(self.random.randint(3, 9)) + self.random.choice(ENDINGS)
            lines.append(line)
            size += len(line) + 1
        return "\n".join(lines)[:length]

    def between(self, low, high):
        return self.code(self.random.randint(low, high))

    def tools(self, count, flat):
        return [self.tool(number, flat) for number in range(count)]

    def tool(self, number, flat):
        parameters = {
            "type": "object",
            "additionalProperties": False,
            "required": ["path", "command"],
            "properties": {
                "path": {"type": "string", "description": "file path"},
                "command": {"type": "array", "items": {"type": "string"}},
                "limit": {"type": "integer", "minimum": 0, "maximum": 65535},
                "mode": {"type": "string", "enum": ["r", "w", "x"]},
            },
        }
        function = {
            "name": f"tool_{number}",
            "description": f"Runs step {number} of the plan. {self.words(25)}",
            "strict": False,
            "parameters": parameters,
        }
        return {"type": "function", **function} if flat else {"type": "function", "function": function}

    def chat(self, size, **members):
        """A conversation of an agent over Chat Completions."""
        messages = [{"role": "system", "content": self.code(9000)}]
        body = {"model": "gpt-4o-mini", "messages": messages, "tools": self.tools(15, False), "temperature": 0.2}
        body.update(members)
        number = 0
        while len(encoded(body)) < size - 2600:
            number += 1
            messages += self.chat_round(number)
        rest = max(1, size - len(encoded(body)) - 60)
        messages.append({"role": "user", "content": self.code(rest)})
        return body

    def chat_round(self, number):
        ask, thought = self.between(60, 300), self.code(120)
        arguments = json.dumps({"path": "Sources/main.swift", "command": ["sed", "-n", "1,80p"], "limit": number})
        name = f"call_{number}"
        call = {"id": name, "type": "function", "function": {"name": "tool_1", "arguments": arguments}}
        return [
            {"role": "user", "content": ask},
            {"role": "assistant", "content": thought, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": name, "content": self.between(600, 1900)},
        ]

    def responses(self, size, **members):
        """The same over the Responses API."""
        items = []
        body = {
            "model": "gpt-4o-mini",
            "instructions": self.code(9000),
            "input": items,
            "tools": self.tools(15, True),
            "tool_choice": "auto",
            "parallel_tool_calls": False,
            "store": False,
            "include": ["reasoning.encrypted_content"],
            "prompt_cache_key": "rig",
            **members,
        }
        number = 0
        while len(encoded(body)) < size - 2600:
            number += 1
            items += self.responses_round(number)
        return body

    def responses_round(self, number):
        ask = {"type": "input_text", "text": self.between(60, 300)}
        arguments = json.dumps({"path": "a.swift", "command": ["ls"], "limit": number})
        name = f"call_{number}"
        return [
            {"type": "message", "role": "user", "content": [ask]},
            {"type": "function_call", "name": "tool_1", "arguments": arguments, "call_id": name},
            {"type": "function_call_output", "call_id": name, "output": self.between(600, 1900)},
        ]


def encoded(body):
    return json.dumps(body, ensure_ascii=False).encode()


def bodies():
    """By name. A name begins with its wire, unless that is Chat Completions."""
    writer = Writer()
    hello = [{"role": "user", "content": "hi"}]
    question = {"model": "gpt-4o-mini", "input": "Explain what a reverse proxy does."}
    return {
        "small": SMALL,
        "stream": {**SMALL, **WITH_USAGE},
        "large": writer.chat(100_000),
        "large-stream": writer.chat(100_000, **WITH_USAGE),
        "slow": {**SMALL, **WITH_USAGE, "model": SLOW},
        "responses-small": question,
        "responses-stream": {**question, "stream": True},
        "responses-large-stream": writer.responses(100_000, stream=True),
        "responses-slow": {"model": SLOW, "input": "hi", "stream": True},
        "messages-slow": {"model": SLOW, "max_tokens": 512, "stream": True, "messages": hello},
    }


def write(folder):
    os.makedirs(folder, exist_ok=True)
    for name, body in bodies().items():
        with open(f"{folder}/{name}.json", "w", encoding="utf-8") as file:
            json.dump(body, file, ensure_ascii=False, separators=(",", ":"))
