#!/usr/bin/env python3
"""Runs the judges against a gateway over each upstream dialect, and prints a client x upstream matrix.

  matrix.py --name torii --gateway 'torii --port {port} --upstream-{dialect} {upstream} --key {key} --model {model}'
  matrix.py --name litellm --gateway 'peers/litellm.sh {dialect} {upstream} {port} {key} {model}' --dialects chat,messages --judges codex,claude
  matrix.py --name direct --direct                            the scripted model itself, each judge over its own dialect
  matrix.py --gateway ... --upstream-url http://127.0.0.1:8091 --model tiny --judges sdk,comply   another server in the place of the scripted model

Words filled in: {dialect} chat|responses|messages|ollama, {upstream} (http://host:port, without /v1), {port}, {key}, {model}.
For each dialect: model.py is started, then the gateway, then the judges, one after the other; both are stopped at the end.
Judges: sdk (needs --python: one with openai and anthropic), comply (needs --llm-comply), codex (--codex), claude (--claude);
each may come from the environment instead: SDK_PYTHON, LLM_COMPLY, CODEX, CLAUDE.  What is not there is left out.
The full output of each judge, and each request the model saw, is kept below --out.
"""

import argparse, http.client, json, os, re, shlex, signal, socket, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
DIALECTS, JUDGES = "chat responses messages ollama".split(), "sdk comply codex claude".split()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(command, log, env=None):
    with open(log, "w") as f:
        return subprocess.Popen(
            command,
            stdout=f,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=HERE,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )


def stop(p):
    """Ends a child with its own session, and nothing else."""
    for sig in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(p.pid, sig)
        except OSError:
            pass
        try:
            p.wait(8)
        except subprocess.TimeoutExpired:
            pass
    return p.wait()


def ready(port, p, seconds):
    """Waits until something there answers HTTP."""
    end = time.time() + seconds
    while time.time() < end:
        if p.poll() is not None:
            return False
        try:
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
            c.request("GET", "/health")
            c.getresponse().read()
            return True
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
    return False


def judge(name, o, base, model_url, dialect):
    tail = [base, o.key, o.model]
    env = {"MODEL_URL": model_url or "", "MODEL_DIALECT": dialect}
    if name == "sdk":
        return [
            o.python,
            f"{HERE}/judge_sdk.py",
            *(["--scripted"] if model_url else []),
            *(["--wire", dialect] if o.direct else []),
            *tail,
        ], env
    formats = (
        {"chat": ["openai-chat"], "responses": ["open-responses"], "messages": ["anthropic"]}[dialect]
        if o.direct
        else []
    )
    if name == "comply":
        return ["bash", f"{HERE}/judge_comply.sh", *tail, *formats], {**env, "LLM_COMPLY": o.llm_comply}
    return [sys.executable, f"{HERE}/judge_{name}.py", f"--{name}", getattr(o, name), *tail], env


