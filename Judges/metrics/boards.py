"""What the dashboards ask, as it stands in their JSON, and which rows they have."""

import glob
import json
import os
import re

from metrics.stand import ROOT

# A window in which several scrapes, a second apart, always lie.
FILLED = {"$__rate_interval": "10s", "$__range": "{seconds:.0f}s", "$tenant": ".*", "$provider": ".*"}


class Panel:
    def __init__(self, board, row, panel):
        self.board, self.row, self.kind, self.title = board, row, panel["type"], panel["title"]
        self.field, self.described = panel["fieldConfig"]["defaults"], bool(panel.get("description"))
        self.queries = [(target["expr"], target["legendFormat"]) for target in panel["targets"]]

    @property
    def name(self):
        return f"{self.board}, {self.row}, {self.title}"


class Board:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        self.uid, self.title = document["uid"], document["title"].removeprefix("torii: ")
        self.variables = [variable for variable in document["templating"]["list"] if variable["type"] == "query"]
        self.panels, row = [], ""
        for panel in document["panels"]:
            if panel["type"] == "row":
                row = panel["title"]
            for one in panel["panels"] if panel["type"] == "row" else [panel]:
                self.panels.append(Panel(self.title, row, one))

    def rows(self):
        names = dict.fromkeys(panel.row for panel in self.panels)
        return [(name, [panel for panel in self.panels if panel.row == name]) for name in names]


def boards():
    return [Board(path) for path in sorted(glob.glob(os.path.join(ROOT, "deploy/grafana/dashboards/*.json")))]


def fill(expression, seconds):
    """Puts values in the place of variables, as Grafana does."""
    for name, value in FILLED.items():
        expression = expression.replace(name, value.format(seconds=seconds))
    if "$" in expression:
        raise RuntimeError(f"a variable is left: {expression}")
    return expression


def values_of(variable):
    """What a variable asks for: (metric, label)."""
    return re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"]).groups()
