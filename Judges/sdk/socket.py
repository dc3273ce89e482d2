"""Responses over a WebSocket through the openai SDK."""

from judging import token

from sdk.responses import DELTA
from sdk.stored import UNKNOWN


def asked(subject, text, **words):
    items = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}]
    return {"type": "response.create", "model": subject.model, "input": items, **words}


def turn(connection, event):
    """Sends one request; the events up to the one that ends it."""
    connection.send(event)
    events = []
    for received in connection:
        events.append(received)
        if received.type in ("response.completed", "response.incomplete", "response.failed", "error"):
            return events
    raise EOFError(f"the socket was closed after {[event.type for event in events][-3:]}")


def completed(events):
    assert events[-1].type == "response.completed", events[-1]
    return events[-1].response


def one_turn(subject):
    with subject.openai.responses.connect() as connection:
        events = turn(connection, asked(subject, "Say hello. [[hello]]"))
    subject.said(completed(events).output_text)
    return subject.streamed(sum(event.type == DELTA for event in events))


def turns(subject):
    """Each turn sends what is new; nothing is stored, and yet the conversation is whole."""
    words = [token("TOKEN") for _ in range(3)]
    with subject.openai.responses.connect() as connection:
        first = completed(turn(connection, asked(subject, f"Remember {words[0]}. [[hello]]", store=False)))
        more = dict(store=False, previous_response_id=first.id)
        second = completed(turn(connection, asked(subject, f"And {words[1]}. [[hello]]", **more)))
        more = dict(store=False, previous_response_id=second.id)
        third = completed(turn(connection, asked(subject, f"And {words[2]}. [[recall]]", **more)))
    assert all(word in third.output_text for word in words), f"of {words}: {third.output_text}"
    return "three turns on one connection"


def warm_up(subject):
    """`generate: false` says nothing, and yet the next turn goes on from it."""
    word = token("TOKEN")
    with subject.openai.responses.connect() as connection:
        warm = completed(turn(connection, asked(subject, f"Remember {word}.", generate=False, store=False)))
        assert not warm.output, warm.output
        more = dict(store=False, previous_response_id=warm.id)
        said = completed(turn(connection, asked(subject, "What was it? [[recall]]", **more))).output_text
    assert word in said, said
    return "nothing said, nothing lost"


def error_frame(subject):
    """An error is an event, after which the connection still serves."""
    with subject.openai.responses.connect() as connection:
        events = turn(connection, asked(subject, "Hello. [[hello]]", previous_response_id=UNKNOWN))
        assert events[-1].type in ("error", "response.failed"), events[-1]
        assert "previous_response_not_found" in events[-1].to_json() or UNKNOWN in events[-1].to_json(), events[-1]
        return subject.said(completed(turn(connection, asked(subject, "Say hello. [[hello]]"))).output_text)


CASES = {
    "socket turn": one_turn,
    "socket turns": turns,
    "socket warm-up": warm_up,
    "socket error": error_frame,
}
