"""The Responses API through the openai SDK."""

import json

from judging import token

from sdk.subject import SCHEMA, THOUGHT, USAGE, Trip

TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a city.",
    "parameters": SCHEMA,
    "strict": True,
}
CUSTOM_TOOL = {"type": "custom", "name": "apply_patch", "description": "Freeform patch."}
FORCED = dict(tools=[TOOL], tool_choice="required", parallel_tool_calls=False, max_output_tokens=1500)
FORMAT = {"format": {"type": "json_schema", "name": "trip", "schema": SCHEMA, "strict": True}}
DELTA = "response.output_text.delta"
OPENING = ("response.output_item.added", "response.content_part.added")
CLOSING = ("response.output_text.done", "response.content_part.done", "response.output_item.done")


def create(subject, asked, **words):
    return subject.openai.responses.create(model=subject.model, input=asked, **words)


def helper(subject, asked, **words):
    return subject.openai.responses.stream(model=subject.model, input=asked, **words)


def first_of(response, kind):
    item = next((item for item in response.output if item.type == kind), None)
    assert item, f"output is {[item.type for item in response.output]}: {response.output_text[:80]}"
    return item


def check_kinds(kinds):
    assert kinds[0] == "response.created", kinds[:2]
    assert kinds[-1] in ("response.completed", "response.incomplete"), kinds[-2:]
    for kind in OPENING + CLOSING:
        assert kind in kinds, f"no {kind}"


def whole(subject):
    response = create(subject, subject.ask(USAGE), max_output_tokens=200)
    usage = response.usage
    assert response.status in ("completed", "incomplete") and response.id and usage.total_tokens, response
    assert usage.input_tokens_details and usage.output_tokens_details, "usage without its details"
    cached, reasoned = usage.input_tokens_details.cached_tokens, usage.output_tokens_details.reasoning_tokens
    subject.usage((usage.input_tokens, cached, usage.output_tokens, reasoned))
    return subject.said(response.output_text)


def text_and_total(subject):
    response = create(subject, subject.ask(), max_output_tokens=200)
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens, response.usage
    return subject.said(response.output_text)


def raw_stream(subject):
    """The events as they are, without the SDK's helper that puts them together."""
    kinds, text = [], ""
    for event in create(subject, subject.ask(), stream=True, max_output_tokens=200):
        kinds.append(event.type)
        text += event.delta if event.type == DELTA else ""
    check_kinds(kinds)
    subject.said(text)
    return subject.streamed(kinds.count(DELTA))


def stream_helper(subject):
    with helper(subject, subject.ask(), max_output_tokens=200) as stream:
        events = list(stream)
        response = stream.get_final_response()
    check_kinds([event.type for event in events])
    numbers = [event.sequence_number for event in events]
    assert numbers == sorted(set(numbers)), "sequence_number does not rise"
    subject.said(response.output_text)
    return subject.streamed(sum(event.type == DELTA for event in events))


def tools_streamed(subject):
    with helper(subject, "Weather?", **FORCED) as stream:
        kinds = [event.type for event in stream]
        call = first_of(stream.get_final_response(), "function_call")
    assert call.name == "get_weather" and call.call_id, call
    assert "response.function_call_arguments.done" in kinds, "no response.function_call_arguments.done"
    return subject.arguments(json.loads(call.arguments))


def tools_streamed_raw(subject):
    call = None
    for event in create(subject, "Weather?", stream=True, **FORCED):
        if event.type == "response.output_item.done" and event.item.type == "function_call":
            call = call or event.item
    assert call and call.name == "get_weather" and call.call_id, call
    return subject.arguments(json.loads(call.arguments))


def tool_round(subject):
    first = create(subject, "Weather?", **FORCED)
    call = first_of(first, "function_call")
    kept = [item.model_dump(exclude_none=True) for item in first.output if item.type in ("function_call", "reasoning")]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "RESULT-sunny"}
    items = [{"role": "user", "content": "Weather?"}, *kept, result]
    return subject.tool_answer(create(subject, items, tools=[TOOL], max_output_tokens=100).output_text)


def structured(subject):
    if subject.scripted:
        parse = subject.openai.responses.parse
        trip = parse(model=subject.model, input="A trip.", text_format=Trip, max_output_tokens=300).output_parsed
        assert isinstance(trip, Trip), trip
        return trip
    response = create(subject, "A trip.", max_output_tokens=300, text=FORMAT)
    return subject.arguments(json.loads(response.output_text))


def previous(subject):
    word = token("TOKEN")
    first = create(subject, f"Remember {word}. [[hello]]", max_output_tokens=200)
    asked = "What was it? [[recall]]"
    second = create(subject, asked, previous_response_id=first.id, max_output_tokens=200)
    assert not subject.scripted or word in second.output_text, f"said {second.output_text!r}"
    return repr(second.output_text[:50])


# Only with the scripted model.


def custom_tool(subject):
    asked = "Patch. [[custom-tool token=TOKEN-1]]"
    with helper(subject, asked, tools=[CUSTOM_TOOL]) as stream:
        kinds = [event.type for event in stream]
        call = first_of(stream.get_final_response(), "custom_tool_call")
    assert call.input.startswith("*** Begin Patch\n") and "TOKEN-1" in call.input, f"input is {call.input!r}"
    assert "response.custom_tool_call_input.delta" in kinds, "no response.custom_tool_call_input.delta"
    items = [
        {"role": "user", "content": asked},
        {"type": "custom_tool_call", "call_id": call.call_id, "name": call.name, "input": call.input},
        {"type": "custom_tool_call_output", "call_id": call.call_id, "output": "wrote TOKEN-1"},
    ]
    response = create(subject, items, tools=[CUSTOM_TOOL])
    assert "TOKEN-1" in response.output_text, response.output
    return "call and answer"


def input_tokens(subject):
    number = subject.openai.responses.input_tokens.count(model=subject.model, input=subject.ask()).input_tokens
    assert number > 0, number
    return number


def reasoning(subject):
    words = dict(reasoning={"effort": "high", "summary": "auto"}, max_output_tokens=2000)
    response = create(subject, subject.ask(), **words)
    items = [item for item in response.output if item.type == "reasoning"]
    parts = [part for item in items for part in (item.summary or []) + (getattr(item, "content", None) or [])]
    found = [part.text for part in parts if THOUGHT in part.text]
    assert found, f"output is {[item.type for item in response.output]}"
    return repr(found[0][:30])


def to_its_end(subject, directive):
    """Reads a stream as a careful client would: only response.completed is a success."""
    last = None
    for event in create(subject, subject.ask(directive), stream=True, max_output_tokens=200):
        last = event
    if last is None or last.type != "response.completed":
        raise EOFError(f"the stream ends with {last and last.type}: {last}")
    return last.type


def pieces(subject):
    for event in create(subject, subject.ask("slow"), stream=True, max_output_tokens=200):
        yield event.type == DELTA and event.delta


CASES = {
    "responses": whole,
    "responses text and total": text_and_total,
    "responses raw stream": raw_stream,
    "responses.stream helper": stream_helper,
    "responses tools streamed": tools_streamed,
    "responses tools streamed raw": tools_streamed_raw,
    "responses tool round": tool_round,
    "responses structured output": structured,
    "responses previous_response_id": previous,
}
SCRIPTED_CASES = {
    "responses reasoning": reasoning,
    "responses custom tool": custom_tool,
    "responses input_tokens": input_tokens,
}
