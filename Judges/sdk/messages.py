"""The Messages API through the anthropic SDK."""

from sdk.chat import red_pixel
from sdk.subject import SCHEMA, THOUGHT, USAGE

TOOL = {"name": "get_weather", "description": "The weather of a city.", "input_schema": SCHEMA}
FORCED = {"type": "any", "disable_parallel_tool_use": True}


def create(subject, messages, max_tokens=200, **words):
    return subject.anthropic.messages.create(model=subject.model, max_tokens=max_tokens, messages=messages, **words)


def helper(subject, messages, max_tokens=200, **words):
    return subject.anthropic.messages.stream(model=subject.model, max_tokens=max_tokens, messages=messages, **words)


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def check_usage(subject, usage):
    subject.usage((usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens), messages=True)


def models(subject):
    ids = [model.id for model in subject.anthropic.models.list().data]
    assert subject.model in ids, f"{subject.model} is not among {ids[:5]}"
    return len(ids)


def whole(subject):
    message = create(subject, subject.users(USAGE))
    assert message.stop_reason in ("end_turn", "max_tokens") and message.type == "message", message.stop_reason
    check_usage(subject, message.usage)
    return subject.said(text_of(message))


def stream_helper(subject):
    with helper(subject, subject.users(USAGE)) as stream:
        texts = list(stream.text_stream)
        message = stream.get_final_message()
    subject.said("".join(texts))
    assert message.stop_reason, "no stop_reason"
    check_usage(subject, message.usage)
    return subject.streamed(len(texts))


def as_input(block):
    if block.type == "tool_use":
        return block.model_dump(exclude_none=True, exclude={"caller"})
    return {"type": "text", "text": block.text or "-"}


def tools_streamed(subject):
    question = {"role": "user", "content": "Weather?"}
    with helper(subject, [question], 1500, tools=[TOOL], tool_choice=FORCED) as stream:
        kinds = [event.type for event in stream]
        message = stream.get_final_message()
    calls = [block for block in message.content if block.type == "tool_use"]
    assert calls and calls[0].name == "get_weather", message.content
    assert message.stop_reason == "tool_use", message.stop_reason
    assert "input_json" in kinds, "arguments did not stream"
    subject.arguments(calls[0].input)

    kept = [as_input(block) for block in message.content if block.type in ("text", "tool_use")]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "RESULT-sunny"} for call in calls]
    conversation = [question, {"role": "assistant", "content": kept}, {"role": "user", "content": results}]
    subject.tool_answer(text_of(create(subject, conversation, 100, tools=[TOOL])))
    return calls[0].input


def count_tokens(subject):
    count = subject.anthropic.messages.count_tokens
    number = count(model=subject.model, messages=subject.users()).input_tokens
    assert number > 0, number
    return number


# Only with the scripted model.


def thinking(subject):
    words = dict(thinking={"type": "enabled", "budget_tokens": 1024})
    with helper(subject, subject.users(), 4000, **words) as stream:
        message = stream.get_final_message()
    thoughts = [block.thinking for block in message.content if block.type == "thinking"]
    assert any(THOUGHT in thought for thought in thoughts), f"content is {[b.type for b in message.content]}"
    return repr(thoughts[0][:30])


def image(subject):
    source = {"type": "base64", "media_type": "image/png", "data": red_pixel()}
    parts = [{"type": "text", "text": subject.ask()}, {"type": "image", "source": source}]
    return subject.said(text_of(create(subject, [{"role": "user", "content": parts}], 100)))


def to_its_end(subject, directive):
    """Reads a stream as a careful client would: one that stops without stop_reason was cut."""
    with helper(subject, subject.users(directive)) as stream:
        message = stream.get_final_message()
    if not message.stop_reason:
        raise EOFError("the stream ends without stop_reason")
    return f"a normal end, {message.stop_reason}"


def pieces(subject):
    with helper(subject, subject.users("slow")) as stream:
        yield from stream.text_stream


CASES = {
    "messages": whole,
    "messages.stream helper": stream_helper,
    "messages tools streamed": tools_streamed,
    "messages count_tokens": count_tokens,
    "anthropic models": models,
}
SCRIPTED_CASES = {"messages image": image, "messages thinking": thinking}
