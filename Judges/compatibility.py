"""The measured table of docs/compatibility.md: which client passes how many of its cases over which upstream."""

import importlib.metadata
import os

import agents

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs", "compatibility.md")
OPENS, CLOSES = "<!-- judged -->\n", "<!-- /judged -->"
COLUMNS = ("chat", "responses", "messages", "ollama", "llama.cpp", "llama.cpp as Chat")
TITLES = ("Chat", "Responses", "Messages", "Ollama", "llama.cpp", "llama.cpp as Chat")
NONE = "–"
# The group that a judge counts in: the client as the table names it, and its package.
ROWS = {
    "openai-chat": ("llm-comply {}, `openai-chat`", "llm-comply"),
    "open-responses": ("llm-comply {}, `open-responses`", "llm-comply"),
    "anthropic": ("llm-comply {}, `anthropic`", "llm-comply"),
    "chat": ("openai SDK {}, Chat Completions", "openai"),
    "responses": ("openai SDK {}, Responses", "openai"),
    "stored": ("openai SDK {}, stored responses and compaction", "openai"),
    "socket": ("openai SDK {}, Responses over a WebSocket", "openai"),
    "messages": ("anthropic SDK {}, Messages", "anthropic"),
    "ollama client": ("ollama client {}", "ollama"),
    "documentation's curl lines": ("curl, as Ollama's documentation has it", None),
    "forced": ("these SDKs, tools forced by a grammar", None),
    "codex": ("Codex CLI {}", agents.CODEX),
    "codex, shapes": ("Codex CLI {}, tools as models call them", agents.CODEX),
}


def rows():
    """The table's groups and titles, in its order."""
    for group, (title, package) in ROWS.items():
        yield group, title.format(importlib.metadata.version(package) if package else "")
    for version in agents.older_codex():
        yield f"codex {version}", f"Codex CLI {version}"
    yield "claude", agents.claude_title()
    yield "launch", "`torii launch`, both agents"


def cell(counted):
    passed, failed, skipped = counted
    return f"{passed}/{passed + failed}" + (f" ({skipped} left out)" if skipped else "")


def read(published):
    """The cells of a published table, by title."""
    lines = [line.strip("|").split("|") for line in published.splitlines() if line.startswith("|")]
    return {line[0].strip(): [text.strip() for text in line[1:]] for line in lines}


def table(cells, published):
    """Markdown, from (group, column) to (passed, failed, skipped). What was not run stays as it was published."""
    known = read(published)
    lines = ["| Client | " + " | ".join(TITLES) + " |", "|---|" + "---|" * len(COLUMNS)]
    for group, title in rows():
        before = known.get(title, [NONE] * len(COLUMNS))
        counted = [cells.get((group, column)) for column in COLUMNS]
        shown = [cell(count) if count else text for count, text in zip(counted, before)]
        lines.append(f"| {title} | " + " | ".join(shown) + " |")
    return "\n".join(lines) + "\n"


def parts():
    """What stands before the published table, the table, and what comes after it."""
    with open(PATH, encoding="utf-8") as file:
        before, _, rest = file.read().partition(OPENS)
    judged, mark, after = rest.partition(CLOSES)
    if not mark:
        raise RuntimeError(f"docs/compatibility.md has no {OPENS.strip()} … {CLOSES}")
    return before, judged, after


def published():
    return parts()[1]


def differs(measured):
    """Why the published table is not what was measured, or None."""
    if published() == measured:
        return None
    rows = [line for line in measured.splitlines() if line not in published().splitlines()]
    return f"docs/compatibility.md is not what was measured: {len(rows)} rows differ"


def write(measured):
    before, _, after = parts()
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(before + OPENS + measured + CLOSES + after)
