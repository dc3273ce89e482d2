"""What the chaos run says and hears: HTTP/1.1 over asyncio streams, and a short answer in each of the four dialects."""

import asyncio
import json
import random
import re

DIALECTS = ("chat", "responses", "messages", "ollama")
PATHS = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "messages": "/v1/messages",
    "ollama": "/api/chat",
}
TOKEN = re.compile(rb"T-(\d+)-")


def words(token):
    """The one right answer to the prompt with this token."""
    dice = random.Random(token)
    middle = "".join(f"w{dice.randrange(10_000)} " for _ in range(dice.randrange(1, 40)))
    return f"T-{token}- {middle}:{token}"


class Broken(Exception):
    """The connection ended, or what came is no HTTP."""


class Message:
    def __init__(self, start, fields):
        self.start, self.fields = start, fields


async def read_head(reader):
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError) as error:
        raise Broken(f"no head: {error}") from error
    lines = head.decode("latin-1").split("\r\n")
    fields = {}
    for line in lines[1:]:
        if line:
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
    return Message(lines[0], fields)


async def read_pieces(reader, fields):
    """The body's pieces as they come; `Broken` where it is cut."""
    try:
        if fields.get("transfer-encoding") == "chunked":
            while True:
                size = int((await reader.readline()).split(b";")[0] or b"x", 16)
                piece = await reader.readexactly(size)
                await reader.readexactly(2)
                if size == 0:
                    return
                yield piece
        else:
            yield await reader.readexactly(int(fields.get("content-length", "0")))
    except (asyncio.IncompleteReadError, ValueError, OSError) as error:
        raise Broken(f"cut: {error}") from error


def request_body(dialect, token, stream):
    prompt = f"say T-{token}- again"
    body = {"model": "m", "stream": stream}
    if dialect == "responses":
        body |= {"input": prompt, "store": False}
    else:
        body["messages"] = [{"role": "user", "content": prompt}]
    if dialect == "messages":
        body["max_tokens"] = 1000
    return json.dumps(body).encode()


def sse(data, event=None):
    return ((f"event: {event}\n" if event else "") + f"data: {json.dumps(data)}\n\n").encode()


def stream_type(dialect):
    return "application/x-ndjson" if dialect == "ollama" else "text/event-stream"


def beginning(dialect):
    """What comes before the first word."""
    if dialect == "chat":
        return sse(chat_chunk({"role": "assistant", "content": ""}))
    if dialect == "messages":
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": []}
        message |= {"stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 1}}
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        return sse({"type": "message_start", "message": message}, "message_start") + sse(block, "content_block_start")
    return b""


def chat_chunk(delta, finish=None):
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def word_event(dialect, text):
    if dialect == "chat":
        return sse(chat_chunk({"content": text}))
    if dialect == "messages":
        delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
        return sse(delta, "content_block_delta")
    message = {"role": "assistant", "content": text}
    return (json.dumps({"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False})
            + "\n").encode()


def ending(dialect):
    if dialect == "chat":
        usage = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []}
        usage["usage"] = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
        return sse(chat_chunk({}, "stop")) + sse(usage) + b"data: [DONE]\n\n"
    if dialect == "messages":
        delta = {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}}
        delta["usage"] = {"output_tokens": 2}
        return (sse({"type": "content_block_stop", "index": 0}, "content_block_stop") + sse(delta, "message_delta")
                + sse({"type": "message_stop"}, "message_stop"))
    message = {"role": "assistant", "content": ""}
    last = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": True}
    return (json.dumps(last | {"done_reason": "stop", "prompt_eval_count": 3, "eval_count": 2}) + "\n").encode()


def whole(dialect, text):
    if dialect == "chat":
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        body["usage"] = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    elif dialect == "messages":
        body = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
        body |= {"content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": None}
        body["usage"] = {"input_tokens": 3, "output_tokens": 2}
    else:
        body = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "done": True, "done_reason": "stop"}
        body |= {"message": {"role": "assistant", "content": text}, "prompt_eval_count": 3, "eval_count": 2}
    return json.dumps(body).encode()


def error_body(dialect, kind="api_error", message="out of luck"):
    if dialect == "ollama":
        return json.dumps({"error": message}).encode()
    error = {"type": kind, "message": message}
    return json.dumps({"type": "error", "error": error} if dialect == "messages" else {"error": error}).encode()


def error_event(dialect):
    if dialect == "messages":
        return b"event: error\ndata: " + error_body(dialect) + b"\n\n"
    return error_body(dialect) + b"\n" if dialect == "ollama" else b"data: " + error_body(dialect) + b"\n\n"


def read_stream(dialect, body):
    """The text of a stream, how often it ended well, and how often it told of a failure."""
    text, ends, failures = "", 0, 0
    for line in body.decode().splitlines():
        if dialect == "ollama":
            data = line
        elif line.startswith("data: "):
            data = line[6:]
        else:
            continue
        if not data:
            continue
        if data == "[DONE]":
            ends += dialect == "chat"
            continue
        event = json.loads(data)
        kind = event.get("type", "")
        if dialect == "chat":
            failures += "error" in event
            for choice in event.get("choices", []):
                text += choice["delta"].get("content") or ""
        elif dialect == "responses":
            text += event["delta"] if kind == "response.output_text.delta" else ""
            ends += kind == "response.completed"
            failures += kind in ("response.failed", "error")
        elif dialect == "messages":
            text += event["delta"].get("text", "") if kind == "content_block_delta" else ""
            ends += kind == "message_stop"
            failures += kind == "error"
        else:
            failures += "error" in event
            text += event.get("message", {}).get("content", "")
            ends += event.get("done") is True
    return text, ends, failures


def read_whole(dialect, body):
    root = json.loads(body)
    if dialect == "chat":
        return root["choices"][0]["message"]["content"]
    if dialect == "responses":
        return "".join(part["text"] for item in root["output"] for part in item.get("content", []))
    if dialect == "messages":
        return "".join(block.get("text", "") for block in root["content"])
    return root["message"]["content"]


def is_error(dialect, body):
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return False
    return isinstance(error, str) if dialect == "ollama" else isinstance(error.get("message"), str)
