"""Everything that stands behind the judges, started once: the scripted models, llama.cpp, and torii before them all.

A judge names the upstream that it wants by its model's name: every provider serves a model of its own.
"""

import contextlib
import re
import sys
import threading
from urllib.parse import urlparse

import agents
import servers
from agents import KINDS

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
        return {"MODEL_URL": self.url, "MODEL_DIALECT": self.kind, "FOREIGN_KEY": servers.FOREIGN_KEY}


class Stage(contextlib.ExitStack):
    def __init__(self, torii, work, wanted, long=False):
        """For the parts `wanted`. Without `torii` every client speaks to the model server itself."""
        super().__init__()
        self.torii, self.key = torii, UPSTREAM_KEY if torii else CLIENT_KEY
        self.scripted = {kind: self._scripted(kind, kind) for kind in KINDS}
        # An agent's judge asks the model for its log: no other judge may write into that.
        found = agents.chosen(wanted, work, long, direct=not torii)
        self.agents = [(agent, self._scripted(kind, f"{agent.label}-{kind}")) for agent in found for kind in agent.kinds]
        self.llama = self.llama_chat = self.llama_server = None
        if "llama" in wanted:
            self._start_llama(work)
        self.gateway = self._start_gateway() if torii else None

    def _scripted(self, kind, name):
        model = MODEL.format(name.replace(" ", "-"))
        return Upstream(kind, self.enter_context(servers.scripted_model(kind, model, self.key)), model)

    def _start_llama(self, work):
        weights, model = servers.tiny_weights(sys.executable, work), MODEL.format("tiny")
        server = Watched(lambda port: servers.tiny_llama(sys.executable, weights, model, self.key, port))
        self.llama_server = self.enter_context(server)
        self.llama = Upstream("auto", server, model)
        # llama.cpp takes any model's name, and speaks three dialects: here it is held to one.
        self.llama_chat = Upstream("chat", server, MODEL.format("tiny-chat"))

    def _start_gateway(self):
        upstreams = {**self.scripted, **{upstream.model: upstream for _, upstream in self.agents}}
        if self.llama:
            upstreams |= {"llama": self.llama, "llama-chat": self.llama_chat}
        providers = [
            servers.Provider(name, upstream.url, upstream.kind, upstream.model, self.key)
            for name, upstream in upstreams.items()
        ]
        gateway = self.enter_context(Watched(lambda port: servers.Gateway(self.torii, providers, CLIENT_KEY, port)))
        for upstream in upstreams.values():
            upstream.base = gateway.announced
        return gateway


def last_words(output):
    """What a program said when it died, without the log before."""
    found = re.search(r"^.*(Fatal error|crashed).*$", output, re.MULTILINE)
    return output[found.start() :][:3000] if found else output[-1000:]


class Watched:
    """A server that is started again on the same port when it dies, so that a crash costs what it struck alone."""

    def __init__(self, start):
        self.start, self.deaths, self.over = start, [], threading.Event()
        self.server = start(0)
        self.announced = self.server.announced
        self.watch = threading.Thread(target=self._watch)

    def _watch(self):
        port = urlparse(self.announced).port
        while not self.over.wait(0.1):
            if not self.server.alive():
                self.deaths.append(last_words(self.server.output()))
                self.server.stop()
                self.server = self.start(port)

    def __enter__(self):
        self.watch.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.watch.join()
        self.server.stop()
