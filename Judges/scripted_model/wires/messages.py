"""The Messages API."""

from scripted_model.wires.common import ERROR_TYPES, Wire, server_sent_event
from scripted_model.wires.messages_request import MessagesRequest, sign

STOP = {"stop": "end_turn", "length": "max_tokens", "tool": "tool_use"}


def event(kind, **members):
    return server_sent_event({"type": kind, **members}, kind)


class Messages(Wire):
    path = "/v1/messages"
    media = "text/event-stream"
    overflow = "prompt is too long: 210000 tokens > 200000 maximum"

    def __init__(self, lenient=False):
        super().__init__(lenient)
        self.routes["/v1/messages/count_tokens"] = CountTokens(lenient)

    def read(self, body, headers):
        return MessagesRequest(body, headers, False, self.lenient).conversation

    def usage(self, plan):
        return {
            "input_tokens": plan.input - plan.cached,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": plan.cached,
            "output_tokens": plan.output,
            "service_tier": "standard",
            "cache_creation": None,
            "inference_geo": None,
            "server_tool_use": None,
            "output_tokens_details": {"thinking_tokens": plan.reasoned},
        }

    def _block(self, part):
        if part.kind == "reasoning":
            return {"type": "thinking", "thinking": part.value, "signature": sign(part.value)}
        if part.kind == "text":
            return {"type": "text", "text": part.value, "citations": None}
        call = part.value
        return {
            "type": "tool_use",
            "id": "toolu_" + call.id.removeprefix("call_"),
            "name": call.tool.name,
            "input": call.value,
            "caller": {"type": "direct"},
        }

    def _message(self, conversation, ident, **members):
        return {
            "id": f"msg_{ident}",
            "type": "message",
            "role": "assistant",
            "model": conversation.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "stop_details": None,
            "container": None,
            **members,
        }

    def whole(self, conversation, plan, ident):
        content = [self._block(part) for part in plan.parts]
        stop, usage = STOP[plan.finish], self.usage(plan)
        return self._message(conversation, ident, content=content, stop_reason=stop, usage=usage)

    def stream(self, conversation, plan, ident):
        usage = self.usage(plan)
        opened = self._message(conversation, ident, usage={**usage, "output_tokens": 1})
        yield "body", event("message_start", message=opened)
        yield "body", event("ping")
        for index, part in enumerate(plan.parts):
            for kind, members in self._stream_part(part):
                yield "body", event(kind, index=index, **members)
        yield (
            "end",
            event("message_delta", delta={"stop_reason": STOP[plan.finish], "stop_sequence": None}, usage=usage),
        )
        yield "end", event("message_stop")

    def _stream_part(self, part):
        whole = self._block(part)
        empty = {
            "reasoning": {"type": "thinking", "thinking": "", "signature": ""},
            "text": {"type": "text", "text": ""},
            "call": {**whole, "input": {}},
        }
        deltas = {
            "reasoning": ("thinking_delta", "thinking"),
            "text": ("text_delta", "text"),
            "call": ("input_json_delta", "partial_json"),
        }
        yield "content_block_start", {"content_block": empty[part.kind]}
        kind, key = deltas[part.kind]
        for piece in part.pieces:
            yield "content_block_delta", {"delta": {"type": kind, key: piece}}
        if part.kind == "reasoning":
            signature = {"type": "signature_delta", "signature": whole["signature"]}
            yield "content_block_delta", {"delta": signature}
        yield "content_block_stop", {}

    def error(self, status, message, code=None):
        kind = ERROR_TYPES.get(status, "api_error" if status == 500 else "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_scripted"}

    def error_event(self):
        return event("error", error={"type": "overloaded_error", "message": "scripted error in the stream"})


class CountTokens:
    """`POST /v1/messages/count_tokens`."""

    counts = True

    def __init__(self, lenient):
        self.lenient = lenient

    def read(self, body, headers):
        return MessagesRequest(body, headers, True, self.lenient).conversation

    def counted(self, plan):
        return {"input_tokens": plan.input}
