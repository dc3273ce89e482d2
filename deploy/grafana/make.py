#!/usr/bin/env python3
"""Writes the dashboards of dashboards/ as Grafana reads them.

    make.py [--check]        --check writes nothing, and fails where a file is not what would be written

What a panel asks stands in overview.py, providers.py, tenants.py and capacity.py; here is what Grafana wants around it.
"""

import json
import os
import sys

import capacity
import overview
import providers
import tenants

HERE = os.path.dirname(os.path.abspath(__file__))
BOARDS = (overview, providers, tenants, capacity)
# That of Grafana 12.0; later ones read it and bring it up to theirs, 11 takes it as it is.
SCHEMA = 41
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, ROW_HEIGHT = 24, 1
HEIGHTS = {"stat": 4, "timeseries": 8, "bargauge": 8, "state-timeline": 8}


def variable(name, label, query):
    """A variable of which several values, or all of them, may be chosen."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "definition": query,
        "query": {"query": query, "refId": f"variable-{name}"},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "options": [],
    }


VARIABLES = [
    {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "refresh": 1,
        "current": {"selected": False, "text": "Prometheus", "value": "prometheus"},
        "options": [],
    },
    variable("tenant", "Tenant", "label_values(torii_requests_total, tenant)"),
    variable("provider", "Provider", "label_values(torii_requests_total, provider)"),
]


def field_config(panel):
    steps = [{"color": color, "value": value} for value, color in panel.steps or [(None, "green")]]
    defaults = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}, "color": {"mode": "thresholds"}}
    if panel.decimals is not None:
        defaults["decimals"] = panel.decimals
    if panel.least is not None:
        defaults["min"] = panel.least
    if panel.most is not None:
        defaults["max"] = panel.most
    if panel.words:
        options = {str(value): {"text": text, "index": at} for at, (value, text) in enumerate(panel.words)}
        defaults["mappings"] = [{"type": "value", "options": options}]
    if panel.kind == "timeseries":
        defaults["color"] = {"mode": "palette-classic"}
        stacking = {"mode": "normal" if panel.stacked else "none", "group": "A"}
        defaults["custom"] = {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 30 if panel.stacked else 5,
            "showPoints": "never",
            "stacking": stacking,
            "thresholdsStyle": {"mode": "line" if panel.steps else "off"},
        }
    return {"defaults": defaults, "overrides": []}


def options(panel):
    newest = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    if panel.kind == "stat":
        return {"reduceOptions": newest, "textMode": panel.shows, "colorMode": "value", "graphMode": "area"}
    if panel.kind == "bargauge":
        return {"reduceOptions": newest, "orientation": "horizontal", "displayMode": "gradient"}
    legend = {"displayMode": "list", "placement": "bottom", "showLegend": True}
    if panel.kind == "state-timeline":
        return {"legend": legend, "mergeValues": True, "showValue": "auto", "rowHeight": 0.8}
    return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}


def target(panel, at, query):
    made = {"refId": chr(ord("A") + at), "datasource": SOURCE, "expr": query.expression, "legendFormat": query.legend}
    return made | ({"instant": True, "range": False} if panel.kind == "bargauge" else {"instant": False, "range": True})


def dashboard(board):
    panels, at_y = [], 0
    for title, row in board.ROWS:
        panels.append({"id": len(panels) + 1, "type": "row", "title": title, "collapsed": False, "panels": []})
        panels[-1]["gridPos"] = {"x": 0, "y": at_y, "w": WIDTH, "h": ROW_HEIGHT}
        at_y, at_x, height = at_y + ROW_HEIGHT, 0, 0
        for number, panel in enumerate(row):
            # What does not divide evenly is the last one's.
            width = WIDTH // len(row) if number + 1 < len(row) else WIDTH - at_x
            height = max(height, HEIGHTS[panel.kind])
            panels.append(
                {
                    "id": len(panels) + 1,
                    "type": panel.kind,
                    "title": panel.title,
                    "description": panel.description,
                    "datasource": SOURCE,
                    "gridPos": {"x": at_x, "y": at_y, "w": width, "h": HEIGHTS[panel.kind]},
                    "fieldConfig": field_config(panel),
                    "options": options(panel),
                    "targets": [target(panel, at, query) for at, query in enumerate(panel.queries)],
                }
            )
            at_x += width
        at_y += height
    return {
        "uid": board.UID,
        "title": f"torii: {board.TITLE}",
        "description": board.DESCRIPTION,
        "tags": ["torii"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": board.REFRESH,
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": VARIABLES},
        "annotations": {"list": []},
        "links": [
            {
                "title": "torii",
                "type": "dashboards",
                "tags": ["torii"],
                "asDropdown": False,
                "keepTime": True,
                "includeVars": True,
            }
        ],
        "panels": panels,
    }


def main():
    wrong = []
    for board in BOARDS:
        path, text = f"{HERE}/dashboards/{board.UID}.json", json.dumps(dashboard(board), indent=1) + "\n"
        if "--check" not in sys.argv[1:]:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            continue
        try:
            with open(path, encoding="utf-8") as file:
                if file.read() != text:
                    wrong.append(path)
        except OSError:
            wrong.append(path)
    for path in wrong:
        print(f"{path} is not what make.py writes", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
