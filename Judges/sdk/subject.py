"""The gateway (or model server) under judgement, seen through both official SDKs."""

import anthropic
import openai
from pydantic import BaseModel

HELLO = "Hello from the scripted model: déjà vu, 你好, 👋🏽."
USAGE = "hello usage=1234:567:89:21"  # input, output, cached, reasoning
THOUGHT = "naïve, but thorough"

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "enum": ["Paris", "Rome"]},
        "days": {"type": "integer", "minimum": 1, "maximum": 9},
    },
    "required": ["city", "days"],
    "additionalProperties": False,
}


class Trip(BaseModel):
    city: str
    days: int


class Subject:
    def __init__(self, base, key, model, scripted=False, dialect="", seconds=60, headers=None):
        self.headers = headers or {}
        self.base, self.model, self.scripted, self.dialect = base, model, scripted, dialect
        self.openai = self.openai_with(key, seconds)
        self.anthropic = self.anthropic_with(key, seconds)

    def openai_with(self, key, seconds=30):
        return openai.OpenAI(base_url=self.base + "/v1", api_key=key, **self._shared(seconds))

    def anthropic_with(self, key, seconds=30):
        return anthropic.Anthropic(base_url=self.base, api_key=key, **self._shared(seconds))

    def _shared(self, seconds):
        return dict(max_retries=0, timeout=seconds, default_headers=self.headers)

    # What is asked.

    def ask(self, directive="hello"):
        return f"Say hello. [[{directive}]]" if self.scripted else "Say hello."

    def users(self, directive="hello"):
        return [{"role": "user", "content": self.ask(directive)}]

    # What has to come back.

    def said(self, text):
        if self.scripted:
            assert HELLO in (text or ""), f"text is {text!r}"
        else:
            assert isinstance(text, str) and text, f"text is {text!r}"
        return repr(text[:40])

    def streamed(self, pieces):
        assert pieces > 3 or not self.scripted, f"{pieces} pieces: not streamed"
        return f"{pieces} pieces"

    def arguments(self, value):
        right = value.get("city") in ("Paris", "Rome") and isinstance(value.get("days"), int)
        assert right, f"arguments are {value}"
        return value

    def tool_answer(self, text):
        assert not self.scripted or "RESULT-sunny" in (text or ""), text
        return repr((text or "")[:40])

    def usage(self, given, messages=False):
        """The numbers of USAGE have to arrive unchanged, as far as the upstream's wire has them."""
        if not self.scripted:
            return
        cached = 0 if self.dialect == "ollama" else 89
        reasoned = 0 if self.dialect in ("ollama", "messages") else 21
        given = tuple(number or 0 for number in given)
        if messages:
            assert given == (1234 - cached, cached, 567), f"usage {given}"
        else:
            right = given[:3] == (1234, cached, 567) and (not reasoned or given[3] == reasoned)
            assert right, f"usage {given}"
