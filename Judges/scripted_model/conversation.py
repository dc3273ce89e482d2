"""The conversation so far, whatever wire it came over."""

import json
import re


class Refused(Exception):
    """A request that the wire does not allow."""

    def __init__(self, message, status=400, code=None):
        super().__init__(message)
        self.status, self.code = status, code


def need(condition, message):
    if not condition:
        raise Refused(message)


class Tool:
    def __init__(self, name, schema=None, kind="function", namespace=None):
        self.name, self.schema, self.kind, self.namespace = name, schema or {}, kind, namespace

    @property
    def leaf(self):
        """The name without the prefixes that clients and gateways put before it."""
        return re.split(r"__|\.|/", self.name)[-1]

    @property
    def properties(self):
        return self.schema.get("properties") or {}

    @property
    def full_name(self):
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class Turn:
    """What one side said before the other spoke again."""

    def __init__(self, role):
        self.role, self.text = role, ""
        self.calls = []  # (id, name, input)
        self.results = []  # (id, text)
        self.thoughts = 0  # pieces of reasoning that came back


class Conversation:
    def __init__(self, model):
        need(isinstance(model, str) and model, "model must be a string")
        self.model, self.system = model, ""
        self.turns, self.tools = [], []
        self.notes = []  # what is odd, though allowed
        self.choice = "auto"  # or none, required, ("tool", name)
        self.parallel = True
        self.schema = None  # that the answer has to follow
        self.reasoning = False  # None: forbidden
        self.stream, self.max_tokens, self.wants_usage = False, None, True
        self.images = 0
        self.raw = False  # Ollama's raw mode
        self.idle = None  # why nothing is to be said: "load" or "unload"
        self.compacts = False  # the wire itself says that a compaction is wanted

    def turn(self, role):
        if not self.turns or self.turns[-1].role != role:
            self.turns.append(Turn(role))
        return self.turns[-1]

    def say(self, role, text):
        turn = self.turn(role)
        turn.text += ("\n" if turn.text else "") + text

    def result(self, ident, text):
        self.turn("user").results.append((ident, text))

    def whole_text(self):
        """Everything that was said, called and answered."""
        said = [turn.text + " " + json.dumps([turn.calls, turn.results]) for turn in self.turns]
        return " ".join([self.system, *said])

    def unanswered(self):
        answered = {ident for turn in self.turns for ident, _ in turn.results}
        return [call[0] for turn in self.turns for call in turn.calls if call[0] not in answered]