def run_judges(o, base, model_url, dialect, wanted, cells):
    for name in wanted:
        command, env = judge(name, o, base, model_url, dialect)
        log = f"{o.out}/{o.name}-{dialect}-{name}.txt"
        p = start(command, log, env)
        try:
            p.wait(o.limit)
        except subprocess.TimeoutExpired:
            pass
        stop(p)
        with open(log) as f:
            text = f.read()
        m = re.search(r"^(\d+) passed, (\d+) failed$", text, re.M)
        if not m:  # the judge itself was stopped: count what it had said
            m = (None, len(re.findall(r"^ok ", text, re.M)), len(re.findall(r"^FAIL ", text, re.M)))
        cells[name, dialect] = (int(m[1]), int(m[1]) + int(m[2]))
        print(f"# {o.name} over {dialect}: {name} {m[1]}/{int(m[1]) + int(m[2])}", flush=True)
        for line in text.splitlines():
            if line.startswith("FAIL"):
                print("    " + line[:330], flush=True)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--name", default="gateway")
    a.add_argument("--gateway", help="command template")
    a.add_argument(
        "--direct",
        action="store_true",
        help="no gateway: judges talk to the scripted model over their own dialects",
    )
    a.add_argument("--dialects", default=",".join(DIALECTS))
    a.add_argument("--judges", default=",".join(JUDGES))
    a.add_argument(
        "--lenient", action="store_true", help="the scripted model accepts unknown top-level parameters"
    )
    a.add_argument("--upstream-url", help="a server which runs already, in the place of model.py")
    a.add_argument("--key", default="sk-judge-3f9c1b7a5d2e4860b1c3")
    a.add_argument("--model", default="scripted")
    a.add_argument("--python", default=os.environ.get("SDK_PYTHON"))
    a.add_argument("--llm-comply", default=os.environ.get("LLM_COMPLY"))
    a.add_argument("--codex", default=os.environ.get("CODEX"))
    a.add_argument("--claude", default=os.environ.get("CLAUDE"))
    a.add_argument("--out", default="judge-results")
    a.add_argument("--wait", type=float, default=90, help="seconds for the gateway to come up")
    a.add_argument("--limit", type=float, default=900, help="seconds for one judge")
    a.add_argument("--json", metavar="FILE", help="append the cells there as one line of JSON")
    o = a.parse_args()
    if not (o.gateway or o.direct):
        a.error("--gateway or --direct is required")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    o.out = os.path.abspath(o.out)
    os.makedirs(o.out, exist_ok=True)
    there = {"sdk": o.python, "comply": o.llm_comply, "codex": o.codex, "claude": o.claude}
    wanted = [j for j in o.judges.split(",") if there[j]]
    dialects, cells = o.dialects.split(","), {}
    for d in dialects:
        model = gateway = None
        model_port, port = free_port(), free_port()
        try:
            upstream, model_url = o.upstream_url, None
            if not upstream:
                model = start(
                    [
                        sys.executable,
                        f"{HERE}/model.py",
                        "--dialect",
                        d,
                        "--port",
                        str(model_port),
                        "--model",
                        o.model,
                        *(["--key", o.key] if o.direct else []),
                        *(["--lenient"] if o.lenient else []),
                        "--record",
                        f"{o.out}/{o.name}-{d}-requests",
                    ],
                    f"{o.out}/{o.name}-{d}-model.log",
                )
                upstream = model_url = f"http://127.0.0.1:{model_port}"
                if not ready(model_port, model, 10):
                    sys.exit("model.py does not come up")
            if o.direct:
                fits = {
                    "chat": ["sdk", "comply"],
                    "responses": ["codex", "sdk", "comply"],
                    "messages": ["claude", "sdk", "comply"],
                    "ollama": [],
                }[d]
                run_judges(o, upstream, model_url, d, [j for j in wanted if j in fits], cells)
                continue
            command = shlex.split(
                o.gateway.format(dialect=d, upstream=upstream, port=port, key=o.key, model=o.model)
            )
            os.makedirs(f"{o.out}/tmp", exist_ok=True)
            gateway = start(command, f"{o.out}/{o.name}-{d}-gateway.log", {"TMPDIR": f"{o.out}/tmp"})
            if not ready(port, gateway, o.wait):
                print(
                    f"# {o.name} over {d}: the gateway does not come up, see {o.out}/{o.name}-{d}-gateway.log",
                    flush=True,
                )
                cells.update({(j, d): None for j in wanted})
                continue
            run_judges(o, f"http://127.0.0.1:{port}", model_url, d, wanted, cells)
        finally:
            for p in (gateway, model):
                if p:
                    stop(p)
    print(f"\n{o.name:<14}" + "".join(f"{d:>12}" for d in dialects))
    for j in wanted:
        row = [cells.get((j, d), "-") for d in dialects]
        print(
            f"{j:<14}"
            + "".join(f"{'down' if c is None else c if c == '-' else f'{c[0]}/{c[1]}':>12}" for c in row)
        )
    if o.json:
        with open(o.json, "a") as f:
            f.write(
                json.dumps({"name": o.name, "cells": {f"{j}/{d}": c for (j, d), c in cells.items()}}) + "\n"
            )
    passed, total = sum(c[0] for c in cells.values() if c), sum(c[1] for c in cells.values() if c)
    print(f"{passed} passed, {total - passed} failed")
    return passed != total


if __name__ == "__main__":
    sys.exit(main())
