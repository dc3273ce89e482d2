"""The parts of `make judges`: which client is run against which upstream."""

import agents
from stage import KINDS, UPSTREAM_KEY

# The longest first, so that none is left running alone at the end.
PARTS = ("model", "codex", "claude", "launch", "llama", "admin", "metrics", "tls", "comply", "sdk", "ollama")
FORMATS = {"chat": "openai-chat", "responses": "open-responses", "messages": "anthropic"}


class Job:
    """One run of one judge. `over` is its column in the table, None where it is in none; `alone`: no gateway."""

    def __init__(self, heading, over, script, *words, environment=None, alone=False):
        self.heading, self.over, self.script, self.alone = heading, over, script, alone
        self.words, self.environment = words, environment or {}


def jobs(part, stage):
    """The jobs of one part. Without a gateway a client meets only the upstream that speaks its own dialect."""
    through = " through torii" if stage.torii else ", no gateway"
    mode = [] if stage.torii else ["--direct"]
    if part in agents.PARTS:
        return list(_agents(part, stage, through))
    return list(globals()[f"_{part}"](stage, through, mode))


def _model(stage, through, mode):
    yield Job("the scripted model refuses what it has to", None, "check_model.py")


def _agents(part, stage, through):
    for agent, upstream in stage.agents:
        if agent.part == part:
            heading = f"the real {agent.title}, scripted {upstream.kind} model{through}"
            words = [*agent.words(upstream.kind, not stage.torii), *upstream.words()]
            yield Job(heading, upstream.kind, f"judge_{part}.py", *words, environment=upstream.environment())


def _launch(stage, through, mode):
    """torii starts the agent, and a gateway of its own beside it."""
    programs = [word for name, path in agents.binaries().items() for word in (f"--{name}", path)]
    for kind in ("chat", "ollama") if stage.torii else ():
        upstream = stage.scripted[kind]
        words = ["--torii", stage.torii, *programs, upstream.url, UPSTREAM_KEY, upstream.model]
        heading = f"torii launch, scripted {kind} model"
        yield Job(heading, kind, "judge_launch.py", *words, environment=upstream.environment())


def _llama(stage, through, mode):
    """The SDKs on llama.cpp as it is; then what it cannot speak itself, translated into its Chat Completions."""
    sdk = ["judge_sdk.py", "--llama"]
    if stage.torii:
        bare = [stage.llama.url, UPSTREAM_KEY, stage.llama.model]
        yield Job("official SDKs, llama.cpp, no gateway: the baseline", None, *sdk, "--direct", *bare, alone=True)
    yield Job(f"official SDKs, llama.cpp{through}", "llama.cpp", *sdk, *mode, *stage.llama.words())
    if stage.torii:
        words, as_chat = ["--translated", *stage.llama_chat.words()], "llama.cpp as a Chat server, through torii"
        over = "llama.cpp as Chat"
        for wire in ("responses", "messages"):
            yield Job(f"official SDKs, {wire}, {as_chat}", over, *sdk, "--wire", wire, *words)
        formats = ["--format", FORMATS["responses"], "--format", FORMATS["messages"]]
        yield Job(f"llm-comply, {as_chat}", over, "judge_comply.py", *formats, "--llama", *words[1:])
        forced = "tools forced by a grammar, four clients"
        yield Job(f"{forced}, llama.cpp{through}", "llama.cpp", "judge_forced.py", *stage.llama.words())
        yield Job(f"{forced}, {as_chat}", over, "judge_forced.py", *words[1:])


def _admin(stage, through, mode):
    """The administration has nothing to do with what stands behind the gateway."""
    if stage.torii:
        yield Job("schemathesis, the administration", None, "judge_admin.py", "--torii", stage.torii)


def _metrics(stage, through, mode):
    """It has models of its own, of which one dies."""
    if stage.torii:
        yield Job("metrics, alerts and dashboards, a real Prometheus", None, "judge_metrics.py", "--torii", stage.torii)


def _tls(stage, through, mode):
    """The handshake comes before everything else."""
    if stage.torii:
        yield Job("TLS sessions that are resumed", None, "judge_tls.py", "--torii", stage.torii)


def _comply(stage, through, mode):
    for kind in KINDS:
        chosen = [] if stage.torii else ["--format", FORMATS.get(kind)]
        if None not in chosen:
            words = [*chosen, *stage.scripted[kind].words()]
            yield Job(f"llm-comply, scripted {kind} model{through}", kind, "judge_comply.py", *words)


def _sdk(stage, through, mode):
    for kind in KINDS:
        upstream = stage.scripted[kind]
        stored = ["--wire", "stored"] if kind == "responses" else []
        chosen = [] if stage.torii else [*mode, "--wire", kind, *stored]
        if stage.torii or kind in FORMATS:
            words = ["--scripted", *chosen, *upstream.words()]
            heading = f"official SDKs, scripted {kind} model{through}"
            yield Job(heading, kind, "judge_sdk.py", *words, environment=upstream.environment())


def _ollama(stage, through, mode):
    for kind in KINDS if stage.torii else ["ollama"]:
        upstream = stage.scripted[kind]
        words, heading = [*mode, *upstream.words()], f"ollama client and curl, scripted {kind} model{through}"
        yield Job(heading, kind, "judge_ollama.py", *words, environment=upstream.environment())
