"""The Responses API. Responses are stored, as the hosted API does it."""

import hashlib
import time

from scripted_model.summary import seal
from scripted_model.wires.common import OpenAIWire, server_sent_event
from scripted_model.wires.embeddings import openai_embeddings
from scripted_model.wires.responses_request import ResponsesRequest
from scripted_model.wires.responses_stored import Stored


class Responses(OpenAIWire):
    path = "/v1/responses"
    media = "text/event-stream"

    def __init__(self, lenient=False):
        super().__init__(lenient)
        self.routes["/v1/responses/input_tokens"] = InputTokens(self)
        self.routes["/v1/responses/compact"] = Compact(self)
        self.pages["/v1/embeddings"] = openai_embeddings
        self.stored = Stored()

    def read(self, body, headers):
        return ResponsesRequest(body, self.stored.items, self.lenient).conversation

    def _kept(self, conversation, response):
        if conversation.store:
            self.stored.keep(conversation, response)
        return response

    def usage(self, plan):
        return {
            "input_tokens": plan.input,
            "input_tokens_details": {"cached_tokens": plan.cached},
            "output_tokens": plan.output,
            "output_tokens_details": {"reasoning_tokens": plan.reasoned},
            "total_tokens": plan.input + plan.output,
        }

    def _items(self, conversation, plan, ident):
        return [self._item(conversation, part, f"{ident}{n}") for n, part in enumerate(plan.parts)]

    def _item(self, conversation, part, ident):
        if conversation.compacts:
            return {"type": "compaction", "id": f"cmp_{ident}", "encrypted_content": seal(part.value)}
        if part.kind == "reasoning":
            summary = [{"type": "summary_text", "text": part.value}]
            item = {"type": "reasoning", "id": f"rs_{ident}", "summary": summary}
            if conversation.seals:
                item["encrypted_content"] = "enc." + hashlib.sha1(part.value.encode()).hexdigest()
            return item
        if part.kind == "text":
            return self._message(ident, "completed", [self._text(part.value)])
        call = part.value
        if call.tool.kind == "tool_search":
            item = {"type": "tool_search_call", "id": f"ts_{ident}", "status": "completed", "execution": "client"}
            return {**item, "call_id": call.id, "arguments": call.value}
        custom = call.tool.kind == "custom"
        item = {
            "type": "custom_tool_call" if custom else "function_call",
            "id": ("ctc_" if custom else "fc_") + ident,
            "status": "completed",
            "call_id": call.id,
            "name": call.tool.name,
            "input" if custom else "arguments": call.text,
        }
        if call.tool.namespace:
            item["namespace"] = call.tool.namespace
        return item

    def _message(self, ident, status, content):
        return {"type": "message", "id": f"msg_{ident}", "status": status, "role": "assistant", "content": content}

    def _text(self, text):
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}

    def _response(self, conversation, plan, ident, status, output):
        """The object with every member that the hosted API gives it."""
        body, now = conversation.body, int(time.time())
        reasoning = body.get("reasoning") or {}
        defaults = {"strict": None, "description": None, "parameters": None}
        tools = [{**defaults, **tool} if tool.get("type") == "function" else tool for tool in body.get("tools") or []]
        return {
            "id": f"resp_{ident}",
            "object": "response",
            "created_at": now,
            "completed_at": now if status == "completed" else None,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
            "instructions": body.get("instructions"),
            "max_output_tokens": body.get("max_output_tokens"),
            "max_tool_calls": body.get("max_tool_calls"),
            "model": conversation.model,
            "output": output,
            "parallel_tool_calls": conversation.parallel,
            "previous_response_id": body.get("previous_response_id"),
            "prompt_cache_key": body.get("prompt_cache_key"),
            "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
            "safety_identifier": body.get("safety_identifier"),
            "service_tier": "default",
            "store": conversation.store,
            "temperature": body.get("temperature", 1.0),
            "text": body.get("text") or {"format": {"type": "text"}},
            "tool_choice": body.get("tool_choice") or "auto",
            "tools": tools,
            "top_logprobs": body.get("top_logprobs") or 0,
            "top_p": body.get("top_p", 1.0),
            "truncation": body.get("truncation") or "disabled",
            "presence_penalty": 0.0,
            "frequency_penalty": 0.0,
            "user": body.get("user"),
            "metadata": body.get("metadata") or {},
            "usage": self.usage(plan) if status in ("completed", "incomplete") else None,
        }

    def whole(self, conversation, plan, ident):
        items = self._items(conversation, plan, ident)
        status = "incomplete" if plan.finish == "length" else "completed"
        return self._kept(conversation, self._response(conversation, plan, ident, status, items))

    def stream(self, conversation, plan, ident):
        numbers = iter(range(1 << 30))

        def event(kind, **members):
            data = {"type": kind, "sequence_number": next(numbers), **members}
            return server_sent_event(data, kind)

        items = self._items(conversation, plan, ident)
        opened = self._response(conversation, plan, ident, "in_progress", [])
        yield "body", event("response.created", response=opened)
        yield "body", event("response.in_progress", response=opened)
        steps = {"reasoning": self._stream_reasoning, "message": self._stream_text}
        steps |= {"compaction": self._stream_whole, "tool_search_call": self._stream_whole}
        for index, (part, item) in enumerate(zip(plan.parts, items)):
            where = {"item_id": item["id"], "output_index": index}
            for kind, members in steps.get(item["type"], self._stream_call)(part, item, where):
                yield "body", event(kind, **members)
            yield "body", event("response.output_item.done", output_index=index, item=item)
        status = "incomplete" if plan.finish == "length" else "completed"
        closed = self._kept(conversation, self._response(conversation, plan, ident, status, items))
        yield "end", event(f"response.{status}", response=closed)

    def _opened(self, item, where, **members):
        return "response.output_item.added", {"output_index": where["output_index"], "item": {**item, **members}}

    def _stream_whole(self, part, item, where):
        yield self._opened(item, where)

    def _stream_reasoning(self, part, item, where):
        name, at = "response.reasoning_summary", {**where, "summary_index": 0}
        yield self._opened(item, where, summary=[])
        yield f"{name}_part.added", {**at, "part": {"type": "summary_text", "text": ""}}
        for piece in part.pieces:
            yield f"{name}_text.delta", {**at, "delta": piece}
        yield f"{name}_text.done", {**at, "text": part.value}
        yield f"{name}_part.done", {**at, "part": item["summary"][0]}

    def _stream_text(self, part, item, where):
        at = {**where, "content_index": 0}
        yield self._opened(item, where, status="in_progress", content=[])
        yield "response.content_part.added", {**at, "part": self._text("")}
        for piece in part.pieces:
            yield "response.output_text.delta", {**at, "delta": piece, "logprobs": []}
        yield "response.output_text.done", {**at, "text": part.value, "logprobs": []}
        yield "response.content_part.done", {**at, "part": item["content"][0]}

    def _stream_call(self, part, item, where):
        custom = item["type"] == "custom_tool_call"
        key = "input" if custom else "arguments"
        name = "response.custom_tool_call_input" if custom else "response.function_call_arguments"
        yield self._opened(item, where, **{"status": "in_progress", key: ""})
        for piece in part.pieces:
            yield f"{name}.delta", {**where, "delta": piece}
        named = {} if custom else {"name": item["name"]}
        yield f"{name}.done", {**where, key: part.value.text, **named}

    def error_event(self):
        error = {"code": "server_error", "message": "scripted error in the stream"}
        failed = {"id": "resp_failed", "object": "response", "status": "failed", "output": [], "error": error}
        data = {"type": "response.failed", "sequence_number": 99, "response": failed}
        return server_sent_event(data, "response.failed")


class Compact:
    """`POST /v1/responses/compact`: what the user said, and a compaction item in the place of the rest."""

    counts = False

    def __init__(self, wire):
        self.wire = wire

    def read(self, body, headers):
        items = body.get("input", [])
        items = [{"role": "user", "content": items}] if isinstance(items, str) else items
        return self.wire.read({**body, "input": [*items, {"type": "compaction_trigger"}], "store": False}, headers)

    def whole(self, conversation, plan, ident):
        said = [item for item in conversation.items if item.get("role") == "user"]
        output = said + self.wire.whole(conversation, plan, ident)["output"]
        now, usage = int(time.time()), self.wire.usage(plan)
        return {"id": f"resp_{ident}", "object": "response.compaction", "created_at": now, "output": output, "usage": usage}


class InputTokens:
    """`POST /v1/responses/input_tokens`: counts what a request would cost."""

    counts = True

    def __init__(self, wire):
        self.read = wire.read

    def counted(self, plan):
        return {"object": "response.input_tokens", "input_tokens": plan.input}
