"""Ollama's native API: lines of JSON, arguments as objects, calls whole."""

import json
import time

from scripted_model.wires.ollama_request import OllamaRequest

KEYS = {"text": "content", "reasoning": "thinking"}


def line(value):
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()


class Ollama:
    path = "/api/chat"
    media = "application/x-ndjson"
    thinks_unasked = True
    lenient = False

    def read(self, body, headers):
        return OllamaRequest(body, self.lenient).conversation

    def _chunk(self, conversation, message, **members):
        return {
            "model": conversation.model,
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime()),
            "message": {"role": "assistant", "content": "", **message},
            "done": False,
            **members,
        }

    def _last(self, plan):
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

    def _call(self, index, call):
        function = {"index": index, "name": call.tool.name, "arguments": call.value}
        return {"id": call.id, "function": function}

    def whole(self, conversation, plan, ident):
        message = {"content": plan.joined("text")}
        if plan.joined("reasoning"):
            message["thinking"] = plan.joined("reasoning")
        if plan.calls():
            message["tool_calls"] = [self._call(index, call) for index, call in enumerate(plan.calls())]
        return self._chunk(conversation, message, **self._last(plan))

    def stream(self, conversation, plan, ident):
        calls = 0
        for part in plan.parts:
            if part.kind == "call":
                yield "body", line(self._chunk(conversation, {"tool_calls": [self._call(calls, part.value)]}))
                calls += 1
                continue
            for piece in part.pieces:
                yield "body", line(self._chunk(conversation, {KEYS[part.kind]: piece}))
        yield "end", line(self._chunk(conversation, {}, **self._last(plan)))

    def error(self, status, message, code=None):
        return {"error": message}

    def error_event(self):
        return b'{"error":"scripted error in the stream"}\n'
