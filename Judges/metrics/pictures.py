"""Draws each row of each dashboard from what Prometheus knows of a run, one SVG for each row."""

import glob
import math
import os
import re

import matplotlib

matplotlib.use("svg")
# Text stays text, and the same data is the same file.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "torii", "font.size": 8, "axes.titlesize": 9})

from matplotlib import pyplot  # noqa: E402
from matplotlib.patches import Patch  # noqa: E402
from matplotlib.ticker import FuncFormatter  # noqa: E402

from metrics import boards  # noqa: E402

MOST = 12  # series of one picture
UNITS = {"s": " s", "d": " d", "reqps": "/s", "cps": "/s", "none": "", "bytes": "B", "currencyUSD": " $"}
COLORS = {"green": "#2e8b57", "orange": "#e08a00", "red": "#c0392b"}


class Run:
    """What Prometheus knows of a run until `end`; `moment` is the one of which single numbers are shown."""

    def __init__(self, prometheus, moment, end, names):
        self.prometheus, self.moment, self.end, self.names = prometheus, moment, end, names

    def series(self, panel):
        """(name, [(seconds since the start, value)]) of all that a panel asks for."""
        found = []
        for query, legend in panel.queries:
            filled = boards.fill(query, self.end - self.prometheus.begun)
            for labels, values in self.prometheus.since_start(filled, end=self.end):
                known = [(at - self.prometheus.begun, value) for at, value in values if math.isfinite(value)]
                if known:
                    found.append((self.written(legend, labels), known))
        return found

    def written(self, legend, labels):
        """A legend with names in the place of ids and ports, which are of this run alone."""
        text = re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), legend).strip()
        for made_up, name in self.names.items():
            text = text.replace(made_up, name)
        return re.sub(r"127\.0\.0\.1:\d+", "gateway", text) or ("none" if "{{" in legend else "")

    def at_moment(self, values):
        """The newest value that was known then."""
        return next(
            (value for at, value in reversed(values) if at <= self.moment - self.prometheus.begun), values[0][1]
        )


def draw(prometheus, folder, moment, end, names):
    run = Run(prometheus, moment, end, names)
    os.makedirs(folder, exist_ok=True)
    for path in glob.glob(f"{folder}/*.svg"):
        os.unlink(path)
    for board in boards.boards():
        for row, panels in board.rows():
            name = re.sub(r"[^a-z]+", "-", f"{board.title} {row}".lower())
            draw_row(run, f"{board.title}: {row}", panels, f"{folder}/{name}.svg")
            print(f"drew {folder}/{name}.svg", flush=True)


def draw_row(run, title, panels, path):
    is_small = all(panel.kind == "stat" for panel in panels)
    widths = [WIDTHS[panel.kind] for panel in panels]
    size = (sum(widths), 1.2 if is_small else 3.4)
    figure, places = pyplot.subplots(
        1, len(panels), figsize=size, squeeze=False, width_ratios=widths, layout="constrained"
    )
    figure.suptitle(title, x=0.005, ha="left", fontweight="bold", fontsize=10)
    for panel, place in zip(panels, places[0]):
        place.set_title(panel.title, loc="left")
        KINDS[panel.kind](run, place, panel, run.series(panel))
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def legend(place, handles=None):
    place.legend(handles=handles, fontsize=6, loc="upper left", bbox_to_anchor=(0, -0.1), ncols=2, frameon=False)


def number(value, unit):
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if abs(value) >= 1000 and unit not in ("bytes", "none"):
        return f"{value:,.0f}{UNITS.get(unit, '')}"
    prefix = ""
    if unit in ("bytes", "none"):
        for prefix, size in (("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1)):
            if abs(value) >= size:
                break
        value /= size
        prefix = " " + prefix if unit == "bytes" else prefix
    elif unit == "s" and 0 < abs(value) < 1:
        return f"{value * 1000:.3g} ms"
    return f"{value:.3g}{prefix}{UNITS.get(unit, '')}"


def color_of(panel, value):
    steps = panel.field["thresholds"]["steps"]
    reached = [step["color"] for step in steps if step["value"] is None or value >= step["value"]]
    return COLORS[reached[-1]]


def words_of(panel):
    mappings = panel.field.get("mappings") or [{"options": {}}]
    return {float(value): option["text"] for value, option in mappings[0]["options"].items()}


def loudest(series):
    return sorted(series, key=lambda one: -max(abs(value) for _, value in one[1]))[:MOST]


def lines(run, place, panel, series):
    drawn = loudest(series)
    if panel.field.get("custom", {}).get("stacking", {}).get("mode") == "normal" and drawn:
        times = sorted({at for _, values in drawn for at, _ in values})
        heights = [[dict(values).get(at, 0) for at in times] for _, values in drawn]
        place.stackplot(times, heights, labels=[name for name, _ in drawn], alpha=0.8)
    else:
        for name, values in drawn:
            place.plot(*zip(*gaps(values)), linewidth=1, label=name)
    highest = place.get_ylim()[1]
    for step in panel.field["thresholds"]["steps"][1:]:
        if step["value"] <= highest:
            place.axhline(step["value"], color=COLORS[step["color"]], linewidth=0.8, linestyle=":")
    if panel.field.get("min") == 0:
        place.set_ylim(bottom=0)
    place.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, panel.field["unit"])))
    place.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} s"))
    if any(name for name, _ in drawn):
        legend(place)


def gaps(values):
    """A line is broken where nothing is known."""
    made = []
    for at, value in values:
        if made and at - made[-1][0] > 2.5:
            made.append((at, math.nan))
        made.append((at, value))
    return made


def stat(run, place, panel, series):
    place.axis("off")
    words = words_of(panel)
    shown = [(name, run.at_moment(values)) for name, values in series][:2]
    for at, (name, value) in enumerate(shown):
        text = words.get(value) or number(value, panel.field["unit"])
        if panel.field["unit"] == "none" and name.count("(") == 1:
            text = name.removeprefix("gateway ")
        size = 16 if len(text) < 12 else 8
        place.text(0, 0.45 - at * 0.4, text, fontsize=size, color=color_of(panel, value), transform=place.transAxes)


def bars(run, place, panel, series):
    drawn = sorted(((name, run.at_moment(values)) for name, values in series), key=lambda one: one[1])[-10:]
    for name, value in drawn:
        place.barh(name, value, color=color_of(panel, value))
        place.text(value, name, " " + number(value, panel.field["unit"]), va="center", fontsize=6)
    place.tick_params(axis="y", labelsize=6)
    place.margins(x=0.2)
    place.set_xlim(left=min([0, *(value for _, value in drawn)]))
    place.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, panel.field["unit"])))


def states(run, place, panel, series):
    words = words_of(panel)
    for name, values in series[:MOST]:
        for at, value in values:
            place.barh(name, 1, left=at, color=color_of(panel, value), height=0.6)
    place.tick_params(axis="y", labelsize=6)
    place.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} s"))
    legend(place, [Patch(color=color_of(panel, value), label=text) for value, text in words.items()])


WIDTHS = {"timeseries": 3.4, "stat": 1.7, "bargauge": 4.2, "state-timeline": 3.8}
KINDS = {"timeseries": lines, "stat": stat, "bargauge": bars, "state-timeline": states}
