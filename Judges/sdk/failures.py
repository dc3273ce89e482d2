"""Errors, faults and liveness, for every wire: the right exception, the right words, nothing made up."""

import time

import anthropic
import httpx2
import openai

from sdk import chat, messages, responses

WIRES = {"chat": chat, "responses": responses, "messages": messages}
FAULTS = ("error-in-stream", "cut", "no-terminal")
BAD_REQUEST = (openai.BadRequestError, openai.UnprocessableEntityError)
BAD_REQUEST_ANTHROPIC = (anthropic.BadRequestError, anthropic.UnprocessableEntityError)
REFUSED = (*BAD_REQUEST, *BAD_REQUEST_ANTHROPIC, openai.NotFoundError, anthropic.NotFoundError)
ENDS_BADLY = (openai.APIError, anthropic.APIError, httpx2.HTTPError, EOFError)
HELLO = [{"role": "user", "content": "hi"}]


def raises(kinds, work, wanted="", asked=False):
    """The right exception, with the wanted words in it; with `asked`, the model has to have been asked first."""
    try:
        answer = work()
    except kinds as reason:
        assert not (asked and isinstance(reason, REFUSED)), f"refused before the model was asked: {reason}"
        assert wanted in str(reason).lower(), f"{type(reason).__name__} without {wanted!r}: {reason}"
        return type(reason).__name__
    except Exception as reason:
        names = "/".join(kind.__name__ for kind in kinds)
        raise AssertionError(f"{type(reason).__name__} in the place of {names}: {reason}") from reason
    raise AssertionError(f"no error at all: {str(answer)[:100]}")


# Errors that every server has to tell.


def wrong_key(subject):
    client = subject.openai_with("sk-wrong")
    ask = client.chat.completions.create
    return raises((openai.AuthenticationError,), lambda: ask(model=subject.model, messages=HELLO))


def wrong_key_anthropic(subject):
    client = subject.anthropic_with("sk-wrong")
    ask = client.messages.create
    return raises((anthropic.AuthenticationError,), lambda: ask(model=subject.model, max_tokens=9, messages=HELLO))


def unknown_model(subject):
    ask = subject.openai.chat.completions.create
    kinds = (openai.NotFoundError, openai.BadRequestError)
    return raises(kinds, lambda: ask(model="no-such-model", messages=HELLO), "no-such-model")


def unknown_model_anthropic(subject):
    ask = subject.anthropic.messages.create
    kinds = (anthropic.NotFoundError, anthropic.BadRequestError)
    return raises(kinds, lambda: ask(model="no-such-model", max_tokens=9, messages=HELLO), "no-such-model")


def bad_chat(subject):
    return raises(BAD_REQUEST, lambda: chat.create(subject, "nonsense"))


def bad_responses(subject):
    return raises(BAD_REQUEST, lambda: responses.create(subject, 17))


def bad_messages(subject):
    turns = [{"role": "nobody", "content": "x"}]
    return raises(BAD_REQUEST_ANTHROPIC, lambda: messages.create(subject, turns, 9))


CASES = {
    "error 401 openai": wrong_key,
    "error 401 anthropic": wrong_key_anthropic,
    "error unknown model, openai": unknown_model,
    "error unknown model, anthropic": unknown_model_anthropic,
    "error bad request, chat": bad_chat,
    "error bad request, responses": bad_responses,
    "error bad request, messages": bad_messages,
}


# Only with the scripted model.


def live(wire):
    """Pieces have to reach the client while the model still speaks: the script takes 1.6 s."""

    def case(subject):
        times = [time.monotonic() for text in wire.pieces(subject) if text]
        lasted = times[-1] - times[0] if times else 0
        assert len(times) > 3 and lasted > 0.6, f"{len(times)} pieces within {lasted:.2f} s: made up after the end"
        return f"{len(times)} pieces over {lasted:.1f} s"

    return case


def too_many_requests(wire):
    asks = {
        chat: lambda subject: chat.create(subject, subject.users("e429")),
        responses: lambda subject: responses.create(subject, subject.ask("e429")),
        messages: lambda subject: messages.create(subject, subject.users("e429"), 99),
    }

    def case(subject):
        try:
            asks[wire](subject)
        except (openai.RateLimitError, anthropic.RateLimitError) as reason:
            given = reason.response.headers.get("retry-after")
            assert given == "7", f"Retry-After is {given!r}"
            return "Retry-After: 7"
        raise AssertionError("no error at all")

    return case


def breaks(wire, fault):
    return lambda subject: raises(ENDS_BADLY, lambda: wire.to_its_end(subject, fault), asked=True)


SCRIPTED_CASES = {f"live, {name}": live(wire) for name, wire in WIRES.items()}
SCRIPTED_CASES |= {f"error 429, {name}": too_many_requests(wire) for name, wire in WIRES.items()}
SCRIPTED_CASES |= {f"{fault}, {name}": breaks(wire, fault) for fault in FAULTS for name, wire in WIRES.items()}
