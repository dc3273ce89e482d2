"""Which provider is slow, fails, or makes callers wait."""

from panels import BOTH, MODEL, PROVIDER, Query, lines, quantile, rate, states, summed

UID, TITLE, REFRESH = "torii-providers", "Providers", "10s"
DESCRIPTION = "Health, speed, repetitions and queues of the places that serve models."
NAME = "gen_ai_provider_name"
ATTEMPT = "gen_ai_client_operation_duration_seconds"
FAILED = f'sum by (provider) (rate(torii_attempts_total{{outcome!="ok",{BOTH}}}[$__rate_interval]))'
ATTEMPTED = summed("torii_attempts_total", BOTH, "provider")

ROWS = [
    (
        "Health",
        [
            states(
                "Breakers",
                "none",
                "Of each credential of each provider.",
                Query(
                    f"max by (provider, credential) (torii_breaker_state{{{PROVIDER}}})", "{{provider}} {{credential}}"
                ),
                steps=[(None, "green"), (1, "orange"), (2, "red")],
                words=[(0, "closed"), (1, "half open"), (2, "open")],
                most=2,
            ),
            lines(
                "Attempts by outcome",
                "reqps",
                "Requests to providers: ok, or the failure's code.",
                rate("torii_attempts_total", BOTH, "provider, outcome"),
                stacked=True,
            ),
            lines(
                "Failed attempts",
                "percentunit",
                "Their share of all attempts at a provider.",
                Query(f"({FAILED} or 0 * {ATTEMPTED}) / {ATTEMPTED}", "{{provider}}"),
                steps=[(None, "green"), (0.1, "orange"), (0.5, "red")],
            ),
        ],
    ),
    (
        "Slow upstreams",
        [
            lines(
                "To the first token, p95",
                "s",
                "With the line at which ToriiFirstTokenSlow fires.",
                quantile(0.95, "gen_ai_server_time_to_first_token_seconds", MODEL, NAME),
                steps=[(None, "green"), (10, "red")],
            ),
            lines(
                "Between tokens, p95",
                "s",
                "The time for each token of an answer behind its first one.",
                quantile(0.95, "gen_ai_server_time_per_output_token_seconds", MODEL, NAME),
            ),
            lines(
                "Attempts, p95",
                "s",
                "One attempt at a provider, from its place there to its end.",
                quantile(0.95, ATTEMPT, MODEL, NAME),
            ),
            lines(
                "Slowest models, p95",
                "s",
                "The five whose first token takes longest.",
                Query(
                    "topk(5, "
                    + quantile(
                        0.95, "gen_ai_server_time_to_first_token_seconds", MODEL, f"{NAME}, gen_ai_request_model"
                    ).expression
                    + ")",
                    "{{gen_ai_provider_name}} {{gen_ai_request_model}}",
                ),
            ),
        ],
    ),
    (
        "Retries and fallbacks",
        [
            lines(
                "Retries",
                "reqps",
                "Attempts at the same provider and model as the one before.",
                rate("torii_retries_total", BOTH, "provider"),
            ),
            lines(
                "Fallbacks by cause",
                "reqps",
                "Requests for which another target took over, and why.",
                rate("torii_fallbacks_total", BOTH, "provider, cause"),
            ),
            lines(
                "Attempts that failed",
                "reqps",
                "By what they came to.",
                Query(
                    summed(f"{ATTEMPT}_count", f'error_type!="",{MODEL}', f"{NAME}, error_type"),
                    "{{gen_ai_provider_name}} {{error_type}}",
                ),
            ),
        ],
    ),
    (
        "Queues",
        [
            lines(
                "In flight",
                "none",
                "Requests that a provider works on.",
                Query(f"sum by (provider) (torii_provider_in_flight_requests{{{PROVIDER}}})", "{{provider}}"),
            ),
            lines(
                "Queue",
                "none",
                "Requests that wait for a place at a provider.",
                Query(f"sum by (provider) (torii_queue_length{{{PROVIDER}}})", "{{provider}}"),
            ),
            lines(
                "Wait in the queue, p95",
                "s",
                "Of those that had to wait.",
                quantile(0.95, "torii_queue_wait_seconds", BOTH, "provider"),
            ),
        ],
    ),
]
