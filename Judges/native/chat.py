"""`/api/chat` through the ollama client."""

import asyncio
import json

import ollama
from sdk.chat import red_pixel

from native.subject import SCHEMA, THOUGHT, USAGE, Trip, refused

TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "description": "The weather of a city.", "parameters": SCHEMA},
}
QUESTION = {"role": "user", "content": "What is the weather?"}


def get_weather(city: str) -> str:
    """The weather of a city.

    Args:
      city: The city's name.
    """
    return "RESULT-sunny"


def whole(subject):
    answer = subject.chat(subject.users(USAGE))
    assert answer.message.role == "assistant" and not answer.message.tool_calls, answer.message
    subject.ended(answer)
    subject.usage(answer)
    return subject.said(answer.message.content)


def stream(subject):
    lines = list(subject.chat(subject.users(USAGE), stream=True))
    assert not any(line.done for line in lines[:-1]), "done before the last line"
    subject.ended(lines[-1])
    subject.usage(lines[-1])
    pieces = [line.message.content for line in lines if line.message.content]
    assert len(pieces) > 3, f"{len(pieces)} pieces: not streamed"
    subject.said("".join(pieces))
    return f"{len(pieces)} pieces"


def asynchronous(subject):
    async def work():
        client, text = subject.client_with(subject.key, ollama.AsyncClient), ""
        async for line in await client.chat(model=subject.model, messages=subject.users(), stream=True):
            text += line.message.content or ""
        return text

    return subject.said(asyncio.run(work()))


def history(subject):
    turns = [
        {"role": "system", "content": "You are terse."},
        {"role": "user", "content": "Remember TOKEN-77."},
        {"role": "assistant", "content": "I shall."},
        {"role": "user", "content": "What was it? [[recall]]"},
    ]
    text = subject.chat(turns).message.content
    assert "TOKEN-77" in text, text
    return text


def tools(subject):
    """A Python function as the tool, its result sent back under its name, as the client's README does it."""
    turns = [QUESTION]
    answer = subject.chat(turns, tools=[get_weather])
    assert answer.message.tool_calls, answer.message
    turns.append(answer.message)
    for call in answer.message.tool_calls:
        assert call.function.name == "get_weather", call
        result = get_weather(**call.function.arguments)
        turns.append({"role": "tool", "tool_name": call.function.name, "content": result})
    text = subject.chat(turns, tools=[get_weather]).message.content
    assert "RESULT-sunny" in text, text
    return answer.message.tool_calls[0].function.arguments


def tools_streamed(subject):
    lines = list(subject.chat([QUESTION], tools=[TOOL], stream=True))
    calls = [call.function for line in lines for call in line.message.tool_calls or []]
    assert len(calls) == 1 and calls[0].name == "get_weather", calls
    assert calls[0].arguments == {"city": "Paris", "days": 1}, calls[0].arguments
    subject.ended(lines[-1])
    return calls[0].arguments


def two_tools(subject):
    """Two calls in one answer, both answered; neither client nor wire has ids here."""
    named = [dict(TOOL, function=dict(TOOL["function"], name=name)) for name in ("weather_today", "weather_tomorrow")]
    turns = [{"role": "user", "content": "Both. [[parallel-tools n=2]]"}]
    answer = subject.chat(turns, tools=named)
    names = [call.function.name for call in answer.message.tool_calls or []]
    assert names == ["weather_today", "weather_tomorrow"], names
    turns.append(answer.message)
    turns += [{"role": "tool", "tool_name": name, "content": f"RESULT-{name}"} for name in names]
    text = subject.chat(turns, tools=named).message.content
    assert "2 results" in text and all(f"RESULT-{name}" in text for name in names), text
    return text


def thinking(subject):
    answer = subject.chat(subject.users(), think=True)
    assert THOUGHT in (answer.message.thinking or ""), f"thinking is {answer.message.thinking!r}"
    return subject.said(answer.message.content)


def thinking_streamed(subject):
    lines = list(subject.chat(subject.users(), think="high", stream=True))
    thought = "".join(line.message.thinking or "" for line in lines)
    assert THOUGHT in thought, f"thinking is {thought!r}"
    last_thought = max(at for at, line in enumerate(lines) if line.message.thinking)
    first_text = min(at for at, line in enumerate(lines) if line.message.content)
    assert last_thought < first_text, "text before the end of the thinking"
    return subject.said("".join(line.message.content or "" for line in lines))


def no_thinking(subject):
    message = subject.chat(subject.users(), think=False).message
    assert not message.thinking, f"thinking is {message.thinking!r}"
    return subject.said(message.content)


def structured(subject):
    answer = subject.chat([{"role": "user", "content": "A trip."}], format=Trip.model_json_schema())
    return Trip.model_validate_json(answer.message.content)


def json_mode(subject):
    """The Messages wire has schemas alone: there the mode is refused by name, or carried by other means."""

    def ask():
        return subject.chat([{"role": "user", "content": "Any JSON."}], format="json")

    if subject.dialect == "messages":
        try:
            return refused(ask, (400,), "JSON")
        except AssertionError as reason:
            if "no error at all" not in str(reason):
                raise
    value = json.loads(ask().message.content)
    assert isinstance(value, dict), value
    return value


def image(subject):
    turn = {"role": "user", "content": subject.ask(), "images": [red_pixel()]}
    return subject.said(subject.chat([turn]).message.content)


def length(subject):
    answer = subject.chat(subject.users("long n=50"), options={"num_predict": 5})
    subject.ended(answer, "length")
    return answer.done_reason


def options(subject):
    given = dict(temperature=0, top_p=0.9, seed=42, num_ctx=8192, num_predict=200)
    return subject.said(subject.chat(subject.users(), options=given, keep_alive="5m").message.content)


def stop(subject):
    """The Responses wire has no stop texts: there they are refused by name."""

    def ask():
        return subject.chat(subject.users(), options={"stop": ["END"]})

    if subject.dialect == "responses":
        return refused(ask, (400,), "stop")
    return subject.said(ask().message.content)


def loads(subject):
    """No messages at all: Ollama only loads the model."""
    answer = subject.client.chat(model=subject.model, messages=[])
    assert answer.done is True and answer.done_reason == "load", answer
    assert answer.message.role == "assistant" and not answer.message.content, answer.message
    return answer.done_reason


CASES = {
    "chat": whole,
    "chat stream": stream,
    "chat stream, async client": asynchronous,
    "chat history": history,
    "chat tools": tools,
    "chat tools streamed": tools_streamed,
    "chat two tools": two_tools,
    "chat thinking": thinking,
    "chat thinking streamed": thinking_streamed,
    "chat without thinking": no_thinking,
    "chat structured output": structured,
    "chat JSON mode": json_mode,
    "chat image": image,
    "chat length": length,
    "chat options": options,
    "chat stop": stop,
    "chat load": loads,
}
