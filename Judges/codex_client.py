"""One `codex exec` with a home and a git repository of its own."""

import json
import os
import re
import subprocess
import sys

import judging

HERE = os.path.dirname(os.path.abspath(__file__))

CONFIGURATION = """\
model = {model}
model_provider = "gateway"
check_for_update_on_startup = false
{settings}
[analytics]
enabled = false

[model_providers.gateway]
name = {name}
base_url = {base_url}
env_key = "GATEWAY_KEY"
wire_api = "responses"
{retries}
stream_idle_timeout_ms = 15000
{provider}
"""
RETRIES = "request_max_retries = 1\nstream_max_retries = 1"
MCP_SERVER = """
[mcp_servers.judge]
command = {python}
args = [{script}]
env = {{ JUDGE_SECRET = {secret} }}
"""


class Run:
    """How one `codex exec` ended."""

    def __init__(self, status, last, events, stderr, upstream_said):
        self.status, self.last, self.events, self.stderr = status, last, events, stderr
        self.upstream_said = upstream_said

    def succeeded(self, *wanted):
        assert self.status == 0 and all(word in self.last for word in wanted), self.why()
        return judging.brief(self.last, 80)

    def why(self):
        ended = "timed out" if self.status is None else f"exit {self.status}"
        told = self.errors()[-1:] or self.stderr.strip().splitlines()[-1:] or [""]
        said = judging.brief(self.last, 90)
        return f"{ended}; said {said!r}; {judging.brief(told[0], 200)}{self.upstream_said}"

    def errors(self):
        messages = []
        for event in self.events:
            item = event.get("item") or {}
            if "error" in event.get("type", "") or event.get("type") == "turn.failed" or item.get("type") == "error":
                inner = event.get("error") or {}
                messages.append(event.get("message") or inner.get("message") or item.get("message"))
        return [message for message in messages if message and "metadata" not in message]

    def reasoning(self):
        items = [event["item"] for event in self.events if event.get("type") == "item.completed"]
        return [item["text"] for item in items if item.get("type") == "reasoning"]


class Codex:
    def __init__(self, options, catalogue=None, mcp=False, settings="", provider="", name="gateway", retries=RETRIES):
        """`catalogue` is the entry of a known model; `mcp` adds the echo server.

        `settings` and `provider` are more lines of the configuration; `name` is what Codex takes its provider for;
        without `retries` it tries as often as it does by itself.
        """
        self.options, self.settings, self.provider, self.name = options, settings, provider, name
        self.retries = retries
        self.root = judging.scratch("codex")
        self.home, self.work = f"{self.root}/home", f"{self.root}/work"
        self.token, self.secret = judging.token("TOKEN"), judging.token("SECRET")
        self.temporary = f"{self.root}/tmp"
        os.makedirs(self.home)
        os.makedirs(self.temporary)
        judging.project(self.work, self.secret)
        self._configure(catalogue, mcp)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        judging.drop(self.root)

    def _configure(self, catalogue, mcp):
        settings = self.settings
        if catalogue:
            path = f"{self.home}/models.json"
            with open(path, "w") as file:
                json.dump({"models": [catalogue]}, file)
            settings += f"\nmodel_catalog_json = {json.dumps(path)}\n"
        values = dict(model=self.options.model, base_url=self.options.base + "/v1", name=self.name)
        quoted = {key: json.dumps(value) for key, value in values.items()}
        text = CONFIGURATION.format(**quoted, settings=settings, provider=self.provider, retries=self.retries)
        if mcp:
            values = (sys.executable, f"{HERE}/mcp_echo.py", self.secret)
            python, script, secret = (json.dumps(value) for value in values)
            text += MCP_SERVER.format(python=python, script=script, secret=secret)
        with open(f"{self.home}/config.toml", "w") as file:
            file.write(text)

    def exec(self, prompt, *words, seconds=None):
        final = f"{self.root}/last"
        judging.drop_file(final)
        self.before = judging.last_number(self.options.upstream)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": self.root,
            "CODEX_HOME": self.home,
            "GATEWAY_KEY": self.options.key,
            "LANG": "C.UTF-8",
            "TMPDIR": self.temporary,
        }
        command = [self.options.codex, "exec", *words, "--skip-git-repo-check"]
        command += ["--dangerously-bypass-approvals-and-sandbox", "--json", "-o", final, prompt]
        limit = seconds or self.options.seconds
        status, out, err = judging.run_client(command, environment, self.work, limit)
        if self.options.verbose:
            print(out, err, file=sys.stderr)
        upstream_said = judging.upstream_reason(self.options.upstream, self.before)
        return Run(status, judging.content(final) or "", judging.json_lines(out), err, upstream_said)


def version_of(binary):
    """(0, 163, 0), for example."""
    told = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=30).stdout
    return tuple(int(number) for number in re.findall(r"\d+", told)[:3])


def catalogue_entry(model, **members):
    """A model catalogue entry, as a gateway would give it for a model that it knows."""
    return {
        "slug": model,
        "display_name": model,
        "supported_reasoning_levels": [{"effort": x, "description": x} for x in ("low", "medium", "high")],
        "default_reasoning_level": "medium",
        "shell_type": "unified_exec",
        "visibility": "list",
        "supported_in_api": True,
        "priority": 1,
        "support_verbosity": False,
        "truncation_policy": {"mode": "tokens", "limit": 10000},
        "experimental_supported_tools": [],
        "base_instructions": "You are a coding agent.",
        "context_window": 131072,
        "input_modalities": ["text"],
        "supports_parallel_tool_calls": True,
        "supports_reasoning_summaries": True,
        **members,
    }
