"""What schemathesis has to know of the administration that no schema says; see judge_admin.py."""

import os
import re

import schemathesis
from hypothesis import strategies

OWN_KEY = os.environ.get("ADMIN_KEY_ID", "")

# A key's end lies ahead, and times are in UTC.
schemathesis.openapi.format(
    "date-time",
    strategies.builds(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format,
        strategies.integers(2100, 2999),
        strategies.integers(1, 12),
        strategies.integers(1, 28),
        strategies.integers(0, 23),
        strategies.integers(0, 59),
        strategies.integers(0, 59),
    ),
)

schemathesis.openapi.format(
    "ip-range",
    strategies.sampled_from(["10.0.0.0/8", "192.0.2.7", "0.0.0.0/0", "2001:db8::/32", "::1", "198.51.100.0/24"]),
)


# The key that all of it is done with must not be ended by the way.


@schemathesis.hook
def filter_path_parameters(context, path_parameters):
    return not OWN_KEY or OWN_KEY not in str(path_parameters)


@schemathesis.hook
def filter_body(context, body):
    return not OWN_KEY or OWN_KEY not in str(body)


PAST = re.compile(r"^(1\d{3}|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
ZONE = re.compile(r"^[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*$")
# What an operator has to say, and a tenant's own key need not.
TENANTS = {"/admin/v1/teams": "tenant", "/admin/v1/users": "tenant", "/admin/v1/keys": "tenant", "/key/generate": "team_id"}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Puts right what no schema can say."""
    path = case.operation.path
    if isinstance(case.body, dict):
        complete(case.body, path if case.operation.method.upper() == "POST" else "")
    if path == "/admin/v1/captures" and case.operation.method.upper() == "DELETE":
        if not any((case.query or {}).get(name) for name in ("user", "key", "tenant")):
            case.query = {**(case.query or {}), "user": "nobody"}


def complete(body, path):
    # Some times are made without the format's strategy, and a key that has ended already cannot be made.
    if PAST.match(str(body.get("expires_at"))):
        body["expires_at"] = "2999" + body["expires_at"][4:]
    if isinstance(body.get("time_zone"), str) and ZONE.match(body["time_zone"]):
        body["time_zone"] = "Europe/Berlin"
    # Only the one that it has, which the cases do not know.
    if path == "/key/update":
        body.pop("user_id", None)
    if path in TENANTS and body.get("role") != "operator":
        body.setdefault(TENANTS[path], "acme")
    if body.get("max_budget") is not None and not body.get("budget_duration"):
        body["budget_duration"] = "30d"
