#!/usr/bin/env python3
"""Tools that llama.cpp's grammar forces, through each client's dialect.   judge_forced.py BASE KEY MODEL

Needs a Python with the openai, anthropic and ollama packages. Behind the gateway stands the real llama.cpp server on the
tiny model: it babbles, but its grammar forces a valid call wherever one is wanted. Each case takes the call, sends its
result, and gets an answer. Ollama's API has no way to want a call: there the model is asked until it makes one.
"""

import argparse
import json
import sys

import ollama
from judging import Tally
from sdk import chat, messages, responses
from sdk.subject import SCHEMA, Subject

TRIES = 40
OLLAMA_TOOL = {"type": "function", "function": {"name": "get_weather", "description": "Weather.", "parameters": SCHEMA}}


def chat_streamed(subject):
    """The call comes in pieces; put together, it goes back and is answered."""
    asked = [{"role": "user", "content": "Weather?"}]
    ident, name, arguments = None, "", ""
    words = dict(tools=[chat.TOOL], tool_choice="required", parallel_tool_calls=False, max_tokens=1500)
    for chunk in chat.create(subject, asked, stream=True, **words):
        for piece in chunk.choices[0].delta.tool_calls or [] if chunk.choices else []:
            ident, name = ident or piece.id, name + (piece.function.name or "")
            arguments += piece.function.arguments or ""
    subject.arguments(json.loads(arguments))
    call = {"id": ident, "type": "function", "function": {"name": name, "arguments": arguments}}
    asked += [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": ident, "content": "RESULT-sunny"},
    ]
    answer = chat.create(subject, asked, tools=[chat.TOOL], max_tokens=100)
    return subject.tool_answer(answer.choices[0].message.content)


def responses_streamed(subject):
    call = None
    for event in responses.create(subject, "Weather?", stream=True, **responses.FORCED):
        if event.type == "response.output_item.done" and event.item.type == "function_call":
            call = event.item
    assert call, "no function_call"
    subject.arguments(json.loads(call.arguments))
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "RESULT-sunny"}
    kept = {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
    items = [{"role": "user", "content": "Weather?"}, kept, result]
    answer = responses.create(subject, items, tools=[responses.TOOL], max_output_tokens=100)
    return subject.tool_answer(answer.output_text)


def messages_round(stream):
    def case(subject):
        asked = [{"role": "user", "content": "Weather?"}]
        words = dict(model=subject.model, max_tokens=1500, tools=[messages.TOOL])
        forced = dict(messages=asked, tool_choice={"type": "any"}, **words)
        if stream:
            with subject.anthropic.messages.stream(**forced) as events:
                said = events.get_final_message()
        else:
            said = subject.anthropic.messages.create(**forced)
        call = next((block for block in said.content if block.type == "tool_use"), None)
        assert call, f"content is {[block.type for block in said.content]}"
        subject.arguments(call.input)
        kept = {"type": "tool_use", "id": call.id, "name": call.name, "input": call.input}
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "RESULT-sunny"}
        asked += [{"role": "assistant", "content": [kept]}, {"role": "user", "content": [result]}]
        answer = subject.anthropic.messages.create(messages=asked, **{**words, "max_tokens": 100})
        assert answer.content and answer.stop_reason, answer
        return f"called, and answered with {answer.content[0].type}"

    return case


def ollama_round(stream):
    def case(subject):
        client = ollama.Client(host=subject.base, headers={"Authorization": f"Bearer {subject.key}"}, timeout=60)
        words = dict(model=subject.model, tools=[OLLAMA_TOOL])
        for seed in range(TRIES):
            asked = [{"role": "user", "content": f"Weather in city {seed}?"}]
            said = client.chat(messages=asked, stream=stream, options={"num_predict": 200, "seed": seed}, **words)
            call = first_call(said)
            if call:
                break
        assert call, f"no call in {TRIES} answers"
        subject.arguments(dict(call.function.arguments))
        asked += [
            {"role": "assistant", "content": "", "tool_calls": [call.model_dump()]},
            {"role": "tool", "tool_name": call.function.name, "content": "RESULT-sunny"},
        ]
        answer = client.chat(messages=asked, options={"num_predict": 50}, **words)
        assert answer.done, answer
        return f"called at try {seed + 1}"

    return case


def first_call(answer):
    for part in [answer] if isinstance(answer, ollama.ChatResponse) else list(answer):
        for call in part.message.tool_calls or []:
            return call
    return None


CASES = {
    "chat": chat.tool_round,
    "chat, streamed": chat_streamed,
    "responses": responses.tool_round,
    "responses, streamed": responses_streamed,
    "messages": messages_round(False),
    "messages, streamed": messages_round(True),
    "ollama": ollama_round(False),
    "ollama, streamed": ollama_round(True),
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("base")
    arguments.add_argument("key")
    arguments.add_argument("model")
    arguments.add_argument("--only", action="append", help="only cases whose name contains this")
    options = arguments.parse_args()
    subject = Subject(options.base.rstrip("/"), options.key, options.model)
    subject.key = options.key
    tally = Tally(options.only, lambda name: "forced")
    for name, work in CASES.items():
        tally.run(name, lambda work=work: work(subject))
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
