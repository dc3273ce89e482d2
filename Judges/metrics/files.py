"""What can be said of deploy/ and its runbook without a gateway."""

import re
import subprocess
import sys

import judging
from metrics import boards
from metrics.stand import DEPLOY, ROOT, SCRAPE_TOKEN, copy_rules


def judge(tally):
    folder = judging.scratch("prometheus-files")
    copy_rules(folder, SCRAPE_TOKEN, {})
    for words in ("check config prometheus.yml", "check rules recording.yml alerts.yml", "test rules alerts.test.yml"):
        tally.run(f"promtool {words}", lambda words=words: promtool(folder, *words.split()))
    judging.drop(folder)
    tally.run("every alert has its place in the runbook", runbook)
    tally.run("every recorded rule is asked for", recorded)
    tally.run("every alert fires in one unit test and does not in another", unit_tests)
    tally.run("the dashboards are what make.py writes", made)
    tally.run("every panel has a description, and no two of a row one name", described)


def promtool(folder, *words, given=None):
    done = subprocess.run(["promtool", *words], cwd=folder, input=given, capture_output=True, text=True, timeout=60)
    said = (done.stdout + done.stderr).strip()
    assert done.returncode == 0, f"{done.returncode}: {said[-1500:]}"
    return said.splitlines()[-1] if said else ""


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def alerts():
    return re.findall(r"- alert: (\w+)", text_of(f"{DEPLOY}/alerts.yml"))


def runbook():
    rules, headings = text_of(f"{DEPLOY}/alerts.yml"), re.findall(
        r"^## (\w+)$", text_of(f"{ROOT}/docs/runbook.md"), re.MULTILINE
    )
    assert headings == alerts(), f"{headings} and {alerts()}"
    links = re.findall(r"runbook_url: (\S+)", rules)
    assert links == [f"docs/runbook.md#{name.lower()}" for name in alerts()], links
    severities = re.findall(r"severity: (\w+)", rules)
    assert len(severities) == len(links) and set(severities) <= {"warning", "critical"}, severities
    return f"{len(links)} alerts"


def recorded():
    names = re.findall(r"- record: (\S+)", text_of(f"{DEPLOY}/recording.yml"))
    asked = re.sub(r"- record: \S+", "", text_of(f"{DEPLOY}/recording.yml")) + text_of(f"{DEPLOY}/alerts.yml")
    asked += " ".join(query for board in boards.boards() for panel in board.panels for query, _ in panel.queries)
    unused = [name for name in names if name not in asked]
    assert not unused, unused
    return f"{len(names)} rules"


def unit_tests():
    tests = text_of(f"{DEPLOY}/alerts.test.yml")
    for name in alerts():
        quiet = len(re.findall(rf"{{alertname: {name}, eval_time", tests))
        loud = len(re.findall(rf"- alertname: {name}\n.*\n +exp_alerts:", tests))
        assert quiet and loud, f"{name} fires in {loud} and not in {quiet}"


def made():
    done = subprocess.run(
        [sys.executable, "-B", f"{ROOT}/deploy/grafana/make.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def described():
    for board in boards.boards():
        for row, panels in board.rows():
            assert row and all(panel.described for panel in panels), f"{board.title}, {row}"
            assert len({panel.title for panel in panels}) == len(panels), f"{board.title}, {row}"
