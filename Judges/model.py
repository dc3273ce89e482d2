#!/usr/bin/env python3
"""A scripted model server: plays a deterministic coding model over one chosen wire.

  model.py --dialect chat --port 9001
  model.py --dialect responses --script agent-edit --record rec
  model.py --dialect messages --script my-script.json

What it says is decided by a script, chosen in this order:
  1. a directive in the newest user text that has one, e.g.  [[agent-edit token=TOKEN-7 dir=/work]]
     (it travels through any gateway, so that one server serves every judge);
  2. --script NAME, or --script FILE: {"turns": [[ITEM, ...], ...]} with ITEM one of
     {"text": "..."}, {"reasoning": "..."}, {"call": {"name": "...", "arguments": {...}}},
     {"custom": {"name": "...", "input": "..."}};
  3. hello.

Scripts: hello, agent-edit, agent-work (writes, changes, reads), shaped (agent-edit with calls that were not declared
so: shapes.py lists them), parallel-tools, custom-tool, mcp, recall, long (2,000 small pieces), slow (16 pieces, 100 ms
apart), and the faults cut, stall, error-in-stream, e429, e500-then-ok, overflow, no-terminal.
Directive words: token= file= dir= secret= via=shell|patch|write  shape= text= tool= n= usage=IN:OUT:CACHED:REASONING
Whatever the script: a request without tools that asks for a summary gets one (summary.py), and goes on from it later.

It is strict: a request that breaks the dialect's wire gets a 400 that names the violation. Every request is kept as
JSON (--record DIR) and summarised at GET /__log;  GET /__log?since=N  gives the ones after number N.
"""

import argparse
import os

from scripted_model.server import Server
from scripted_model.wires import WIRES


def read_options():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--dialect", choices=sorted(WIRES), required=True)
    arguments.add_argument("--script", default="hello", help="for conversations without a directive (default hello)")
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=0, help="default: of the system's choice")
    arguments.add_argument("--model", action="append", help="model names served (default: scripted)")
    arguments.add_argument("--key", help="demand this key (default: any)")
    arguments.add_argument("--lenient", action="store_true", help="accept unknown top-level parameters")
    arguments.add_argument("--record", metavar="DIR", help="write every request there as JSON")
    arguments.add_argument("--delay-ms", type=float, default=0, help="pause after each event")
    arguments.add_argument("--stall", type=float, default=30, help="seconds that the stall script waits (default 30)")
    return arguments.parse_args()


def main():
    options = read_options()
    models = options.model or ["scripted"]
    address = (options.host, options.port)
    server = Server(address, options.dialect, options.script, models, options.key, options.lenient)
    server.record, server.delay, server.stall = options.record, options.delay_ms / 1000, options.stall
    if options.record:
        os.makedirs(options.record, exist_ok=True)
    port = server.server_address[1]
    print(f"{options.dialect} model on http://{options.host}:{port}, script {options.script}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
