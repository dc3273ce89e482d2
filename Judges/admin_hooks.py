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


PAST = re.compile(r"^(1\d{3}|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


@schemathesis.hook
def before_call(context, case, kwargs):
    """Some times are made without the format's strategy, and a key that has ended already cannot be made."""
    if isinstance(case.body, dict) and PAST.match(str(case.body.get("expires_at"))):
        case.body["expires_at"] = "2999" + case.body["expires_at"][4:]
