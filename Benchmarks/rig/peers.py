"""The proxies that are measured, each in front of the same upstream."""

import os
import shutil

from rig.server import Server, free_port

BENCHMARKS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KEY = "sk-rig-3f9c1b7a5d2e4860b1c3d5e7f9a0b2c4"
ANNOUNCED = r"listening on http://127\.0\.0\.1:(\d+)(?=[^\d.])"  # the whole number, and no address behind it


class Unavailable(Exception):
    """What this peer needs is not on this machine."""


def upstream(tools, folder):
    environment = {"PORT": "0", "REQUIRE_KEY": KEY}
    return Server("upstream", [f"{tools}/upstream"], folder, environment, announces=ANNOUNCED)


def _need(program):
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if not path:
        raise Unavailable(f"{program} is not installed")
    return path


def nginx(upstream_port, folder):
    """One worker, keep-alive both ways, no buffering, no access log: as little as a proxy can do."""
    program, port, home = _need("nginx"), free_port(), os.path.join(folder, "nginx")
    os.makedirs(home, exist_ok=True)
    with open(f"{BENCHMARKS}/peers/nginx.conf.in") as file:
        text = file.read()
    for name, value in (("DIR", home), ("UP", upstream_port), ("PORT", port)):
        text = text.replace(f"@{name}@", str(value))
    with open(f"{home}/nginx.conf", "w") as file:
        file.write(text)
    command = [program, "-p", home, "-e", f"{home}/error.log", "-c", f"{home}/nginx.conf"]
    return Server("nginx", command, folder, port=port)


def node(upstream_port, folder):
    """The articles' proxy on plain node:http: parse, choose, serialise again, buffer everything."""
    base = f"http://127.0.0.1:{upstream_port}"
    environment = {"PORT": "0", "OPENAI_BASE": base, "OLLAMA_BASE": base, "OPENAI_API_KEY": KEY}
    command = [_need("node"), f"{BENCHMARKS}/peers/articles-node.mjs"]
    return Server("node", command, folder, environment, announces=ANNOUNCED)


CONFIGURATION = """\
providers:
  - name: rig
    base_url: http://127.0.0.1:{port}/v1
    api_key: {key}
    model: gpt-4o-mini
    dialect: {dialect}
default_provider: rig
prices: {{unknown: {{input: 0.1, output: 0.4}}}}
server:
  state: {{max_bytes: 8GiB}}
"""


def torii_command(torii, upstream_port, folder, dialect="auto", more=""):
    """The command and the environment of a gateway with a home of its own; `more` are lines behind its configuration."""
    home = os.path.join(folder, "torii")
    os.makedirs(home, exist_ok=True)
    path = f"{home}/config.yaml"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(CONFIGURATION.format(port=upstream_port, key=KEY, dialect=dialect) + more)
    environment = {"HOME": home, "XDG_CONFIG_HOME": f"{home}/config", "XDG_STATE_HOME": f"{home}/state"}
    words = ["serve", "--config", path, "--host", "127.0.0.1", "--port", "0", "--admin-port", "0"]
    return [torii, *words], environment


def forget_state(folder):
    """Removes what torii has kept."""
    shutil.rmtree(os.path.join(folder, "torii", "state"), ignore_errors=True)


def torii(binary, upstream_port, folder, dialect="auto"):
    command, environment = torii_command(binary, upstream_port, folder, dialect)
    return Server("torii", command, folder, environment, announces=ANNOUNCED)
