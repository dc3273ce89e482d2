"""Chat Completions through the openai SDK."""

import base64
import json
import struct
import zlib

import openai
from scripted_model.wires.embeddings import vector

from sdk.subject import SCHEMA, THOUGHT, USAGE, Trip

TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "description": "The weather of a city.", "parameters": SCHEMA},
}
FORMAT = {"type": "json_schema", "json_schema": {"name": "trip", "schema": SCHEMA, "strict": True}}


def create(subject, messages, **words):
    return subject.openai.chat.completions.create(model=subject.model, messages=messages, **words)


def models(subject):
    ids = [model.id for model in subject.openai.models.list().data]
    assert subject.model in ids, f"{subject.model} is not among {ids[:5]}"
    return len(ids)


def whole(subject):
    answer = create(subject, subject.users(), max_tokens=200)
    usage = answer.usage
    assert answer.choices[0].finish_reason in ("stop", "length"), answer
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, answer
    return subject.said(answer.choices[0].message.content)


def stream_with_usage(subject):
    text, pieces, finish, usage = "", 0, None, None
    options = {"include_usage": True}
    stream = create(subject, subject.users(USAGE), stream=True, max_tokens=200, stream_options=options)
    for chunk in stream:
        usage = chunk.usage or usage
        if not chunk.choices:
            continue
        piece = chunk.choices[0].delta.content or ""
        assert finish is None or not piece, "text after finish_reason"
        text += piece
        pieces += bool(piece)
        finish = chunk.choices[0].finish_reason or finish
    assert finish and usage, f"finish {finish}, usage {usage}"
    subject.said(text)
    of_prompt, of_answer = usage.prompt_tokens_details, usage.completion_tokens_details
    cached, reasoned = of_prompt and of_prompt.cached_tokens, of_answer and of_answer.reasoning_tokens
    subject.usage((usage.prompt_tokens, cached, usage.completion_tokens, reasoned))
    return subject.streamed(pieces)


def stream_without_usage(subject):
    chunks = list(create(subject, subject.users(), stream=True, max_tokens=200))
    assert all(chunk.choices for chunk in chunks), "a chunk without choices although no usage was asked for"
    return f"{len(chunks)} chunks"


def tools_streamed(subject):
    calls, finish = {}, None
    stream = create(
        subject,
        [{"role": "user", "content": "Weather?"}],
        tools=[TOOL],
        tool_choice="required",
        parallel_tool_calls=False,
        stream=True,
        max_tokens=1500,
    )
    for chunk in stream:
        if not chunk.choices:
            continue
        for delta in chunk.choices[0].delta.tool_calls or []:
            call = calls.setdefault(delta.index, {"id": None, "name": "", "arguments": ""})
            call["id"] = delta.id or call["id"]
            call["name"] += delta.function.name or ""
            call["arguments"] += delta.function.arguments or ""
        finish = chunk.choices[0].finish_reason or finish
    assert calls and calls[0]["id"] and calls[0]["name"] == "get_weather", calls
    assert finish == "tool_calls", f"finish_reason {finish}"
    return subject.arguments(json.loads(calls[0]["arguments"]))


def tool_round(subject):
    messages = [{"role": "user", "content": "Weather?"}]
    forced = dict(tools=[TOOL], tool_choice="required", parallel_tool_calls=False, max_tokens=1500)
    called = create(subject, messages, **forced).choices[0].message
    assert called.tool_calls, called
    messages.append(called.model_dump(exclude_none=True))
    for call in called.tool_calls:
        messages.append({"role": "tool", "tool_call_id": call.id, "content": "RESULT-sunny"})
    answer = create(subject, messages, tools=[TOOL], max_tokens=100)
    return subject.tool_answer(answer.choices[0].message.content)


def structured(subject):
    question = [{"role": "user", "content": "A trip."}]
    if subject.scripted:
        parse = subject.openai.chat.completions.parse
        answer = parse(model=subject.model, messages=question, response_format=Trip, max_tokens=300)
        trip = answer.choices[0].message.parsed
        assert isinstance(trip, Trip), trip
        return trip
    answer = create(subject, question, max_tokens=300, response_format=FORMAT)
    return subject.arguments(json.loads(answer.choices[0].message.content))


# Only with the scripted model.


def embeddings(subject):
    """Numbers and base64 give the same vector. The Messages wire has no embeddings: there they are refused."""
    ask = subject.openai.embeddings.create
    texts = ["a", "déjà vu"]
    if subject.dialect == "messages":
        try:
            ask(model=subject.model, input=texts)
        except (openai.BadRequestError, openai.NotFoundError) as reason:
            assert "embeddings" in str(reason).lower(), f"refused without naming embeddings: {reason}"
            return "refused by name"
        raise AssertionError("embeddings of a server that has none")
    packed = ask(model=subject.model, input=texts)  # the SDK asks for base64 by itself
    plain = ask(model=subject.model, input=texts, encoding_format="float")
    rows = [[item.embedding for item in sorted(answer.data, key=lambda item: item.index)] for answer in (packed, plain)]
    assert rows[0] == rows[1] == [vector(text) for text in texts], f"embeddings are {rows}"
    assert plain.usage.total_tokens == plain.usage.prompt_tokens > 0, plain.usage
    return f"{len(texts)} of {len(rows[0][0])} numbers"


def red_pixel():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")).decode()


def image(subject):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + red_pixel()}}
    parts = [{"type": "text", "text": subject.ask()}, picture]
    answer = create(subject, [{"role": "user", "content": parts}], max_tokens=100)
    return subject.said(answer.choices[0].message.content)


def length(subject):
    finish = create(subject, subject.users("long n=50"), max_tokens=5).choices[0].finish_reason
    assert finish == "length", finish
    return finish


def reasoning(subject):
    thought = ""
    stream = create(subject, subject.users(), stream=True, max_tokens=2000, reasoning_effort="high")
    for chunk in stream:
        if chunk.choices:
            delta = chunk.choices[0].delta
            thought += getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None) or ""
    assert THOUGHT in thought, f"reasoning is {thought[:60]!r}"
    return repr(thought[:30])


def to_its_end(subject, directive):
    """Reads a stream as a careful client would: one that stops without finish_reason was cut."""
    finish = None
    for chunk in create(subject, subject.users(directive), stream=True, max_tokens=200):
        if chunk.choices:
            finish = chunk.choices[0].finish_reason or finish
    if not finish:
        raise EOFError("the stream ends without finish_reason")
    return f"a normal end, {finish}"


def pieces(subject):
    for chunk in create(subject, subject.users("slow"), stream=True, max_tokens=200):
        yield chunk.choices and chunk.choices[0].delta.content


CASES = {
    "models": models,
    "chat": whole,
    "chat stream with usage": stream_with_usage,
    "chat stream without usage": stream_without_usage,
    "chat tools streamed": tools_streamed,
    "chat tool round": tool_round,
    "chat structured output": structured,
}
SCRIPTED_CASES = {"chat finish length": length, "chat image": image, "chat reasoning": reasoning, "embeddings": embeddings}
