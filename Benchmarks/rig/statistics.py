"""What several rounds say together."""

import statistics


def column(rounds, *path):
    """One figure of every round that has it."""
    values = []
    for at in rounds:
        for key in path:
            at = at.get(key) if isinstance(at, dict) else None
        if at is not None:
            values.append(at)
    return values


def ratios(rounds, base_rounds, *path):
    """The figure divided by another peer's in the same round: what disturbed one disturbed both."""
    pairs = []
    for mine, theirs in zip(rounds, base_rounds):
        over, under = column([mine], *path), column([theirs], *path)
        if over and under and under[0]:
            pairs.append(over[0] / under[0])
    return pairs


def differences(rounds, base_rounds, *path):
    pairs = []
    for mine, theirs in zip(rounds, base_rounds):
        over, under = column([mine], *path), column([theirs], *path)
        if over and under:
            pairs.append(over[0] - under[0])
    return pairs


def median(values):
    return statistics.median(values) if values else None


def spread(values, digits=1):
    """`median (minimum–maximum)`, or the one value, or a dash."""
    if not values:
        return "-"
    middle = f"{statistics.median(values):,.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def relative_spread(values):
    """(maximum − minimum) ÷ median, in percent."""
    if len(values) < 2 or not statistics.median(values):
        return None
    return (max(values) - min(values)) / statistics.median(values) * 100
