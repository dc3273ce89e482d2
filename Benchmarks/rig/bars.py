"""The bars that torii has to clear, and the verdict on each."""

from rig.statistics import column, differences, median, ratios, spread

CELL_BARS = {"small": 2.0, "large": 1.8, "stream": 1.5}
CELL_NAMES = {"small": "276 B body", "large": "98 KB body", "stream": "64-chunk stream"}
CELLS_RSS_MB = 40
MANY_STREAMS, MANY_STREAMS_RSS_MB = "2000", 90
FEW_STREAMS, FIRST_BYTE_ADDED_MS = "64", 0.3
ABORT_MS = 50
STORED_RSS_MB = 80
VERSION_MS, LISTENING_MS = 15, 80


class Bar:
    def __init__(self, name, limit, values, unit="", digits=2, worst=False):
        """`worst` judges the worst round, else the median one."""
        self.name, self.limit, self.values = name, limit, values
        self.unit, self.digits, self.worst = unit, digits, worst

    def value(self):
        return (max(self.values) if self.values else None) if self.worst else median(self.values)

    def verdict(self):
        if self.value() is None:
            return "not measured"
        return "holds" if self.value() <= self.limit else "MISSED"

    def row(self):
        measured = spread(self.values, self.digits) + (f" {self.unit}" if self.unit and self.values else "")
        limit = f"{self.limit:g} {self.unit}".strip()
        return f"| {self.name} | {limit} | {measured} | {self.verdict()} |"


def bars(rounds):
    """From {peer: [one dictionary per round]}."""
    torii, nginx, direct = (rounds.get(name, []) for name in ("torii", "nginx", "direct"))
    for cell, limit in CELL_BARS.items():
        name = f"CPU per request ÷ nginx, {CELL_NAMES[cell]}"
        yield Bar(name, limit, ratios(torii, nginx, "cells", cell, "cpu_us"))
    memory = [value for cell in CELL_BARS for value in column(torii, "cells", cell, "rss_mb")]
    yield Bar("peak RSS over these cells", CELLS_RSS_MB, memory, "MB", 0, worst=True)
    many = column(torii, "streams", MANY_STREAMS, "rss_mb")
    yield Bar("peak RSS at 2,000 slow streams", MANY_STREAMS_RSS_MB, many, "MB", 0, worst=True)
    added = differences(torii, direct, "streams", FEW_STREAMS, "first_byte_p50_ms")
    yield Bar("time to first byte added, 64 slow streams, p50", FIRST_BYTE_ADDED_MS, added, "ms")
    failed = column(torii, "streams", MANY_STREAMS, "failed")
    yield Bar("failed of 2,000 slow streams", 0, failed, digits=0, worst=True)
    aborts = column(torii, "abort_ms")
    yield Bar("client abort reaches upstream", ABORT_MS, aborts, "ms", 1, worst=True)
    stored = column(torii, "stored", "rss_mb") + column(torii, "stored", "read_rss_mb")
    yield Bar("peak RSS while 2,000 responses of 1 MB are stored", STORED_RSS_MB, stored, "MB", 0, worst=True)
    yield Bar("torii --version, wall", VERSION_MS, column(torii, "version_ms"), "ms", 1)
    yield Bar("exec to listening of torii serve", LISTENING_MS, column(torii, "listening_ms"), "ms", 1)
