"""What accounting for requests costs: instructions per request, and whether the ledger keeps up under load.

The instructions are those that the journal, budgets and prices add to a request of a tenant's key, against the same gateway with
metering off and a tenant without budgets. The load is as much as the machine gives, for as long as is said.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time

from rig import bodies, peers, proc
from rig.measured import Administration, Measured

BARS = {"instructions": 20_000, "rate": 5_000, "rss_mb": 100, "drain_s": 10}
OFF = "  metering: {enabled: false}\n"


def tenant_key(administration, budgets):
    connection = administration.connection()
    tenant = administration.post(connection, "tenants", {"name": "measured", **budgets})["id"]
    return administration.post(connection, "keys", {"tenant": tenant, "label": "measured"})["key"]


def keyed(options, upstream, folder, more, budgets):
    """A gateway's store with a tenant in it; gives what measures it, its operator's key and the tenant's key."""
    os.makedirs(folder)
    measured = Measured(options.torii, upstream, folder, options.tools, more)
    operator = measured.run("keys", "create", "the benchmark's", "--role", "operator", "--format", "json")["key"]
    gateway = measured.start()
    try:
        return measured, operator, tenant_key(Administration(gateway, operator), budgets)
    finally:
        gateway.stop()


def account(administration):
    connection = administration.connection()
    connection.request("GET", "/status", headers={"authorization": f"Bearer {administration.key}"})
    return json.loads(connection.getresponse().read())["account"]


def load(measured, operator, key, seconds):
    """Asks as fast as is answered; gives the rate, the memory, and how the journal's backlog went."""
    gateway = measured.start()
    try:
        administration = Administration(gateway, operator)
        most, rss, over = [0], [0.0], threading.Event()

        def watch():
            while not over.wait(1):
                most[0] = max(most[0], account(administration)["unfiled_bytes"])
                rss[0] = max(rss[0], proc.memory_mb(proc.tree(gateway.pid)))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            found = measured.rig.wrk(gateway.port, "small", seconds, 64, key)
        finally:
            over.set()
            watcher.join()
        errors = sum(found[kind] for kind in ("e_connect", "e_read", "e_write", "e_status", "e_timeout"))
        if errors > found["requests"] * 0.001:
            raise RuntimeError(f"{errors} errors in {found['requests']} requests")
        stopped = time.monotonic()
        while account(administration)["unfiled_bytes"] > 0 and time.monotonic() - stopped < 120:
            time.sleep(0.1)
        return {
            "rate": found["requests"] / seconds,
            "requests": found["requests"],
            "rss_mb": rss[0],
            "backlog_mb": most[0] / 1e6,
            "drain_s": time.monotonic() - stopped,
            "lost": account(administration)["lost_records"],
        }
    finally:
        gateway.stop()


def measure(options, folder):
    upstream = peers.upstream(options.tools, folder)
    try:
        bodies.write(os.path.join(options.tools, "bodies"))
        none, much = {"daily_budget": None, "monthly_budget": None}, {"daily_budget": 100_000, "monthly_budget": 1_000_000}
        off, _operator, off_key = keyed(options, upstream, f"{folder}/off", OFF, none)
        on, operator, on_key = keyed(options, upstream, f"{folder}/on", "", much)
        without, without_counts = off.steady_instructions(off_key, options.count_seconds)
        with_it, with_counts = on.steady_instructions(on_key, options.count_seconds)
        filing = on.filing
        return {
            "without": without,
            "instructions": with_it - without,
            "filing": filing,
            "counts": [without_counts, with_counts],
            **load(on, operator, on_key, options.seconds),
        }
    finally:
        upstream.stop()


def report(found, seconds):
    rows = [
        ("instructions added to a request", "instructions", "at most", f"{found['instructions']:,.0f} on {found['without']:,.0f}"),
        (f"requests a second, for {seconds} s", "rate", "at least", f"{found['rate']:,.0f}"),
        ("peak RSS, MB", "rss_mb", "at most", f"{found['rss_mb']:.0f}"),
        ("journal filed after the load, s", "drain_s", "at most", f"{found['drain_s']:.1f}"),
    ]
    print("\n| | bar | measured | verdict |\n|---|--:|--:|---|")
    held = found["lost"] == 0
    for name, bar, word, text in rows:
        holds = found[bar] >= BARS[bar] if word == "at least" else found[bar] <= BARS[bar]
        held = held and holds
        print(f"| {name} | {word} {BARS[bar]:,} | {text} | {'holds' if holds else 'MISSED'} |")
    print(f"\nFiling takes {found['filing']:,.0f} instructions a record, on a thread of its own.")
    print(f"{found['requests']:,} requests; the backlog was {found['backlog_mb']:.1f} MB at most; {found['lost']} records lost")
    return held


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--torii", required=True, help="the binary")
    parser.add_argument("--tools", required=True, help="the folder with the built upstream")
    parser.add_argument("--seconds", type=int, default=300, help="of load")
    parser.add_argument("--count-seconds", type=int, default=6, help="of load while instructions are counted")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torii-metering-") as folder:
        return 0 if report(measure(options, folder), options.seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
