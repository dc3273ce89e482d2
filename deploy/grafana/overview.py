"""Whether all is well, and how much there is of everything."""

from panels import BOTH, MODEL, TENANT, Query, error_share, lines, quantile, quantiles, rate, stat, summed

UID, TITLE, REFRESH = "torii-overview", "Overview", "5s"
DESCRIPTION = "Requests, errors, latency, tokens and cost of all gateways."
GOOD_SHARE = [(None, "green"), (0.01, "orange"), (0.05, "red")]
FIRST_TOKEN, SERVED = "gen_ai_server_time_to_first_token_seconds", "gen_ai_server_request_duration_seconds"

ROWS = [
    (
        "Now",
        [
            stat(
                "Gateways up",
                "none",
                "Those that answered the last scrape.",
                Query('sum(up{job="torii"})'),
                steps=[(None, "red"), (1, "green")],
            ),
            stat("Requests", "reqps", "All that ended, a second.", Query(summed("torii_requests_total", BOTH))),
            stat(
                "Errors",
                "percentunit",
                "The share that ended with a 5xx or broke off: the gateway's or a provider's fault, not the caller's.",
                Query(error_share(BOTH)),
                steps=GOOD_SHARE,
                decimals=1,
            ),
            stat(
                "p95 to the first token",
                "s",
                "From the request's head to the first token that the provider wrote.",
                quantile(0.95, FIRST_TOKEN, MODEL, legend=""),
                steps=[(None, "green"), (5, "orange"), (10, "red")],
            ),
            stat(
                "Tokens",
                "none",
                "Input and output, a second.",
                Query(summed("torii_tokens_total", f'kind=~"input|output",{BOTH}')),
            ),
            stat(
                "Cost an hour",
                "currencyUSD",
                "At the rate of the moment.",
                Query(f"3600 * {summed('torii_cost_usd_total', BOTH)}"),
                decimals=2,
            ),
            stat(
                "In flight",
                "none",
                "Requests that have begun and are not over.",
                Query("sum(torii_in_flight_requests)"),
            ),
        ],
    ),
    (
        "Requests",
        [
            lines(
                "Requests by dialect",
                "reqps",
                "What callers speak; empty where a request was refused before it was known.",
                rate("torii_requests_total", BOTH, "dialect"),
                stacked=True,
            ),
            lines(
                "Requests by outcome",
                "reqps",
                "ok, refused by the gateway, failed before the head, interrupted after it, or its client left.",
                rate("torii_requests_total", BOTH, "outcome, status_class"),
                stacked=True,
            ),
            lines(
                "Errors",
                "percentunit",
                "As above, with the line at which ToriiErrorRateHigh fires.",
                Query(error_share(BOTH), "now"),
                Query("job:torii_request_errors:ratio_rate5m", "5 minutes, everybody"),
                steps=GOOD_SHARE,
            ),
        ],
    ),
    (
        "Latency",
        [
            lines(
                "HTTP",
                "s",
                "From the request's head to the end, by the listener's own clock.",
                *quantiles("http_request_duration_seconds", TENANT),
            ),
            lines(
                "Model requests", "s", "The same of requests that ask a model for something.", *quantiles(SERVED, MODEL)
            ),
            lines("To the first token", "s", "What people feel.", *quantiles(FIRST_TOKEN, MODEL)),
            lines(
                "Overhead",
                "s",
                "Time of a good answer inside the gateway: neither waiting for a provider nor for the client.",
                *quantiles("torii_overhead_seconds", TENANT),
            ),
        ],
    ),
    (
        "Tokens and cost",
        [
            lines(
                "Tokens by kind",
                "none",
                "A second. cached_input and cache_write are parts of input, reasoning is one of output.",
                rate("torii_tokens_total", BOTH, "kind"),
            ),
            lines(
                "Tokens of one request",
                "none",
                "The 95th percentile of what a prompt and an answer have.",
                quantile(0.95, "gen_ai_client_token_usage", MODEL, "gen_ai_token_type"),
            ),
            lines(
                "Cost an hour by model",
                "currencyUSD",
                "At the rate of the moment.",
                Query(f"3600 * {summed('torii_cost_usd_total', BOTH, 'model')}", "{{model}}"),
                stacked=True,
            ),
            lines(
                "Translations",
                "reqps",
                "Requests whose caller speaks another dialect than the provider.",
                Query(summed("torii_translations_total", TENANT, "from, to"), "{{from}} to {{to}}"),
            ),
        ],
    ),
]
