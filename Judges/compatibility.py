"""The measured table of docs/compatibility.md: which client passes how many of its cases over which upstream."""

import importlib.metadata
import os

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs", "compatibility.md")
OPENS, CLOSES = "<!-- judged -->\n", "<!-- /judged -->"
COLUMNS = ("chat", "responses", "messages", "ollama", "llama.cpp", "llama.cpp as Chat")
TITLES = ("Chat", "Responses", "Messages", "Ollama", "llama.cpp", "llama.cpp as Chat")
# The group that a judge counts in: the client as the table names it, and its package.
ROWS = {
    "openai-chat": ("llm-comply {}, `openai-chat`", "llm-comply"),
    "open-responses": ("llm-comply {}, `open-responses`", "llm-comply"),
    "anthropic": ("llm-comply {}, `anthropic`", "llm-comply"),
    "chat": ("openai SDK {}, Chat Completions", "openai"),
    "responses": ("openai SDK {}, Responses", "openai"),
    "messages": ("anthropic SDK {}, Messages", "anthropic"),
    "ollama client": ("ollama client {}", "ollama"),
    "documentation's curl lines": ("curl, as Ollama's documentation has it", None),
    "codex": ("Codex CLI {}", "openai-codex-cli-bin"),
}


def cell(counted):
    if not counted:
        return "–"
    passed, failed, skipped = counted
    return f"{passed}/{passed + failed}" + (f" ({skipped} left out)" if skipped else "")


def table(cells):
    """Markdown, from (group, column) to (passed, failed, skipped)."""
    lines = ["| Client | " + " | ".join(TITLES) + " |", "|---|" + "---|" * len(COLUMNS)]
    for group, (title, package) in ROWS.items():
        name = title.format(importlib.metadata.version(package) if package else "")
        shown = [cell(cells.get((group, column))) for column in COLUMNS]
        lines.append(f"| {name} | " + " | ".join(shown) + " |")
    return "\n".join(lines) + "\n"


def parts_of(text):
    before, _, rest = text.partition(OPENS)
    judged, mark, after = rest.partition(CLOSES)
    if not mark:
        raise RuntimeError(f"docs/compatibility.md has no {OPENS.strip()} … {CLOSES}")
    return before, judged, after


def differs(measured):
    """Why the published table is not what was measured, or None."""
    with open(PATH, encoding="utf-8") as file:
        published = parts_of(file.read())[1]
    if published == measured:
        return None
    rows = [line for line in measured.splitlines() if line not in published.splitlines()]
    return f"docs/compatibility.md is not what was measured: {len(rows)} rows differ"


def write(measured):
    with open(PATH, encoding="utf-8") as file:
        before, _, after = parts_of(file.read())
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(before + OPENS + measured + CLOSES + after)
