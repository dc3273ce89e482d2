"""Who spends how much of what he may, on what, and what was refused to him.

Tenants are shown by their ids, as names change, but for budgets: `torii tenants list` has both.
"""

from panels import BOTH, MODEL, TENANT, Query, bars, error_share, lines, over_range, quantile, rate, summed

UID, TITLE, REFRESH = "torii-tenants", "Tenants", "30s"
DESCRIPTION = (
    "Spend against budgets, top keys and models, rejections. Tenants are shown by their ids: `torii tenants list`."
)
USED = [(None, "green"), (0.8, "orange"), (1, "red")]
BUDGET = "max by (scope, name, period, tenant)"
WHOSE = "{{scope}} {{name}} {{period}}"

ROWS = [
    (
        "Budgets",
        [
            bars(
                "Fullest budgets",
                "percentunit",
                "The ten of which most is used, with the steps at which alerts fire.",
                Query(
                    f"topk(10, {BUDGET} (torii_budget_used_usd{{{TENANT}}} / (torii_budget_limit_usd{{{TENANT}}} > 0)))",
                    WHOSE,
                ),
                steps=USED,
                most=1,
            ),
            lines(
                "Used of tenants' budgets",
                "percentunit",
                "The budgets of tenants themselves, by the day and the month.",
                Query(
                    f'{BUDGET} (torii_budget_used_usd{{scope="tenant",{TENANT}}} / (torii_budget_limit_usd{{scope="tenant",{TENANT}}} > 0))',
                    "{{tenant}} {{period}}",
                ),
                steps=USED,
            ),
            bars(
                "Least remaining",
                "currencyUSD",
                "The ten budgets with the fewest dollars left.",
                Query(
                    f"bottomk(10, min by (scope, name, period, tenant) (torii_budget_remaining_usd{{{TENANT}}}))", WHOSE
                ),
                least=None,
            ),
        ],
    ),
    (
        "Spend",
        [
            lines(
                "Cost an hour",
                "currencyUSD",
                "At the rate of the last five minutes.",
                Query(f"3600 * sum by (tenant) (tenant:torii_cost_usd:rate5m{{{TENANT}}})", "{{tenant}}"),
                stacked=True,
            ),
            bars(
                "Top models",
                "currencyUSD",
                "By what they cost over the time that is shown.",
                over_range("torii_cost_usd_total", BOTH, "tenant, model"),
            ),
            bars(
                "Top keys",
                "currencyUSD",
                "Keys with a budget, by what they used of it; `torii usage report --by key` has all of them.",
                Query(
                    f'topk(10, max by (name, period, tenant) (torii_budget_used_usd{{scope="key",{TENANT}}}))',
                    "{{name}} {{period}}",
                ),
            ),
        ],
    ),
    (
        "Use",
        [
            lines("Requests", "reqps", "All that ended.", rate("torii_requests_total", BOTH, "tenant"), stacked=True),
            lines(
                "Tokens",
                "none",
                "Input and output, a second.",
                rate("torii_tokens_total", f'kind=~"input|output",{BOTH}', "tenant"),
                stacked=True,
            ),
            lines(
                "In flight",
                "none",
                "Requests that have begun and are not over.",
                Query(f"sum by (tenant) (torii_tenant_in_flight_requests{{{TENANT}}})", "{{tenant}}"),
            ),
            lines(
                "To the first token, p95",
                "s",
                "What people feel.",
                quantile(0.95, "gen_ai_server_time_to_first_token_seconds", MODEL, "tenant"),
            ),
        ],
    ),
    (
        "Rejections",
        [
            lines(
                "Rejections by reason",
                "reqps",
                "What the gateway refused by itself; docs/errors.md has the reasons.",
                rate("torii_rejections_total", TENANT, "reason"),
                stacked=True,
            ),
            lines(
                "Rejections by tenant",
                "reqps",
                "Empty where nobody is known: the key was missing or wrong.",
                rate("torii_rejections_total", TENANT, "tenant"),
                stacked=True,
            ),
            lines(
                "Errors",
                "percentunit",
                "The share that ended with a 5xx or broke off.",
                Query(error_share(BOTH, "tenant"), "{{tenant}}"),
                steps=[(None, "green"), (0.05, "red")],
            ),
            lines(
                "Clients that left",
                "reqps",
                "Before the end of their answer.",
                Query(summed("torii_client_disconnects_total", TENANT, "tenant, route"), "{{tenant}} {{route}}"),
            ),
        ],
    ),
]
