"""Compaction: what the model says when a client, or a gateway, asks for a summary, and what it takes from one later."""

import base64
import re

ASKS = re.compile(r"compact|checkpoint|summar|hand-?over", re.IGNORECASE)
CANARY = re.compile(r"(?:TOKEN|SECRET)-[0-9a-zA-Z]+")
CHECKPOINT = re.compile(r"CHECKPOINT of (\S+) after (\d+) rounds: ([^.]*)\.")
SEAL = "cmp."


def canaries(text):
    return " ".join(sorted(set(CANARY.findall(text))))


def asked(conversation, newest):
    """Whether `newest`, what was said last, or the system's text asks for a summary; never while a tool may be called."""
    if conversation.compacts:
        return True
    speaks = not conversation.tools or conversation.choice == "none"
    plain = speaks and not conversation.schema and len(conversation.turns) > 1
    return plain and bool(ASKS.search(newest) or ASKS.search(conversation.system))


def summary(scene):
    """All that was seen so far, and how far the directive in force has come."""
    seen = canaries(scene.conversation.whole_text()) or "nothing"
    return f"CHECKPOINT of {scene.label} after {scene.step} rounds: {seen}."


def rounds_told(label, text):
    """How many rounds of the directive `label` the newest summary tells of, and where it ends in the text."""
    told = [found for found in CHECKPOINT.finditer(text) if found[1] == label]
    return int(told[-1][2]) if told else 0


def seal(text):
    return SEAL + base64.b64encode(text.encode()).decode()


def unseal(content):
    """The text of a compaction item of ours, or None."""
    if not isinstance(content, str) or not content.startswith(SEAL):
        return None
    return base64.b64decode(content.removeprefix(SEAL)).decode()
