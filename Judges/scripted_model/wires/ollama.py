"""Ollama's native API: lines of JSON, arguments as objects, calls whole."""

import json
import time

from scripted_model import catalogue
from scripted_model.wires.common import Wire
from scripted_model.wires.embeddings import ollama_embed, ollama_embeddings
from scripted_model.wires.ollama_request import ChatRequest, GenerateRequest

KEYS = {"text": "content", "reasoning": "thinking"}
CONTEXT = [1, 2, 3]


def line(value):
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())


def closing(plan):
    """The members of the answer's last line."""
    return {
        "done": True,
        "done_reason": "length" if plan.finish == "length" else "stop",
        "total_duration": 5000000,
        "load_duration": 1000000,
        "prompt_eval_count": plan.input,
        "prompt_eval_duration": 1000000,
        "eval_count": plan.output,
        "eval_duration": 3000000,
    }


class OllamaWire(Wire):
    media = "application/x-ndjson"
    thinks_unasked = True
    unknown = "model '{}' not found"
    overflow = "the prompt is longer than the context length currently available"

    def error(self, status, message, code=None):
        return {"error": message}

    def error_event(self):
        return b'{"error":"scripted error in the stream"}\n'

    def idle(self, conversation):
        """A request without a prompt only loads the model, or unloads it."""
        return self.chunk(conversation, {}, done=True, done_reason=conversation.idle)


class Ollama(OllamaWire):
    """`/api/chat`, and all that stands beside it."""

    path = "/api/chat"

    def __init__(self, lenient=False):
        super().__init__(lenient)
        generate = Generate(lenient)
        self.routes[generate.path] = generate
        self.pages = {
            "/api/embed": ollama_embed,
            "/api/embeddings": ollama_embeddings,
            "/api/show": lambda body: catalogue.ollama_show(),
            "/api/pull": lambda body: {"status": "success"},
        }

    def read(self, body, headers):
        return ChatRequest(body, self.lenient).conversation

    def chunk(self, conversation, message, **members):
        return {
            "model": conversation.model,
            "created_at": now(),
            "message": {"role": "assistant", "content": "", **message},
            "done": False,
            **members,
        }

    def _call(self, index, call):
        function = {"index": index, "name": call.tool.name, "arguments": call.value}
        return {"id": call.id, "function": function}

    def whole(self, conversation, plan, ident):
        message = {"content": plan.joined("text")}
        if plan.joined("reasoning"):
            message["thinking"] = plan.joined("reasoning")
        if plan.calls():
            message["tool_calls"] = [self._call(index, call) for index, call in enumerate(plan.calls())]
        return self.chunk(conversation, message, **closing(plan))

    def stream(self, conversation, plan, ident):
        calls = 0
        for part in plan.parts:
            if part.kind == "call":
                yield "body", line(self.chunk(conversation, {"tool_calls": [self._call(calls, part.value)]}))
                calls += 1
                continue
            for piece in part.pieces:
                yield "body", line(self.chunk(conversation, {KEYS[part.kind]: piece}))
        yield "end", line(self.chunk(conversation, {}, **closing(plan)))


class Generate(OllamaWire):
    """`/api/generate`: one prompt, and the answer's text outside of any message."""

    path = "/api/generate"

    def read(self, body, headers):
        return GenerateRequest(body, self.lenient).conversation

    def chunk(self, conversation, said, **members):
        return {
            "model": conversation.model,
            "created_at": now(),
            "response": said.get("content", ""),
            **({"thinking": said["thinking"]} if "thinking" in said else {}),
            "done": False,
            **members,
        }

    def _closing(self, conversation, plan):
        return closing(plan) | ({} if conversation.raw else {"context": CONTEXT})

    def whole(self, conversation, plan, ident):
        said = {"content": plan.joined("text")}
        if plan.joined("reasoning"):
            said["thinking"] = plan.joined("reasoning")
        return self.chunk(conversation, said, **self._closing(conversation, plan))

    def stream(self, conversation, plan, ident):
        for part in plan.parts:
            for piece in part.pieces:
                yield "body", line(self.chunk(conversation, {KEYS[part.kind]: piece}))
        yield "end", line(self.chunk(conversation, {}, **self._closing(conversation, plan)))
