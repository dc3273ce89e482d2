"""What 10,000 keys in 500 tenants cost: instructions per request, memory, the time to start, and exact admission.

Instructions are counted by callgrind, so that a busy machine does not show in them; each count is taken twice and has to
come out within a hundredth of itself.
"""

import argparse
import asyncio
import concurrent.futures
import json
import os
import sys
import tempfile
import time

from rig import bodies, peers, proc, startup
from rig.measured import Administration, Measured
from rig.statistics import spread

TENANTS, KEYS = 500, 10_000
CONCURRENT, ADMITTED = 2_000, 1_000
BARS = {"instructions": 40_000, "rss_mb": 60, "start_ms": 300}


def fill(administration):
    """Makes the tenants and their keys; returns one of the keys."""

    def share(first):
        connection, made = administration.connection(), None
        for number in range(first, TENANTS, 4):
            tenant = administration.post(connection, "tenants", {"name": f"tenant {number}"})["id"]
            for key in range(KEYS // TENANTS):
                values = {"tenant": tenant, "label": f"key {key}", "models": ["gpt-*", "rig/*"]}
                made = administration.post(connection, "keys", values)["key"]
        return made

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(share, range(4)))[0]


async def admitted(port, body, key):
    """How many of the requests that were sent at once were answered 200, and how many 429, and within how many seconds."""
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    gate = asyncio.Event()

    async def one():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await gate.wait()
        writer.write(head.encode() + body)
        await writer.drain()
        line = await asyncio.wait_for(reader.readline(), 60)
        writer.close()
        return int(line.split()[1])

    asked = [asyncio.create_task(one()) for _ in range(CONCURRENT)]
    await asyncio.sleep(3)
    started = time.monotonic()
    gate.set()
    statuses = await asyncio.gather(*asked)
    taken = time.monotonic() - started
    return {status: statuses.count(status) for status in sorted(set(statuses))}, taken


def measure(options, folder):
    upstream = peers.upstream(options.tools, folder)
    try:
        bodies.write(os.path.join(options.tools, "bodies"))
        measured = Measured(options.torii, upstream, folder, options.tools)
        plain, plain_counts = measured.steady_instructions(peers.KEY, options.seconds)
        operator = measured.run("keys", "create", "the benchmark's", "--role", "operator", "--format", "json")["key"]
        gateway = measured.start()
        try:
            key = fill(Administration(gateway, operator))
        finally:
            gateway.stop()
        starts = [startup.listening_ms(options.torii, upstream.port, folder) for _ in range(7)]
        gateway = measured.start()
        try:
            measured.rig.wrk(gateway.port, "small", 3, 64, key)
            rss = proc.memory_mb(proc.tree(gateway.pid))
            administration = Administration(gateway, operator)
            connection = administration.connection()
            tenant = administration.post(connection, "tenants", {"name": "the limited one"})["id"]
            values = {"tenant": tenant, "label": "limited", "requests_per_minute": ADMITTED}
            limited = administration.post(connection, "keys", values)["key"]
            statuses, seconds = asyncio.run(admitted(gateway.port, measured.rig.body("small"), limited))
        finally:
            gateway.stop()
        keyed, keyed_counts = measured.steady_instructions(key, options.seconds)
        return {
            "instructions_plain": plain,
            "instructions_keyed": keyed,
            "instructions": keyed - plain,
            "counts": [plain_counts, keyed_counts],
            "rss_mb": rss,
            "start_ms": starts,
            "statuses": statuses,
            "seconds": seconds,
        }
    finally:
        upstream.stop()


def report(found):
    start = sorted(found["start_ms"])[len(found["start_ms"]) // 2]
    rows = [
        ("instructions added to a 276 B request", BARS["instructions"], found["instructions"], f"{found['instructions']:,.0f}"),
        ("peak RSS, MB", BARS["rss_mb"], found["rss_mb"], f"{found['rss_mb']:.0f}"),
        ("exec to listening, ms", BARS["start_ms"], start, spread(found["start_ms"])),
    ]
    print(f"\n{KEYS:,} keys in {TENANTS} tenants; {found['instructions_plain']:,.0f} instructions a request without any\n")
    print("| | at most | measured | verdict |\n|---|--:|--:|---|")
    for name, bar, value, text in rows:
        print(f"| {name} | {bar:,} | {text} | {'holds' if value <= bar else 'MISSED'} |")
    served, refused = found["statuses"].get(200, 0), found["statuses"].get(429, 0)
    # Time pays for more of them while they come in.
    due = int(found["seconds"] * ADMITTED / 60)
    exact = ADMITTED <= served <= ADMITTED + due and served + refused == CONCURRENT
    verdict = "holds" if exact else "MISSED"
    print(f"| admitted of {CONCURRENT:,} at once where {ADMITTED:,} may | {ADMITTED + due:,} | {found['statuses']} | {verdict} |")
    return exact and all(value <= bar for _name, bar, value, _text in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--torii", required=True, help="the binary")
    parser.add_argument("--tools", required=True, help="the folder with the built upstream")
    parser.add_argument("--seconds", type=int, default=6, help="of load while instructions are counted")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torii-tenants-") as folder:
        return 0 if report(measure(options, folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
