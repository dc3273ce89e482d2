#!/usr/bin/env python3
"""Measures torii beside nginx (one worker), the articles' proxy on Node, and a direct line, in one run.

    bench.py --tools FOLDER --work FOLDER [--torii BINARY]
    bench.py … --cells small --streams '' --rounds 1          a quick look
    bench.py … --cells responses-stream --slow responses-slow  another wire
    bench.py … --cells responses-stream --dialect chat         the same, translated

Every round starts each peer afresh, checks that its answers are right, warms it up and measures all cells; rounds are
interleaved, so that a disturbance falls on every peer alike. Figures are median (minimum–maximum) over the rounds;
ratios are taken within a round. CPU time is that of the peer's whole process tree, RSS its peak within a cell.
"""

import argparse
import json
import os
import signal
import sys

from rig import behaviour, bodies, peers, startup, stored
from rig.bars import bars
from rig.load import Rig
from rig.report import report
from rig.server import DidNotStart


def words(text):
    return [word for word in text.split(",") if word]


def read_options():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--torii", help="the binary; without it only the others are measured")
    arguments.add_argument("--tools", required=True, help="folder with upstream and sload")
    arguments.add_argument("--work", required=True, help="folder for logs, bodies and results")
    arguments.add_argument("--peers", type=words, default="direct,nginx,node,torii")
    arguments.add_argument("--cells", type=words, default="small,large,stream")
    arguments.add_argument("--streams", type=words, default="64,2000", help="numbers of slow streams")
    arguments.add_argument("--slow", default="slow", help="body of the slow streams")
    arguments.add_argument("--dialect", default="auto", help="what torii's provider speaks: chat makes torii translate")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=int, default=5, help="length of a cell")
    arguments.add_argument("--connections", type=int, default=64)
    arguments.add_argument("--stored", type=int, default=2000, help="number of responses of 1 MB that torii keeps")
    arguments.add_argument("--no-faults", action="store_true", help="leave out aborts and faults")
    arguments.add_argument("--strict", action="store_true", help="exit 1 if a bar is missed")
    return arguments.parse_args()


class Bench:
    def __init__(self, options, rig):
        self.options, self.rig = options, rig

    def start(self, peer):
        folder, port = self.options.work, self.rig.upstream.port
        if peer == "direct":
            return None
        if peer == "nginx":
            return peers.nginx(port, folder)
        if peer == "node":
            return peers.node(port, folder)
        return peers.torii(self.options.torii, port, folder, self.options.dialect)

    def round(self, peer):
        """One round of one peer; what cannot be had is named in the result."""
        try:
            server = self.start(peer)
        except (peers.Unavailable, DidNotStart) as reason:
            return {"missing": str(reason)}
        try:
            return self.measure(peer, server)
        except (AssertionError, RuntimeError, OSError, ValueError) as reason:
            return {"invalid": f"{type(reason).__name__} {reason}"[:300]}
        finally:
            if server:
                server.stop()

    def measure(self, peer, server):
        port = server.port if server else self.rig.upstream.port
        self.rig.check(port)
        result = {"cells": {}, "streams": {}}
        if self.options.cells:
            for name in ("small", "stream"):
                self.rig.wrk(port, name, 3 if peer == "node" else 1, self.options.connections)
        for name in self.options.cells:
            cell = self.rig.throughput(server, name, self.options.seconds, self.options.connections)
            if cell.pop("invalid"):
                result["invalid"] = f"{name}: not what the upstream answered"
            else:
                result["cells"][name] = cell
        for count in self.options.streams:
            result["streams"][count] = self.rig.streams(server, self.options.slow, int(count))
        if server and not self.options.no_faults:
            result["abort_ms"] = behaviour.abort_ms(self.rig, port)
            result["faults"] = behaviour.faults(self.rig, port)
        self.rig.check(port)
        if peer == "torii":
            result["version_ms"] = startup.version_ms(self.options.torii)
            folder = self.options.work
            result["listening_ms"] = startup.listening_ms(self.options.torii, self.rig.upstream.port, folder)
            if self.options.stored:
                result["stored"] = self.store(folder)
        return result

    def store(self, folder):
        """A gateway of its own: what is kept stays in its cache. It has to translate, else the upstream keeps it."""
        server = peers.torii(self.options.torii, self.rig.upstream.port, folder, "chat")
        try:
            return stored.measure(server, self.options.stored)
        finally:
            server.stop()
            peers.forget_state(folder)

    def check_upstream(self):
        upstream = self.rig.upstream
        if not upstream.alive():
            sys.exit(f"the upstream died with {upstream.process.returncode}: {upstream.output()[-500:]}")

    def run(self):
        rounds = {peer: [] for peer in self.options.peers if peer != "torii" or self.options.torii}
        for number in range(self.options.rounds):
            for peer in rounds:
                print(f"round {number + 1} of {self.options.rounds}: {peer}", file=sys.stderr, flush=True)
                rounds[peer].append(self.round(peer))
                self.check_upstream()
        return rounds


def weigh_like_one_session():
    """With sched_autogroup, a session is one unit to the scheduler: the rig's own, a little above the others."""
    try:
        os.setsid()
        with open("/proc/self/autogroup", "w") as file:
            file.write("-10")
    except OSError:
        pass


def main():
    options = read_options()
    options.work = os.path.abspath(options.work)
    os.makedirs(options.work, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    weigh_like_one_session()
    bodies.write(f"{options.work}/bodies")
    upstream = peers.upstream(options.tools, options.work)
    try:
        rounds = Bench(options, Rig(upstream, options.tools, f"{options.work}/bodies")).run()
    finally:
        upstream.stop()
    text = report(rounds, options.cells, options.streams)
    print(text)
    with open(f"{options.work}/results.md", "w") as file:
        file.write(text)
    with open(f"{options.work}/results.json", "w") as file:
        json.dump(rounds, file, indent=1)
    missed = [bar.name for bar in bars(rounds) if bar.verdict() == "MISSED"] if options.torii else []
    broken = any("invalid" in one for many in rounds.values() for one in many)
    return 1 if broken or (options.strict and missed) else 0


if __name__ == "__main__":
    sys.exit(main())
