"""Responses that are kept for their owner, and compaction, through the openai SDK."""

import openai
from judging import token
from scripted_model.summary import SEAL

from sdk.responses import create, first_of
from sdk.subject import SCHEMA

UNKNOWN = "resp_0123456789abcdef0123456789abcdef"
TOOL = {"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": True}


def remembers(subject, word, **words):
    return create(subject, f"Remember {word}. [[hello]]", **words)


def recalled(subject, given, **words):
    return create(subject, "What was it? [[recall]]", previous_response_id=given.id, **words)


def streamed(subject, asked, **words):
    """The response that a stream ends with."""
    last = None
    for event in create(subject, asked, stream=True, **words):
        last = event
    assert last.type == "response.completed", last
    return last.response


def refused(work, kind=openai.NotFoundError):
    try:
        answer = work()
    except kind as reason:
        return str(reason)
    raise AssertionError(f"no {kind.__name__}: {str(answer)[:150]}")


# Going on.


def chain(subject):
    words = [token("TOKEN") for _ in range(3)]
    first = remembers(subject, words[0])
    second = create(subject, f"And {words[1]}. [[hello]]", previous_response_id=first.id)
    third = create(subject, f"And {words[2]}. [[recall]]", previous_response_id=second.id)
    assert all(word in third.output_text for word in words), f"of {words}: {third.output_text}"
    assert third.previous_response_id == second.id, third.previous_response_id
    return "three turns"


def branches(subject):
    """Two turns go on from one; neither sees the other."""
    root, left, right = (token("TOKEN") for _ in range(3))
    first = remembers(subject, root)
    said = [
        create(subject, f"And {word}. [[recall]]", previous_response_id=first.id).output_text for word in (left, right)
    ]
    assert root in said[0] and root in said[1] and left not in said[1] and right not in said[0], said
    return "two branches"


def streamed_chain(subject):
    word = token("TOKEN")
    first = streamed(subject, f"Remember {word}. [[hello]]")
    second = streamed(subject, "What was it? [[recall]]", previous_response_id=first.id)
    assert word in second.output_text, second.output_text
    return "both turns streamed"


def tool_result(subject):
    """Only the tool's result is sent: the call is the server's to remember."""
    first = create(subject, "Weather?", tools=[TOOL], tool_choice="required")
    call = first_of(first, "function_call")
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "RESULT-sunny"}
    second = create(subject, [result], previous_response_id=first.id, tools=[TOOL])
    return subject.tool_answer(second.output_text)


def instructions(subject):
    """They hold for their own turn alone."""
    word = token("TOKEN")
    first = remembers(subject, "nothing", instructions=f"Be {word}.")
    assert word not in recalled(subject, first).output_text, "instructions of the turn before were kept"
    return "not carried on"


# Showing and deleting.


def retrieve(subject):
    first = remembers(subject, token("TOKEN"), metadata={"judge": "yes"})
    kept = subject.openai.responses.retrieve(first.id)
    assert kept.id == first.id and kept.status == "completed" and kept.model == first.model, kept
    assert kept.output == first.output and kept.usage == first.usage, f"{kept.output} {kept.usage}"
    assert kept.metadata == {"judge": "yes"}, kept.metadata
    return "as it was answered"


def retrieve_streamed(subject):
    last = streamed(subject, "Say hello. [[hello]]")
    kept = subject.openai.responses.retrieve(last.id)
    assert kept.output == last.output and subject.said(kept.output_text), kept.output
    return "as it was streamed"


def input_items(subject):
    words = [token("TOKEN") for _ in range(3)]
    asked = [{"role": "user", "content": word} for word in words]
    asked[1] = {"role": "user", "content": [{"type": "input_text", "text": words[1]}]}
    given = create(subject, [*asked, {"role": "user", "content": "Hello. [[hello]]"}])
    items = subject.openai.responses.input_items
    page = items.list(given.id, order="asc", limit=2)
    assert page.has_more and len(page.data) == 2, page
    listed = list(items.list(given.id, order="asc", limit=2))  # the SDK asks for the pages after it
    said = [item.content[0].text for item in listed]
    assert said[:3] == words and len(said) == 4, said
    assert len({item.id for item in listed}) == 4, [item.id for item in listed]
    newest = list(items.list(given.id))
    assert [item.id for item in newest] == [item.id for item in reversed(listed)], "not the newest first"
    return "4 items in 2 pages"


def delete(subject):
    first = remembers(subject, token("TOKEN"))
    subject.openai.responses.delete(first.id)
    refused(lambda: subject.openai.responses.retrieve(first.id))
    refused(lambda: subject.openai.responses.delete(first.id))
    refused(lambda: recalled(subject, first))
    return "gone"


def not_stored(subject):
    first = remembers(subject, token("TOKEN"), store=False)
    refused(lambda: subject.openai.responses.retrieve(first.id))
    refused(lambda: recalled(subject, first))
    return "never kept"


