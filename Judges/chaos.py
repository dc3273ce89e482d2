"""Random faults on a pool of three upstreams, under load, against the real binary.

    chaos.py [--seconds 600] [--seed N] TORII

Asserts that no answer is wrong, cut without its terminal event, or doubled; that no connection, place or buffer leaks; and
that of the requests whose faults all came before the first content at least 99.9 % succeed, and all that met no fault, once
breakers have settled and as long as one of the three upstreams is well. Prints its seed, one line per five seconds, and the verdict.
"""

import argparse
import asyncio
import collections
import json
import os
import random
import sys
import time

import chaos_wire as wire
from chaos_upstream import MOODS, Upstream
from gateways import Gateway, Home

WORKERS = 24
# Longer than the longest rest of a breaker, with the deadline of an attempt that was under way.
SETTLING = 4.0
PHASE = (6.0, 12.0)
CONFIGURATION = """
providers:
{providers}
routes:
  - name: pool
    targets: [{{provider: one, model: m}}, {{provider: two, model: m}}, {{provider: three, model: m}}]
    attempts:
      retries: 1
      backoff: 5ms
      longest_wait: 1s
      repeats_sent: true
      hedges: true
      holds_head: 200ms
server:
  threads: 2
  state: {{file: memory}}
"""
PROVIDER = """  - name: {name}
    base_url: http://127.0.0.1:{port}/v1
    api_key: ""
    dialect: {dialect}
    model: m
    timeouts: {{connect: 1s, first_byte: 700ms, idle: 700ms, total: 30s}}
    max_concurrent: 16
    breaker: {{cooldown: 200ms, max_cooldown: 2s}}
"""


class Tally:
    """What became of all requests."""

    def __init__(self):
        self.counts = collections.Counter()
        self.wrong = []
        self.lost = []
        self.eligible = 0

    def fault(self, what):
        self.counts["wrong"] += 1
        if len(self.wrong) < 20:
            self.wrong.append(what)


