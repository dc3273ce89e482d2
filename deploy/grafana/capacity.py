"""How much of what the machine has is used, and whether what runs in the background keeps up."""

from panels import Query, lines, stat, states

UID, TITLE, REFRESH = "torii-capacity", "Capacity", "10s"
DESCRIPTION = "In-flight requests, event loops, memory, CPU, the journal, and the state of each gateway."
DAY = 86400


def each(expression):
    return Query(expression, "{{instance}}")


ROWS = [
    (
        "Load",
        [
            lines("In flight", "none", "Requests that have begun and are not over.", each("torii_in_flight_requests")),
            lines(
                "Connections", "none", "Of clients; server.limits.connections bounds them.", each("torii_connections")
            ),
            lines(
                "Queues",
                "none",
                "Requests that wait for a place at any provider.",
                each("sum by (instance) (torii_queue_length)"),
            ),
            states(
                "Overload",
                "none",
                "Whether requests are turned away, and why.",
                Query("torii_overload_shedding", "{{instance}} {{reason}}"),
                steps=[(None, "green"), (1, "red")],
                words=[(0, "serves"), (1, "turns away")],
                most=1,
            ),
        ],
    ),
    (
        "Process",
        [
            lines(
                "CPU",
                "none",
                "Cores that are busy.",
                each('rate(process_cpu_seconds_total{job="torii"}[$__rate_interval])'),
            ),
            lines(
                "Event loop lag",
                "s",
                "How late the latest of a gateway's loops is; server.overload.loop_lag is where requests are turned away.",
                Query("max by (instance, loop) (torii_event_loop_lag_seconds)", "{{instance}} {{loop}}"),
                steps=[(None, "green"), (0.5, "red")],
            ),
            lines(
                "Memory",
                "bytes",
                "What is resident, and addresses that are taken.",
                Query('process_resident_memory_bytes{job="torii"}', "{{instance}} resident"),
                Query('process_virtual_memory_bytes{job="torii"}', "{{instance}} virtual"),
            ),
            lines(
                "File descriptors",
                "percentunit",
                "The share that is open of those that there may be.",
                each('process_open_fds{job="torii"} / process_max_fds{job="torii"}'),
                steps=[(None, "green"), (0.8, "red")],
            ),
        ],
    ),
    (
        "Journal",
        [
            lines(
                "Records that wait",
                "none",
                "Written to the journal and not in the ledger yet.",
                each("torii_journal_pending_records"),
            ),
            lines(
                "Bytes that wait",
                "bytes",
                "server.metering.max_bytes bounds them: beyond it everybody is refused.",
                each("torii_journal_pending_bytes"),
            ),
            lines(
                "The oldest",
                "s",
                "With the line at which ToriiJournalBehind fires.",
                each("torii_journal_oldest_seconds"),
                steps=[(None, "green"), (300, "red")],
            ),
        ],
    ),
    (
        "Gateways",
        [
            stat(
                "Version",
                "none",
                "Of torii, and of the Swift that built it.",
                Query("torii_build_info", "{{instance}} {{version}} ({{swift}})"),
                shows="name",
            ),
            stat(
                "Runs for",
                "s",
                "Since the start of the process.",
                each('time() - process_start_time_seconds{job="torii"}'),
            ),
            stat("Configuration", "none", "Counts those that came into use.", each("torii_config_generation")),
            stat(
                "Last reload",
                "none",
                "Whether the latest try to read the configuration succeeded.",
                each("torii_config_last_reload_success"),
                steps=[(None, "red"), (1, "green")],
                words=[(0, "failed"), (1, "taken")],
            ),
            stat(
                "Read",
                "s",
                "How long ago the configuration in use was read.",
                each("time() - torii_config_last_reload_timestamp_seconds"),
            ),
            stat(
                "Certificate",
                "d",
                "Days until it expires.",
                Query(f"(torii_certificate_expiry_timestamp_seconds - time()) / {DAY}", "{{instance}} {{listener}}"),
                steps=[(None, "red"), (3, "orange"), (21, "green")],
                least=None,
                decimals=0,
            ),
        ],
    ),
    (
        "Metrics themselves",
        [
            lines("Series", "none", "Of all names; each has at most server.metrics.max_series.", each("torii_series")),
            lines(
                "Series that overflowed",
                "cps",
                "Values that went to the series whose labels are `other`, as its name is full.",
                Query(
                    "sum by (instance, name) (rate(torii_series_overflowed_total[$__rate_interval]))",
                    "{{instance}} {{name}}",
                ),
            ),
            lines("Threads", "none", "Of the process.", each('process_threads{job="torii"}')),
            lines("A scrape", "s", "How long Prometheus waits for it.", each('scrape_duration_seconds{job="torii"}')),
        ],
    ),
]
