"""Errors, faults and liveness: a ResponseError with the right status and words, nothing made up."""

import time

import httpx
import ollama

from native.subject import refused

HELLO = [{"role": "user", "content": "hi"}]
REFUSALS = (400, 403, 404, 405, 501)


def wrong_key(subject):
    client = subject.client_with("sk-wrong")
    return refused(lambda: client.chat(model=subject.model, messages=HELLO), (401,))


def unknown_model(subject):
    return refused(lambda: subject.client.chat(model="no-such-model", messages=HELLO), (404,), "no-such-model")


def unknown_model_generate(subject):
    return refused(lambda: subject.client.generate(model="no-such-model", prompt="x"), (404,), "no-such-model")


def unknown_model_stream(subject):
    ask = subject.client.chat
    return refused(lambda: list(ask(model="no-such-model", messages=HELLO, stream=True)), (404,), "no-such-model")


def bad_role(subject):
    return refused(lambda: subject.chat([{"role": "nobody", "content": "x"}]), (400,), "role")


def too_many_requests(subject):
    return refused(lambda: subject.chat(subject.users("e429")), (429,))


def second_try(subject):
    """A first try that fails with 500 is the caller's to see or the gateway's to repeat; never an empty success."""
    token = f"TOKEN-{time.monotonic_ns()}"
    for _ in range(2):
        try:
            text = subject.chat(subject.users(f"e500-then-ok token={token}")).message.content
        except ollama.ResponseError as reason:
            assert reason.status_code in (500, 502, 503), f"status {reason.status_code}: {reason.error}"
            continue
        assert f"{token} recovered" in text, text
        return text[:40]
    raise AssertionError("failed twice")


def breaks(fault, ask):
    """A broken stream has to raise. Without a gateway it may also just end, without a line that says done."""

    def case(subject):
        last = None
        try:
            for line in ask(subject, fault):
                last = line
        except (ollama.ResponseError, httpx.HTTPError) as reason:
            status = getattr(reason, "status_code", -1)
            assert not 400 <= status < 500, f"refused before the model was asked: {reason}"
            return f"{type(reason).__name__} {reason}"
        assert subject.direct and last is not None and not last.done, f"taken for a success: {last}"
        return "no line that says done"

    return case


def chat(subject, fault):
    return subject.chat(subject.users(fault), stream=True)


def generate(subject, fault):
    return subject.generate(subject.ask(fault), stream=True)


def live(ask, text_of):
    """Pieces have to reach the client while the model still speaks: the script takes 1.6 s."""

    def case(subject):
        times = [time.monotonic() for line in ask(subject, "slow") if text_of(line)]
        lasted = times[-1] - times[0] if times else 0
        assert len(times) > 3 and lasted > 0.6, f"{len(times)} pieces within {lasted:.2f} s: made up after the end"
        return f"{len(times)} pieces over {lasted:.1f} s"

    return case


def kept(work):
    """What would change the provider's models, which a gateway does not let its callers do."""

    def case(subject):
        text = refused(lambda: work(subject.client, subject.model), REFUSALS)
        assert len(text) > 6, f"an error without words: {text!r}"
        return text

    return case


CASES = {
    "error unknown model, chat": unknown_model,
    "error unknown model, generate": unknown_model_generate,
    "error unknown model, stream": unknown_model_stream,
    "error bad request": bad_role,
    "error 429": too_many_requests,
    "e500-then-ok": second_try,
    "live, chat": live(chat, lambda line: line.message.content),
    "live, generate": live(generate, lambda line: line.response),
}
for fault in ("error-in-stream", "cut", "no-terminal"):
    CASES[f"{fault}, chat"] = breaks(fault, chat)
    CASES[f"{fault}, generate"] = breaks(fault, generate)

# What a gateway adds.
GATEWAY_CASES = {
    "error 401": wrong_key,
    "pull is refused": kept(lambda client, model: client.pull("another-model")),
    "create is refused": kept(lambda client, model: client.create(model="mine", from_=model)),
    "copy is refused": kept(lambda client, model: client._request_raw("POST", "/api/copy", json={"source": model})),
    "delete is refused": kept(lambda client, model: client._request_raw("DELETE", "/api/delete", json={"model": model})),
}
