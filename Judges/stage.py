"""Everything that stands behind the judges, started once: the scripted models, llama.cpp, and torii before them all.

A judge names the upstream that it wants by its model's name: every provider serves a model of its own.
"""

import contextlib
import sys

import servers

KINDS = ("chat", "responses", "messages", "ollama")
CLIENT_KEY = "sk-judge-3f9c1b7a5d2e4860b1c3"
UPSTREAM_KEY = "sk-upstream-9d27c0a4"
# llm-comply runs its reasoning cases for names that look like these; llama.cpp takes any name.
MODEL = "gpt-5-claude-4-{}"


class Upstream:
    """One model server, and the address that a client uses for it."""

    def __init__(self, kind, server, model):
        self.kind, self.server, self.model = kind, server, model
        self.url = self.base = server.announced

    def words(self):
        return [self.base, CLIENT_KEY, self.model]

    def environment(self):
        return {"MODEL_URL": self.url, "MODEL_DIALECT": self.kind}


class Stage(contextlib.ExitStack):
    def __init__(self, torii, work, llama=True):
        """Without `torii` every client speaks to the model server itself."""
        super().__init__()
        self.torii, self.key = torii, UPSTREAM_KEY if torii else CLIENT_KEY
        self.scripted = {kind: self._scripted(kind, kind) for kind in KINDS}
        # Codex asks the model for its log: no other judge may write into that.
        self.codex = self._scripted("responses", "codex")
        self.llama = self.llama_chat = None
        if llama:
            self._start_llama(work)
        self.gateway = self._start_gateway() if torii else None

    def _scripted(self, kind, name):
        model = MODEL.format(name)
        return Upstream(kind, self.enter_context(servers.scripted_model(kind, model, self.key)), model)

    def _start_llama(self, work):
        weights, model = servers.tiny_weights(sys.executable, work), MODEL.format("tiny")
        server = self.enter_context(servers.tiny_llama(sys.executable, weights, model, self.key))
        self.llama = Upstream("auto", server, model)
        # llama.cpp takes any model's name, and speaks three dialects: here it is held to one.
        self.llama_chat = Upstream("chat", server, MODEL.format("tiny-chat"))

    def _start_gateway(self):
        upstreams = {**self.scripted, "codex": self.codex}
        if self.llama:
            upstreams |= {"llama": self.llama, "llama-chat": self.llama_chat}
        providers = [
            servers.Provider(name, upstream.url, upstream.kind, upstream.model, self.key)
            for name, upstream in upstreams.items()
        ]
        gateway = self.enter_context(servers.Gateway(self.torii, providers, CLIENT_KEY))
        for upstream in upstreams.values():
            upstream.base = gateway.announced
        return gateway
