"""The tables: every figure as median (minimum–maximum) over the rounds."""

from rig.bars import CELL_NAMES, bars
from rig.statistics import column, differences, ratios, relative_spread, spread

DISTURBED = 0.15  # cores that others used while a cell was measured
SHAKY = 30  # percent between the best and the worst round


def cell_table(rounds, cell):
    yield f"\n### {CELL_NAMES.get(cell, cell)}\n"
    yield "| peer | requests/s | p50 ms | p99 ms | CPU µs/request | ÷ nginx | peak RSS MB |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    base = rounds.get("nginx", [])
    for peer, mine in rounds.items():
        figure = lambda key, mine=mine: column(mine, "cells", cell, key)  # noqa: E731
        if not figure("rps"):
            continue
        share = spread(ratios(mine, base, "cells", cell, "cpu_us"), 2)
        yield (
            f"| {peer} | {spread(figure('rps'), 0)} | {spread(figure('p50_ms'), 2)} | {spread(figure('p99_ms'), 2)} "
            f"| {spread(figure('cpu_us'))} | {share} | {spread(figure('rss_mb'), 0)} |"
        )


def streams_table(rounds, count):
    yield f"\n### {int(count):,} slow streams (150 chunks, 20 ms apart)\n"
    yield (
        "| peer | failed | first byte p50 ms | added | per chunk p50 µs | added | p99 µs | CPU µs/chunk | peak RSS MB |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    base = rounds.get("direct", [])
    for peer, mine in rounds.items():
        figure = lambda key, mine=mine: column(mine, "streams", count, key)  # noqa: E731
        if not figure("failed"):
            continue
        first, chunk = (
            spread(differences(mine, base, "streams", count, key), digits) if peer != "direct" else "-"
            for key, digits in (("first_byte_p50_ms", 2), ("one_way_p50_us", 0))
        )
        yield (
            f"| {peer} | {spread(figure('failed'), 0)} | {spread(figure('first_byte_p50_ms'), 2)} | {first} "
            f"| {spread(figure('one_way_p50_us'), 0)} | {chunk} | {spread(figure('one_way_p99_us'), 0)} "
            f"| {spread(figure('cpu_us_chunk'), 2)} | {spread(figure('rss_mb'), 0)} |"
        )


def behaviour_table(rounds):
    if not any(column(mine, "faults") for mine in rounds.values()):
        return
    yield "\n### When something goes wrong\n"
    yield (
        "| peer | a client's departure reaches the upstream after, ms | upstream cut after 5 chunks "
        "| upstream says 429 | bad JSON |"
    )
    yield "|---|--:|---|---|---|"
    for peer, mine in rounds.items():
        faults = column(mine, "faults")
        if peer == "direct" or not faults:
            continue
        aborts = spread(column(mine, "abort_ms")) if column(mine, "abort_ms") else "never"
        yield f"| {peer} | {aborts} | {faults[0]['cut']} | {faults[0]['429']} | {faults[0]['bad JSON']} |"


def bars_table(rounds):
    yield "\n### The bars\n"
    yield "| | at most | measured | verdict |"
    yield "|---|--:|--:|---|"
    for bar in bars(rounds):
        yield bar.row()


def cautions(rounds):
    """What makes a figure doubtful."""
    for peer, mine in rounds.items():
        for kind in ("cells", "streams"):
            for name in sorted({name for one in mine for name in one.get(kind, {})}):
                others = max(column(mine, kind, name, "foreign_cores"), default=0)
                if others > DISTURBED:
                    yield f"- {peer}, {name}: other work used up to {others:.2f} cores meanwhile"
                shaken = relative_spread(column(mine, kind, name, "cpu_us"))
                if shaken and shaken > SHAKY:
                    yield f"- {peer}, {name}: CPU per request differs by {shaken:.0f} % between rounds"
        for reason in column(mine, "missing") + column(mine, "invalid"):
            yield f"- {peer}: {reason}"


def report(rounds, cells, streams):
    lines = []
    for cell in cells:
        lines += cell_table(rounds, cell)
    for count in streams:
        lines += streams_table(rounds, count)
    lines += behaviour_table(rounds)
    if "torii" in rounds:
        lines += bars_table(rounds)
    doubts = list(cautions(rounds))
    if doubts:
        lines += ["\n### Cautions\n", *doubts]
    return "\n".join(lines) + "\n"
