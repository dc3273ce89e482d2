"""The real agents that are judged: which versions, and over which upstreams.

In CI the newest of each, over a part of the upstreams; in `make long` all of them, over all.
"""

import importlib.metadata
import os

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = ("codex", "claude")
KINDS = ("chat", "responses", "messages", "ollama")
CODEX = "openai-codex-cli-bin"
# Where a model speaks that calls its trained tools instead of the declared ones.
SHAPED = ("chat", "messages", "ollama")


def binaries():
    """The newest of each, as their packages bring them."""
    import claude_agent_sdk
    from codex_cli_bin import bundled_codex_path

    claude = os.path.join(os.path.dirname(claude_agent_sdk.__file__), "_bundled", "claude")
    return {"codex": str(bundled_codex_path()), "claude": claude}


class Agent:
    """One client. `label` is the group that its cases are counted in."""

    def __init__(self, part, label, title, binary, kinds, newest=True):
        self.part, self.label, self.title, self.binary = part, label, title, binary
        self.kinds, self.newest = kinds, newest

    def words(self, kind, direct):
        words = [f"--{self.part}", self.binary, "--label", self.label]
        if self.part != "codex":
            return words
        words += ["--direct"] if direct else []
        return [*words, "--shapes"] if self.newest and kind in SHAPED else words


def older_codex():
    """The pinned older versions, the newest first."""
    with open(f"{HERE}/older-codex.txt", encoding="utf-8") as file:
        pins = [line.split("==")[1].strip() for line in file if line.startswith(CODEX)]
    return sorted(pins, key=lambda version: [int(number) for number in version.split(".")], reverse=True)


def chosen(parts, work, long, direct):
    """The agents of these parts. Without a gateway an agent meets only the upstream that speaks its own dialect."""
    found = []
    if "codex" in parts:
        found += _codex(work, long)
    if "claude" in parts:
        found += _claude(long)
    for agent in found if direct else []:
        agent.kinds = ["responses" if agent.part == "codex" else "messages"]
    return found


def _codex(work, long):
    version = importlib.metadata.version(CODEX)
    kinds = KINDS if long else ("chat", "responses", "ollama")
    yield Agent("codex", "codex", f"Codex CLI {version}", binaries()["codex"], kinds)
    for version in older_codex() if long else []:
        binary = f"{work}/codex-{version}/codex_cli_bin/bin/codex"
        yield Agent("codex", f"codex {version}", f"Codex CLI {version}", binary, KINDS, newest=False)


def _claude(long):
    yield Agent("claude", "claude", claude_title(), binaries()["claude"], KINDS if long else ("chat", "ollama"))


def claude_title():
    from claude_agent_sdk._cli_version import __cli_version__

    return f"Claude Code {__cli_version__}"
