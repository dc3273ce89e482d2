"""What a panel is: a title, a meaning, a unit and what it asks Prometheus."""

# The choices of the variables, by what the labels are called.
TENANT = 'tenant=~"$tenant"'
PROVIDER = 'provider=~"$provider"'
BOTH = f"{PROVIDER},{TENANT}"
MODEL = f'gen_ai_provider_name=~"$provider",{TENANT}'


class Query:
    def __init__(self, expression, legend=""):
        self.expression, self.legend = expression, legend


class Panel:
    def __init__(self, kind, title, unit, description, *queries, **more):
        """`steps` are (from, color), the first from None; `words` are (value, text)."""
        self.kind, self.title, self.unit, self.description, self.queries = kind, title, unit, description, queries
        self.steps, self.words = more.pop("steps", None), more.pop("words", None)
        self.least, self.most = more.pop("least", 0), more.pop("most", None)
        self.decimals, self.stacked = more.pop("decimals", None), more.pop("stacked", False)
        self.shows = more.pop("shows", "auto")
        if more or not queries:
            raise TypeError(f"{title}: {more or 'asks nothing'}")


def stat(title, unit, description, *queries, **more):
    return Panel("stat", title, unit, description, *queries, **more)


def lines(title, unit, description, *queries, **more):
    return Panel("timeseries", title, unit, description, *queries, **more)


def bars(title, unit, description, *queries, **more):
    return Panel("bargauge", title, unit, description, *queries, **more)


def states(title, unit, description, *queries, **more):
    return Panel("state-timeline", title, unit, description, *queries, **more)


def rate(metric, choice="", by="", legend=None):
    """So much of a counter a second."""
    return Query(
        summed(metric, choice, by), " ".join("{{%s}}" % label for label in labels(by)) if legend is None else legend
    )


def summed(metric, choice="", by=""):
    group = f" by ({by})" if by else ""
    return f"sum{group} (rate({metric}{{{choice}}}[$__rate_interval]))"


def over_range(metric, choice, by, most=10):
    """What a counter grew by over the time that is shown, the largest first."""
    legend = " ".join("{{%s}}" % label for label in labels(by))
    return Query(f"topk({most}, sum by ({by}) (increase({metric}{{{choice}}}[$__range])))", legend)


def quantile(share, histogram, choice="", by="", legend=None):
    group = ", ".join(filter(None, [by, "le"]))
    expression = (
        f"histogram_quantile({share}, sum by ({group}) (rate({histogram}_bucket{{{choice}}}[$__rate_interval])))"
    )
    return Query(expression, " ".join("{{%s}}" % label for label in labels(by)) if legend is None else legend)


def quantiles(histogram, choice=""):
    return [quantile(share, histogram, choice, legend=f"p{share * 100:.0f}") for share in (0.5, 0.95, 0.99)]


def errors(choice, by=""):
    """Requests that failed or broke off for which their callers are not to blame, a second."""
    group = f" by ({by})" if by else ""
    failed = f'rate(torii_requests_total{{status_class="5xx",{choice}}}[$__rate_interval])'
    broken = f'rate(torii_requests_total{{outcome="interrupted",{choice}}}[$__rate_interval])'
    return f"sum{group} ({failed} or {broken})"


def error_share(choice, by=""):
    """Their share of all, 0 where there are requests and none of them failed."""
    all_of_them = summed("torii_requests_total", choice, by)
    return f"({errors(choice, by)} or 0 * {all_of_them}) / {all_of_them}"


def labels(by):
    return [label.strip() for label in by.split(",") if label.strip()]
