"""One `claude -p` with a home and a git repository of its own."""

import os
import sys

import judging

TOOLS = "Bash,Read,Write,Edit,mcp__judge__echo"
QUIET = (
    "DISABLE_TELEMETRY DISABLE_ERROR_REPORTING DISABLE_AUTOUPDATER CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"
).split()
MODELS = (
    "ANTHROPIC_DEFAULT_HAIKU_MODEL ANTHROPIC_DEFAULT_SONNET_MODEL ANTHROPIC_DEFAULT_OPUS_MODEL "
    "ANTHROPIC_SMALL_FAST_MODEL"
).split()


class Run:
    """How one `claude -p` ended."""

    def __init__(self, status, events, stderr, upstream_said):
        self.status, self.events, self.stderr, self.upstream_said = status, events, stderr, upstream_said
        self.result = next((event for event in reversed(events) if event.get("type") == "result"), None)

    @property
    def text(self):
        return (self.result or {}).get("result") or ""

    @property
    def failed(self):
        return self.status != 0 or not self.result or self.result.get("is_error")

    def succeeded(self, *wanted):
        assert not self.failed and all(word in self.text for word in wanted), self.why()
        return self.text[:80]

    def why(self):
        ended = "timed out" if self.status is None else f"exit {self.status}"
        return f"{ended}; {judging.brief(self.text or self.stderr, 230)!r}{self.upstream_said}"

    def thoughts(self):
        messages = [event["message"] for event in self.events if event.get("type") == "assistant"]
        blocks = [block for message in messages for block in message["content"]]
        return [block["thinking"] for block in blocks if block.get("type") == "thinking"]

    def text_deltas(self):
        deltas = [event["event"].get("delta") or {} for event in self.events if event.get("type") == "stream_event"]
        return sum(1 for delta in deltas if delta.get("type") == "text_delta")


class Claude:
    def __init__(self, options):
        self.options = options
        self.root = judging.scratch("claude")
        self.home, self.work = f"{self.root}/home", f"{self.root}/work"
        self.token, self.secret = judging.token("TOKEN"), judging.token("SECRET")
        os.makedirs(self.home)
        judging.project(self.work, self.secret)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        judging.drop(self.root)

    def _environment(self, extra):
        return {
            "PATH": os.environ["PATH"],
            "HOME": self.home,
            "CLAUDE_CONFIG_DIR": self.home,
            "LANG": "C.UTF-8",
            "ANTHROPIC_BASE_URL": self.options.base,
            "ANTHROPIC_API_KEY": self.options.key,
            "CLAUDE_CODE_MAX_RETRIES": "1",
            **{name: self.options.model for name in MODELS},
            **{name: "1" for name in QUIET},
            **extra,
        }

    def ask(self, prompt, *words, seconds=None, stream=False, **environment):
        form = ["--output-format", "json"]
        if stream:
            form = ["--output-format", "stream-json", "--verbose", "--include-partial-messages"]
        command = [self.options.claude, "-p", prompt, "--model", self.options.model, *form]
        command += ["--allowedTools", TOOLS, *words]
        self.before = judging.last_number(self.options.upstream)
        limit = seconds or self.options.seconds
        status, out, err = judging.run_client(command, self._environment(environment), self.work, limit)
        if self.options.verbose:
            print(out, err, file=sys.stderr)
        events = []
        for value in judging.json_lines(out):
            events += value if isinstance(value, list) else [value]
        return Run(status, events, err, judging.upstream_reason(self.options.upstream, self.before))
