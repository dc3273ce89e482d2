"""Kills the gateway in the middle of its work, again and again: what was settled is in the account, once (F14).

    kill_rounds.py [--rounds 200] [--seed N] TORII

Asserts that every request whose answer a client has seen to its end is recorded exactly once, that no request is recorded
twice, that the budgets' spend is the sum of the records, and that nothing stays set aside for requests that died. Prints its
seed, one line per twenty rounds, and the verdict.
"""

import argparse
import asyncio
import collections
import json
import os
import random
import signal
import sys
import time

import chaos_wire as wire
from chaos_upstream import Upstream
from gateways import Gateway, Home

WORKERS = 16
CONFIGURATION = """
providers:
  - {{name: one, base_url: "http://127.0.0.1:{port}/v1", api_key: "", dialect: chat, model: m}}
prices: {{unknown: {{input: 2, output: 10}}}}
server: {{threads: 2, metering: {{segment_bytes: 64KiB}}}}
"""


class Rounds:
    def __init__(self, torii, seed, rounds):
        self.torii, self.rounds = torii, rounds
        self.dice = random.Random(f"{seed}-kills")
        self.upstream = Upstream("one", "chat", seed, {})
        self.settled, self.seen = set(), collections.Counter()
        self.token = 0
        self.home = None
        self.key = self.operator = ""
        self.faults = []

    async def __call__(self):
        await self.upstream.start()
        with Home(self.torii, CONFIGURATION.format(port=self.upstream.port), "kills") as self.home:
            self.operator = self.run("keys", "create", "the judge's", "--role", "operator")["key"]
            tenant = self.run("tenants", "create", "acme", "--daily-budget", "100000", "--monthly-budget", "1000000")["id"]
            self.key = self.run("keys", "create", "load", "--tenant", tenant)["key"]
            for number in range(1, self.rounds + 1):
                await self.round()
                if number % 20 == 0:
                    print(f"{number:4d} rounds, {len(self.settled)} answers seen whole, {dict(self.seen)}", flush=True)
            try:
                return await asyncio.to_thread(self.verdict)
            finally:
                self.upstream.stop()

    def run(self, *words, parse=True):
        printed = self.home.run(*words, *(["--format", "json"] if parse else []), TORII_API_KEY=self.operator)
        return json.loads(printed) if parse else printed

    def start(self):
        return Gateway(self.home, "--log-format", "json")

    # Load

    async def round(self):
        if self.dice.random() < 0.15:
            return await self.stillborn()
        gateway = await asyncio.to_thread(self.start)
        try:
            self.faults += await asyncio.to_thread(self.reserved, gateway)
            workers = [asyncio.create_task(self.work(gateway.port)) for _ in range(WORKERS)]
            # Longer than it takes until the journal is filed, or shorter.
            await asyncio.sleep(self.dice.choice((self.dice.uniform(0.02, 0.4), self.dice.uniform(0.45, 2.0))))
            os.kill(gateway.process.pid, signal.SIGKILL)
            await asyncio.gather(*workers)
        finally:
            await asyncio.to_thread(gateway.stop)

    async def stillborn(self):
        """Kills one that files what the one before has left."""
        child = await asyncio.create_subprocess_exec(
            *self.home.serve(),
            env={**os.environ, **self.home.environment},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await asyncio.sleep(self.dice.uniform(0.005, 0.2))
        child.kill()
        await child.wait()

    def reserved(self, gateway):
        """What is set aside before anything was asked: nothing, or it is for requests that died."""
        budgets = self.run("budgets", "--url", gateway.administration)
        return [f"{budget['reserved_usd']} USD are set aside at a start" for budget in budgets if budget["reserved_usd"]]

    async def work(self, port):
        """Asks until the gateway is gone."""
        writer = None
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while True:
                self.token += 1
                await self.ask(reader, writer, self.token, self.dice.random() < 0.5)
        except (wire.Broken, ConnectionError, OSError):
            pass
        finally:
            if writer:
                writer.transport.abort()

    async def ask(self, reader, writer, token, stream):
        body = wire.request_body("chat", token, stream)
        writer.write(
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {self.key}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
        )
        head = await wire.read_head(reader)
        async for _piece in wire.read_pieces(reader, head.fields):
            pass
        self.settled.add(head.fields["x-request-id"])
        self.seen[head.start.split(" ")[1]] += 1

    # The account

    def verdict(self):
        gateway = self.start()
        try:
            deadline = time.monotonic() + 60
            while True:
                records = self.records(gateway)
                counts = collections.Counter(record["request_id"] for record in records)
                lost = self.settled - counts.keys()
                if not lost or time.monotonic() > deadline:
                    break
                time.sleep(0.5)
            faults = list(self.faults)
            if lost:
                faults.append(f"{len(lost)} answers were seen whole and are not recorded, such as {min(lost)}")
            doubled = [name for name, count in counts.items() if count > 1]
            if doubled:
                faults.append(f"{len(doubled)} requests are recorded twice, such as {doubled[0]}")
            faults += self.budget_faults(gateway, records)
            print(f"{len(records)} records, {len(self.settled)} answers seen whole in {self.rounds} rounds", flush=True)
            if not self.settled:
                faults.append("no answer was seen at all")
            return faults
        finally:
            gateway.stop()

    def records(self, gateway):
        words = ["usage", "export", "--format", "jsonl", "--url", gateway.administration]
        return [json.loads(line) for line in self.run(*words, parse=False).splitlines()]

    def budget_faults(self, gateway, records):
        faults = []
        today = max(record["day"] for record in records)
        sums = {
            "day": sum(record["cost_usd"] for record in records if record["day"] == today),
            "month": sum(record["cost_usd"] for record in records if record["day"][:7] == today[:7]),
        }
        for budget in self.run("budgets", "--url", gateway.administration):
            if budget["reserved_usd"]:
                faults.append(f"{budget['reserved_usd']} USD are still set aside in the {budget['period']} budget")
            spent = sums[budget["period"]]
            if abs(budget["spent_usd"] - spent) > 1e-6:
                faults.append(f"the {budget['period']} budget has spent {budget['spent_usd']}, the records say {spent}")
        return faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("torii")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"kill rounds: seed {seed}, {given.rounds} rounds", flush=True)
    faults = asyncio.run(Rounds(given.torii, seed, given.rounds)())
    for fault in faults:
        print(f"FAIL {fault}")
    print(f"kill rounds: seed {seed}: {'FAILED' if faults else 'passed'}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
