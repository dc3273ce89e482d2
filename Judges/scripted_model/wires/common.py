"""What the wires share."""

import json
import re

from scripted_model.conversation import need

NAME64 = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
NAME128 = re.compile(r"^[a-zA-Z0-9_-]{1,128}$")
ERROR_TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


def server_sent_event(data, event=None):
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return ((f"event: {event}\n" if event else "") + f"data: {text}\n\n").encode()


def only(body, allowed, where, lenient):
    """Hosted APIs refuse unknown top-level parameters, and so do we."""
    extra = sorted(set(body) - set(allowed))
    need(not extra or lenient, f"{where}: unknown parameter {', '.join(extra)}")


def check_tool_name(name, rule, where, seen):
    right = isinstance(name, str) and rule.match(name)
    need(right, f"{where}: tool name {name!r} does not match {rule.pattern}")
    need(name not in seen, f"{where}: tool name {name!r} given twice")
    seen.add(name)


def parsed(text, where):
    """Arguments as the JSON text that they have to be."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        need(False, f"{where} is not JSON")


class Wire:
    """One wire's way to read requests and to write answers, for the route `path`."""

    thinks_unasked = False
    counts = False
    unknown = "The model '{}' does not exist"
    overflow = "This model's maximum context length is 131072 tokens. However, your messages resulted in 140000 tokens."

    def __init__(self, lenient=False):
        self.lenient = lenient
        self.routes = {self.path: self}  # what a script answers
        self.pages = {}  # what is answered without one


class OpenAIWire(Wire):
    def error(self, status, message, code=None):
        kind = ERROR_TYPES.get(status, "server_error" if status == 500 else "invalid_request_error")
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}