class Run:
    def __init__(self, seed, seconds, torii):
        self.seed, self.seconds, self.torii = seed, seconds, torii
        self.dice = random.Random(f"{seed}-clients")
        self.faults = {}
        self.upstreams = [
            Upstream(name, dialect, seed, self.faults)
            for name, dialect in (("one", "chat"), ("two", "messages"), ("three", "ollama"))
        ]
        self.tally = Tally()
        self.port = self.admin = self.pid = 0
        self.next_token = 1
        self.changed = 0.0
        self.ends = 0.0

    async def __call__(self):
        for upstream in self.upstreams:
            await upstream.start()
        providers = "".join(
            PROVIDER.format(name=one.name, port=one.port, dialect=one.dialect) for one in self.upstreams
        )
        with Home(self.torii, CONFIGURATION.format(providers=providers), "chaos") as home:
            gateway = await asyncio.to_thread(Gateway, home, "--log-format", "json")
            try:
                await self._judge(gateway)
            finally:
                gateway.stop()
                for upstream in self.upstreams:
                    upstream.stop()

    async def _judge(self, gateway):
        self.port, self.admin = gateway.port, gateway.admin_port
        self.pid = gateway.process.pid
        baseline = self._sockets()
        self.changed = time.monotonic()
        self.ends = self.changed + self.seconds
        moods = asyncio.create_task(self._moods())
        teller = asyncio.create_task(self._tell())
        reloader = asyncio.create_task(self._reload())
        await asyncio.gather(*(self._work(number) for number in range(WORKERS)))
        for name, task in (("moods", moods), ("teller", teller), ("reloader", reloader)):
            # One that failed has watched, or disturbed, nothing since.
            if task.done() and task.exception():
                self.tally.fault(f"the {name} ended early: {task.exception()!r}")
            task.cancel()
        if not gateway.alive():
            self.tally.fault("torii has ended by itself: " + gateway.output()[-2000:])
            return
        await self._check_leaks(baseline)

    # The upstreams' health

    async def _moods(self):
        """Gives each upstream a mood for a while; one of them is always well."""
        while True:
            well = self.dice.randrange(3)
            for place, upstream in enumerate(self.upstreams):
                upstream.mood = "well" if place == well else self.dice.choice(list(MOODS))
            self.changed = time.monotonic()
            await asyncio.sleep(self.dice.uniform(*PHASE))

    # Clients

    async def _work(self, number):
        dice = random.Random(f"{self.seed}-{number}")
        connection = None
        while time.monotonic() < self.ends:
            token, self.next_token = self.next_token, self.next_token + 1
            dialect, stream = dice.choice(wire.DIALECTS), dice.random() < 0.7
            began, phase = time.monotonic(), self.changed
            leaves = dice.random() if dice.random() < 0.08 else None
            try:
                if connection is None:
                    connection = await asyncio.open_connection("127.0.0.1", self.port)
                outcome = await asyncio.wait_for(
                    self._ask(connection, token, dialect, stream, leaves, dice), timeout=60
                )
            except (wire.Broken, ConnectionError, OSError) as error:
                outcome = f"cut: {error}"
            except asyncio.TimeoutError:
                outcome = "no end within a minute"
            self._judge_answer(token, dialect, stream, outcome, began, phase)
            if outcome != "ok" and not outcome.startswith("error"):
                if connection:
                    connection[1].transport.abort()
                connection = None
        if connection:
            connection[1].close()

    async def _ask(self, connection, token, dialect, stream, leaves, dice):
        reader, writer = connection
        body = wire.request_body(dialect, token, stream)
        writer.write(
            f"POST {wire.PATHS[dialect]} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n".encode() + body
        )
        await writer.drain()
        if leaves is not None and leaves < 0.5:
            await asyncio.sleep(leaves / 10)
            return "left"
        head = await wire.read_head(reader)
        status = int(head.start.split(" ")[1])
        received = b""
        slow = dice.random() < 0.02
        async for piece in wire.read_pieces(reader, head.fields):
            received += piece
            if slow:
                await asyncio.sleep(0.01)
            if leaves is not None and len(received) > leaves * 400:
                return "left"
        if int(head.fields.get("x-torii-attempts", "1")) > 1:
            self.tally.counts["repeated"] += 1
        return self._read(token, dialect, stream, status, received)

    @staticmethod
    def _read(token, dialect, stream, status, received):
        expected = wire.words(token)
        if status >= 400:
            return f"error {status}" if wire.is_error(dialect, received) else f"wrong error: {received[:200]}"
        if not stream:
            text = wire.read_whole(dialect, received)
            return "ok" if text == expected else f"wrong answer: {text[:200]}"
        text, ends, failures = wire.read_stream(dialect, received)
        if ends + failures != 1:
            return f"wrong end ({ends} ends, {failures} failures): {received[-300:]}"
        if failures:
            return "error in stream" if expected.startswith(text) else f"wrong part: {text[:200]}"
        return "ok" if text == expected else f"wrong answer: {text[:200]}"

    def _judge_answer(self, token, dialect, stream, outcome, began, phase):
        faults = self.faults.pop(token, set())
        kind = outcome.split(":")[0].split(" (")[0]
        self.tally.counts[kind] += 1
        if kind.startswith(("wrong", "cut", "no end")):
            self.tally.fault(f"T-{token} {dialect} stream={stream} faults={faults}: {outcome}")
            return
        settled = began - phase >= SETTLING and self.changed == phase
        if outcome == "left" or "late" in faults or "early" not in faults:
            if outcome.startswith("error") and not faults:
                self.tally.counts["failed without a fault"] += 1
                if settled:
                    self.tally.fault(f"T-{token} {dialect} stream={stream} met no fault: {outcome}")
            return
        if not settled:
            return
        self.tally.eligible += 1
        if outcome != "ok":
            self.tally.lost.append(f"T-{token} {dialect} stream={stream}: {outcome}")

    # Leaks

    def _sockets(self):
        folder = f"/proc/{self.pid}/fd"
        count = 0
        for name in os.listdir(folder):
            try:
                count += os.readlink(f"{folder}/{name}").startswith("socket:")
            except OSError:
                pass
        return count

    def _memory(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    async def _administer(self, request):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.admin)
        writer.write(f"{request} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        head = await wire.read_head(reader)
        body = b"".join([piece async for piece in wire.read_pieces(reader, head.fields)])
        writer.close()
        return json.loads(body)

    async def _status(self):
        return await self._administer("GET /status")

    async def _reload(self):
        """Has the same configuration be read again and again, which must be noticed by nobody."""
        while True:
            await asyncio.sleep(self.dice.uniform(1, 5))
            answer = await self._administer("POST /admin/v1/reload")
            if answer.get("config_ok") != 1:
                self.tally.fault(f"a reload was refused: {answer}")
            self.tally.counts["reloads"] += 1

    async def _check_leaks(self, baseline):
        deadline = time.monotonic() + 15
        while True:
            status = await self._status()
            busy = {name: status[name] for name in ("connections", "exchanges_in_flight") if status[name]}
            for one in status["providers"]:
                busy |= {f"{one['name']}.{name}": one[name] for name in ("in_flight", "queued") if one.get(name)}
            kept = sum(len(upstream.open) for upstream in self.upstreams)
            # The administration's own connection may still be there.
            extra = self._sockets() - baseline - kept
            if not busy and extra <= 2:
                break
            if time.monotonic() > deadline:
                self.tally.fault(f"leaked: {busy}, {extra} sockets beside {kept} kept ones")
                break
            await asyncio.sleep(0.25)

    async def _tell(self):
        """Says how it goes, and watches that memory stays what it was once everything has been used."""
        start, warm = time.monotonic(), None
        while True:
            await asyncio.sleep(5)
            now, memory = time.monotonic() - start, self._memory()
            if warm is None and now >= min(60, self.seconds / 2):
                warm = memory
            moods = " ".join(f"{one.name}={one.mood}" for one in self.upstreams)
            print(f"{now:5.0f} s  {memory >> 20} MiB  {moods}  {dict(self.tally.counts)}", flush=True)
            if warm is not None and memory > warm * 1.5 + (64 << 20):
                self.tally.fault(f"memory grew from {warm >> 20} to {memory >> 20} MiB")
                return


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("torii")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"chaos: seed {seed}, {given.seconds:.0f} s", flush=True)
    run = Run(seed, given.seconds, given.torii)
    asyncio.run(run())
    tally = run.tally
    for line in tally.wrong + tally.lost[:20]:
        print(f"FAIL {line}")
    share = 1 - len(tally.lost) / tally.eligible if tally.eligible else 0
    passed = not tally.wrong and tally.eligible > 0 and share >= 0.999
    print(f"chaos: {sum(upstream.requests for upstream in run.upstreams)} attempts for {run.next_token - 1} requests, "
          f"{dict(tally.counts)}")
    print(f"chaos: {tally.eligible - len(tally.lost)} of {tally.eligible} with early faults alone succeeded "
          f"({share:.4%}), seed {seed}: {'passed' if passed else 'FAILED'}")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
