"""The gateway (or model server) under judgement, seen through the official ollama client."""

import ollama
from sdk.subject import HELLO, SCHEMA, THOUGHT, USAGE, Trip

__all__ = ["HELLO", "SCHEMA", "THOUGHT", "USAGE", "Trip", "Subject", "refused"]


class Subject:
    def __init__(self, base, key, model, dialect="ollama", direct=False, seconds=60):
        self.base, self.key, self.model, self.seconds = base, key, model, seconds
        self.dialect, self.direct = dialect, direct
        self.client = self.client_with(key)

    def client_with(self, key, kind=ollama.Client):
        return kind(host=self.base, headers={"Authorization": f"Bearer {key}"}, timeout=self.seconds)

    def chat(self, messages, **words):
        return self.client.chat(model=self.model, messages=messages, **words)

    def generate(self, prompt, **words):
        return self.client.generate(model=self.model, prompt=prompt, **words)

    # What is asked.

    def ask(self, directive="hello"):
        return f"Say hello. [[{directive}]]"

    def users(self, directive="hello"):
        return [{"role": "user", "content": self.ask(directive)}]

    # What has to come back.

    def said(self, text):
        assert HELLO in (text or ""), f"text is {text!r}"
        return repr(text[:40])

    def ended(self, answer, reason="stop"):
        """The closing members of a whole answer, or of a stream's last line."""
        assert answer.done is True and answer.done_reason == reason, f"done {answer.done}, {answer.done_reason}"
        assert answer.model and answer.created_at, f"model {answer.model!r}, created_at {answer.created_at!r}"
        for name, least in (("prompt_eval_count", 1), ("eval_count", 1), ("total_duration", 0), ("eval_duration", 0)):
            number = getattr(answer, name)
            assert isinstance(number, int) and number >= least, f"{name} is {number!r}"

    def usage(self, answer):
        given = (answer.prompt_eval_count, answer.eval_count)
        assert given == (1234, 567), f"prompt_eval_count and eval_count are {given}"


def refused(work, statuses, *wanted):
    """A ResponseError with one of these statuses, which names what it is about."""
    try:
        answer = work()
    except ollama.ResponseError as reason:
        assert reason.status_code in statuses, f"status {reason.status_code}: {reason.error}"
        missing = [word for word in wanted if word.lower() not in str(reason.error).lower()]
        assert not missing, f"{reason.status_code} without {missing}: {reason.error}"
        return f"{reason.status_code} {reason.error}"
    raise AssertionError(f"no error at all: {str(answer)[:100]}")
