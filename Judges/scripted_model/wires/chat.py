"""Chat Completions."""

import time

from scripted_model.wires.chat_request import ChatRequest
from scripted_model.wires.common import OpenAIWire, server_sent_event
from scripted_model.wires.embeddings import openai_embeddings

FINISH = {"stop": "stop", "length": "length", "tool": "tool_calls"}
DELTA_KEYS = {"text": "content", "reasoning": "reasoning_content"}


class Chat(OpenAIWire):
    path = "/v1/chat/completions"
    media = "text/event-stream"
    thinks_unasked = True

    def __init__(self, lenient=False):
        super().__init__(lenient)
        self.pages["/v1/embeddings"] = openai_embeddings

    def read(self, body, headers):
        return ChatRequest(body, self.lenient).conversation

    def usage(self, plan):
        return {
            "prompt_tokens": plan.input,
            "completion_tokens": plan.output,
            "total_tokens": plan.input + plan.output,
            "prompt_tokens_details": {"cached_tokens": plan.cached},
            "completion_tokens_details": {"reasoning_tokens": plan.reasoned},
        }

    def whole(self, conversation, plan, ident):
        message = {
            "role": "assistant",
            "content": plan.joined("text") or None,
            "refusal": None,
            "annotations": [],
        }
        if plan.joined("reasoning"):
            message["reasoning_content"] = plan.joined("reasoning")
        if plan.calls():
            message["tool_calls"] = [self._call(call, call.text) for call in plan.calls()]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": FINISH[plan.finish]}
        return {
            "id": f"chatcmpl-{ident}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": conversation.model,
            "choices": [choice],
            "usage": self.usage(plan),
        }

    def _call(self, call, arguments):
        function = {"name": call.tool.name, "arguments": arguments}
        return {"id": call.id, "type": "function", "function": function}

    def stream(self, conversation, plan, ident):
        frame = {
            "id": f"chatcmpl-{ident}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": conversation.model,
        }

        def chunk(delta, finish=None):
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            return server_sent_event({**frame, "choices": [choice]})

        yield "body", chunk({"role": "assistant", "content": ""})
        calls = 0
        for part in plan.parts:
            if part.kind != "call":
                for piece in part.pieces:
                    yield "body", chunk({DELTA_KEYS[part.kind]: piece})
                continue
            yield "body", chunk({"tool_calls": [{"index": calls, **self._call(part.value, "")}]})
            for piece in part.pieces:
                yield "body", chunk({"tool_calls": [{"index": calls, "function": {"arguments": piece}}]})
            calls += 1
        yield "end", chunk({}, FINISH[plan.finish])
        if conversation.wants_usage:
            yield "end", server_sent_event({**frame, "choices": [], "usage": self.usage(plan)})
        yield "end", server_sent_event("[DONE]")

    def error_event(self):
        return server_sent_event(self.error(500, "scripted error in the stream", "server_error"))
