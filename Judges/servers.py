"""The servers that the judges start: the scripted model, llama.cpp on the tiny model, and torii in front of either.

Each takes a port of the system's choice and says in its first lines which one it got.
"""

import hashlib
import os
import subprocess
import sys

import gateways
from gateways import Home
from processes import Child

HERE = os.path.dirname(os.path.abspath(__file__))
FOREIGN_KEY = "sk-judge-of-another-5b8e02d9"
ON_LOOPBACK = r"(http://127\.0\.0\.1:\d+)(?=[^\d.])"  # the whole number, and no address behind it


def scripted_model(dialect, model="scripted", key=None, lenient=False, record=None, stall=None):
    words = [sys.executable, f"{HERE}/model.py", "--dialect", dialect, "--port", "0", "--model", model]
    words += ["--key", key] if key else []
    words += ["--lenient"] if lenient else []
    words += ["--record", record] if record else []
    words += ["--stall", str(stall)] if stall else []
    return Child(words, f"model on {ON_LOOPBACK}", seconds=20)


def tiny_weights(python, folder):
    """The random model that tinyllm/ makes, kept until its makers change."""
    makers = [f"{HERE}/tinyllm/{name}" for name in ("make_tiny_gguf.py", "bpe.py", "chat_template.jinja")]
    digest = hashlib.sha256()
    for maker in makers:
        with open(maker, "rb") as file:
            digest.update(file.read())
    path = f"{folder}/tiny-{digest.hexdigest()[:12]}.gguf"
    if not os.path.exists(path):
        subprocess.run([python, makers[0], path + ".new"], check=True, stdout=subprocess.DEVNULL)
        os.replace(path + ".new", path)
    return path


def tiny_llama(python, weights, model, key, port=0):
    """The real llama.cpp server on the random model."""
    words = [python, f"{HERE}/tinyllm/serve_tiny.py", weights, "--alias", model, "--key", key, "--port", str(port)]
    return Child(words, f"^listening on {ON_LOOPBACK}", seconds=60)


class Provider:
    """One upstream as torii's configuration names it."""

    def __init__(self, name, upstream, dialect, model, key):
        self.name, self.dialect, self.model, self.key = name, dialect, model, key
        self.base_url = upstream if dialect == "ollama" else upstream + "/v1"

    def entry(self):
        members = dict(base_url=self.base_url, api_key=self.key, dialect=self.dialect, model=self.model)
        lines = [f"  - name: {self.name}", *(f"    {key}: {value}" for key, value in members.items())]
        return "\n".join(lines) + "\n"


def configuration(providers):
    """torii's file: the first provider is the default one."""
    text = "providers:\n" + "".join(provider.entry() for provider in providers)
    return text + f"default_provider: {providers[0].name}\nserver:\n  keys: [env:TORII_JUDGE_KEY, env:TORII_FOREIGN_KEY]\n"


class Gateway(gateways.OwnGateway):
    """torii before its providers, with a home of its own, one client's key and one of another client."""

    def __init__(self, torii, providers, client_key, port=0):
        home = Home(torii, configuration(providers))
        environment = {
            "TORII_JUDGE_KEY": client_key,
            "TORII_FOREIGN_KEY": FOREIGN_KEY,
            "SWIFT_BACKTRACE": "interactive=no,color=no,limit=40,top=0,registers=none,images=none,threads=crashed",
        }
        super().__init__(home, port=port, environment=environment, seconds=30)
