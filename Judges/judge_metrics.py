#!/usr/bin/env python3
"""A real Prometheus watches a gateway in trouble: every panel has data, every alert fires and resolves.

    judge_metrics.py --torii BIN [--pictures FOLDER]
    judge_metrics.py --files                 only what can be said of deploy/ without a gateway

A gateway with tenants, budgets and providers of which one dies, one is slow and one makes callers wait is brought, while
requests of all dialects go on, into each condition that its metrics tell of, and out of it again. Rules are the project's own,
with seconds in the place of minutes. What Prometheus says is then held against every query of every dashboard, which are taken
from their JSON, against every metric of the gateway and against every alert. --pictures draws the dashboards' rows.
"""

import argparse
import os
import sys
import time

from judging import Tally
from metrics import boards, files
from metrics.story import Story

# Panels that cannot have data in this run, by their names, with the reason. There is none.
EMPTY = {}
# What has been provoked has to be in the metrics: some value above 0 at some time of the run.
PROVOKED = {
    "an error of a provider": 'torii_requests_total{provider="flaky",status_class="5xx"}',
    "an attempt that failed": 'torii_attempts_total{provider="flaky",outcome!="ok"}',
    "a retry": 'torii_retries_total{provider="good"}',
    "a fallback": 'torii_fallbacks_total{cause!=""}',
    "an open breaker": 'torii_breaker_state{provider="flaky"} == 2',
    "a request that waits": 'torii_queue_length{provider="narrow"}',
    "a wait": 'torii_queue_wait_seconds_count{provider="narrow"}',
    "a key that is wrong": 'torii_rejections_total{reason="invalid_api_key",tenant=""}',
    "a model that is not there": 'torii_rejections_total{reason="model_not_found"}',
    "a rate that is exceeded": 'torii_rejections_total{reason="rate_limit_exceeded"}',
    "a budget that is exceeded": 'torii_rejections_total{reason="budget_exceeded"}',
    "a refusal by overload": 'torii_rejections_total{reason="gateway_overloaded"}',
    "overload": "torii_overload_shedding",
    "a client that left": "torii_client_disconnects_total",
    "a translation each way": 'torii_translations_total{from="messages",to="chat"} and on () torii_translations_total{from="chat",to="messages"}',
    "tokens of an answer": 'torii_tokens_total{kind="output"}',
    "cost": "torii_cost_usd_total",
    "a tenant's budget": 'torii_budget_used_usd{scope="tenant"}',
    "a team's budget": 'torii_budget_used_usd{scope="team"}',
    "a user's budget": 'torii_budget_used_usd{scope="user"}',
    "a key's budget": 'torii_budget_used_usd{scope="key"}',
    "a journal that waits": "torii_journal_pending_records > 0",
    "another configuration": "torii_config_generation > 1",
    "a configuration that failed": "torii_config_last_reload_success == bool 0",
    "a request in flight": "torii_tenant_in_flight_requests",
    "a name that is full": "torii_series_overflowed_total",
}


def judge_boards(tally, prometheus):
    seconds = time.time() - prometheus.begun
    for board in boards.boards():
        for variable in board.variables:
            tally.run(f"{board.title}, the variable {variable['name']}", lambda v=variable: choices(prometheus, v))
        for panel in board.panels:
            if panel.name in EMPTY:
                tally.skip(panel.name, EMPTY[panel.name])
                continue
            for at, (query, _) in enumerate(panel.queries):
                name = panel.name + (f", {at + 1}" if len(panel.queries) > 1 else "")
                tally.run(name, lambda query=query: has_data(prometheus, boards.fill(query, seconds)))


def choices(prometheus, variable):
    metric, label = boards.values_of(variable)
    found = [value for value in prometheus.ask(f"label/{label}/values", **{"match[]": metric}) if value]
    assert len(found) > 1, found
    return f"{len(found)} values"


def has_data(prometheus, expression):
    series = prometheus.since_start(expression)
    numbers = [value for _, values in series for _, value in values if value == value]
    assert numbers, f"{len(series)} series without a number: {expression}"
    return f"{len(series)} series, up to {max(numbers):.4g}"


def judge_provoked(tally, prometheus):
    for name, expression in PROVOKED.items():
        tally.run(f"provoked: {name}", lambda expression=expression: rises(prometheus, expression))


def rises(prometheus, expression):
    numbers = [value for _, values in prometheus.since_start(expression) for _, value in values]
    assert any(value > 0 for value in numbers), expression
    return f"up to {max(numbers):.4g}"


def judge_alerts(tally, prometheus):
    seen = {}
    for labels, values in prometheus.since_start('ALERTS{alertstate="firing"}'):
        seen.setdefault(labels["alertname"], []).append(len(values))
    for name in files.alerts():
        tally.note(name in seen, f"{name} fires", f"for {max(seen.get(name, [0]))} s")
        tally.note(name not in prometheus.firing(), f"{name} resolves")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = arguments.add_mutually_exclusive_group(required=True)
    which.add_argument("--torii", help="the binary to judge")
    which.add_argument("--files", action="store_true", help="only what can be said of the files")
    arguments.add_argument("--pictures", metavar="FOLDER", help="draw the dashboards' rows there")
    options = arguments.parse_args()
    tally = Tally()
    files.judge(tally)
    if options.torii:
        story = Story(os.path.abspath(options.torii))
        try:
            story.begin()
            tally.run("the run comes to its end", lambda: story.play(tally))
            judge_boards(tally, story.prometheus)
            judge_provoked(tally, story.prometheus)
            judge_alerts(tally, story.prometheus)
            if options.pictures:
                from metrics import pictures  # only there is matplotlib needed

                pictures.draw(story.prometheus, options.pictures, story.worst, story.stopped, story.names)
        finally:
            story.stop()
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