def unknown(subject):
    responses = subject.openai.responses
    asks = [
        lambda: responses.retrieve(UNKNOWN),
        lambda: responses.delete(UNKNOWN),
        lambda: responses.cancel(UNKNOWN),
        lambda: responses.input_items.list(UNKNOWN),
        lambda: create(subject, "Hello. [[hello]]", previous_response_id=UNKNOWN),
        lambda: list(create(subject, "Hello. [[hello]]", previous_response_id=UNKNOWN, stream=True)),
    ]
    told = [refused(ask) for ask in asks]
    assert all(UNKNOWN in text for text in told), f"an error without the id: {told}"
    return "six ways"


def foreign(subject):
    """Another key's response looks exactly like one that never was."""
    first = remembers(subject, token("TOKEN"))
    other = subject.openai_with(subject.foreign_key).responses
    told = [
        refused(lambda: other.retrieve(first.id)),
        refused(lambda: other.delete(first.id)),
        refused(lambda: other.input_items.list(first.id)),
        refused(lambda: other.create(model=subject.model, input="[[recall]]", previous_response_id=first.id)),
    ]
    unknown_told = refused(lambda: other.retrieve(UNKNOWN))
    assert told[0].replace(first.id, UNKNOWN) == unknown_told, f"{told[0]} / {unknown_told}"
    assert subject.openai.responses.retrieve(first.id).id == first.id, "gone for its owner"
    return "not found"


def cancel(subject):
    """Only what runs in the background can be cancelled."""
    first = remembers(subject, token("TOKEN"))
    return refused(lambda: subject.openai.responses.cancel(first.id), openai.BadRequestError)[:60]


def background(subject):
    return refused(lambda: remembers(subject, "x", background=True), openai.BadRequestError)[:60]


# Compaction.


def long_talk(word):
    return [
        {"role": "user", "content": "Please remember what follows."},
        {"role": "assistant", "content": f"I found {word}."},
        {"role": "user", "content": "Thank you. [[hello]]"},
    ]


def goes_on(subject, items, word, **words):
    asked = [*items, {"role": "user", "content": "What was it? [[recall]]"}]
    said = create(subject, asked, **words).output_text
    assert word in said, f"{word} is not in {said!r}"
    return "one compaction item, and the model knows"


def only_compaction(output):
    found = [item for item in output if item.type == "compaction"]
    assert len(found) == 1 and found[0].encrypted_content, f"output is {[item.type for item in output]}"
    return found[0].model_dump(exclude_none=True, warnings=False)


def compact(subject):
    word = token("TOKEN")
    compacted = subject.openai.responses.compact(model=subject.model, input=long_talk(word))
    assert compacted.object == "response.compaction" and compacted.usage.total_tokens > 0, compacted
    item = only_compaction(compacted.output)
    assert word not in item["encrypted_content"], "the summary is open to be read"
    return goes_on(subject, [entry.model_dump(exclude_none=True, warnings=False) for entry in compacted.output], word)


def compact_previous(subject):
    word = token("TOKEN")
    first = remembers(subject, word)
    compacted = subject.openai.responses.compact(model=subject.model, previous_response_id=first.id)
    return goes_on(subject, [only_compaction(compacted.output)], word)


def trigger(subject):
    word = token("TOKEN")
    response = create(subject, [*long_talk(word), {"type": "compaction_trigger"}])
    assert len(response.output) == 1, f"output is {[item.type for item in response.output]}"
    return goes_on(subject, [only_compaction(response.output)], word)


def trigger_streamed(subject):
    word, done = token("TOKEN"), []
    for event in create(subject, [*long_talk(word), {"type": "compaction_trigger"}], stream=True):
        if event.type == "response.output_item.done":
            done.append(event.item)
    assert event.type == "response.completed" and len(done) == 1, f"{event.type} after {len(done)} items"
    return goes_on(subject, [only_compaction(done)], word)


def foreign_compaction(subject):
    word = token("TOKEN")
    item = only_compaction(create(subject, [*long_talk(word), {"type": "compaction_trigger"}]).output)
    if item["encrypted_content"].startswith(SEAL):
        return "the upstream's own, which no gateway can open"
    other = subject.openai_with(subject.foreign_key).responses
    asked = [item, {"role": "user", "content": "What was it? [[recall]]"}]
    try:
        said = other.create(model=subject.model, input=asked).output_text
    except (openai.BadRequestError, openai.NotFoundError) as reason:
        return type(reason).__name__
    raise AssertionError(f"opened for another key: {said[:100]}")


CASES = {
    "stored chain": chain,
    "stored branches": branches,
    "stored chain, streamed": streamed_chain,
    "stored tool result": tool_result,
    "stored instructions": instructions,
    "stored retrieve": retrieve,
    "stored retrieve, streamed": retrieve_streamed,
    "stored input_items": input_items,
    "stored delete": delete,
    "stored store=False": not_stored,
    "stored unknown id": unknown,
    "stored cancel": cancel,
    "stored compact": compact,
    "stored compact, previous_response_id": compact_previous,
    "stored compaction_trigger": trigger,
    "stored compaction_trigger, streamed": trigger_streamed,
}
# With a second key: what a gateway keeps apart.
FOREIGN_CASES = {
    "stored foreign id": foreign,
    "stored foreign compaction": foreign_compaction,
    "stored background": background,
}
