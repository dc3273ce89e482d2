"""One answer: what is said and called, cut into small pieces, and the numbers that go along."""

import json
import os
import threading


class Call:
    """A call of a tool; the value is an object, or text for a custom tool. `raw`: what the model writes for it."""

    _serial = 0
    _lock = threading.Lock()

    def __init__(self, tool, value, raw=None):
        with Call._lock:
            Call._serial += 1
            self.id = f"call_{os.getpid():x}{Call._serial:06x}"
        self.tool, self.value, self.raw = tool, value, raw

    @property
    def text(self):
        if self.raw is not None:
            return self.raw
        return self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)


class Part:
    """A piece of reasoning, text, or a call; `pieces` joined are its text."""

    def __init__(self, kind, value, pieces):
        self.kind, self.value, self.pieces = kind, value, pieces


class Plan:
    def __init__(self, conversation, items, fault=None, usage=None):
        """`items` are ("reasoning" | "text", text) and ("call", Call); `usage` fixes the four numbers."""
        self.fault = fault
        self.finish = "tool" if any(kind == "call" for kind, _ in items) else "stop"
        self.parts = self._cut(items, conversation.max_tokens or 1 << 30)
        output = sum(len(part.pieces) for part in self.parts)
        reasoned = sum(len(part.pieces) for part in self.parts if part.kind == "reasoning")
        self.input, self.output, self.cached, self.reasoned = usage or (_size(conversation), output, 0, reasoned)

    def _cut(self, items, left):
        parts = []
        for kind, value in items:
            pieces = split(value.text if kind == "call" else value)
            if kind == "text" and len(pieces) > left:
                pieces, self.finish = pieces[:left], "length"
                value = "".join(pieces)
            left -= len(pieces) if kind != "reasoning" else 0
            parts.append(Part(kind, value, pieces))
        return parts

    def joined(self, kind):
        return "".join(part.value for part in self.parts if part.kind == kind)

    def calls(self):
        return [part.value for part in self.parts if part.kind == "call"]


def split(text):
    """Small pieces of 1 to 7 characters."""
    pieces, at = [], 0
    while at < len(text):
        size = (3, 5, 1, 7, 4)[len(pieces) % 5]
        pieces.append(text[at : at + size])
        at += size
    return pieces


def _size(conversation):
    """An honest enough count of input tokens: four bytes each."""
    said = conversation.system
    said += json.dumps([[turn.text, turn.calls, turn.results] for turn in conversation.turns])
    said += json.dumps([[tool.name, tool.schema] for tool in conversation.tools])
    return (len(said.encode()) + 3) // 4


def sample(schema, root=None):
    """The smallest value that a JSON schema allows."""
    root = root or schema
    if "$ref" in schema:
        at = root
        for key in schema["$ref"].lstrip("#/").split("/"):
            at = at.get(key, {})
        return sample(at, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return sample(schema[key][0], root)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties") or {}
        wanted = schema.get("required", properties)
        return {key: sample(value, root) for key, value in properties.items() if key in wanted}
    return _sample_scalar(kind, schema, root)


def _sample_scalar(kind, schema, root):
    if kind == "array":
        return [sample(schema.get("items") or {}, root)] * schema.get("minItems", 1)
    if kind == "integer":
        return max(schema.get("minimum", 1), 1) if schema.get("maximum", 1) >= 1 else schema["maximum"]
    if kind == "number":
        return float(schema.get("minimum", 1))
    if kind == "boolean":
        return True
    return None if kind == "null" else "Paris"[: schema.get("maxLength", 9)]
