"""What schemathesis has to know of the administration that no schema says; see judge_admin.py.

Nothing here asks the gateway: what requests are about was made before, and is known by its ids.
"""

import hashlib
import itertools
import json
import os
import re

import schemathesis
from hypothesis import strategies
from schemathesis.core import NotSet
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

OWN_KEY = os.environ.get("ADMIN_KEY_ID", "")
ANSWERS = os.environ.get("ADMIN_ANSWERS", "")
KNOWN = json.loads(os.environ.get("ADMIN_KNOWN", '{"kept": {}, "things": {}}'))
# By the members that name them: a tenant, and of it a team, a user and a key, which are there as long as it lasts.
KEPT = KNOWN["kept"]
# By operations: what each one is about. An operation that ends a thing takes none away from another one.
THINGS = {name: [thing for thing, _ in things] for name, things in KNOWN["things"].items()}
TAGS = {thing: tag for things in KNOWN["things"].values() for thing, tag in things if tag}

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


# What all of it is done with and belongs to must not be ended by the way.


@schemathesis.hook
def filter_case(context, case):
    path, body = str(case.path_parameters), str(case.body)
    in_path, in_body = (OWN_KEY, "acme", *KEPT.values()), (OWN_KEY, KEPT.get("key"))
    return not any(name and name in path for name in in_path) and not any(name and name in body for name in in_body)


# What there is, in the place of what was made up

NUMBERS = itertools.count(1)
# An id that the gateway has given: a sequence goes on with what it has made.
GIVEN = re.compile(r"\b(ten_|team_|user_|pol_|price_)?[a-z0-9]{12}\b")
PAST = re.compile(r"^(1\d{3}|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
ZONE = re.compile(r"^[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*$")
# What an operator has to say, and a tenant's own key need not.
TENANTS = {
    "/admin/v1/teams": "tenant",
    "/admin/v1/users": "tenant",
    "/admin/v1/keys": "tenant",
    "/key/generate": "team_id",
}
LITELLM = {"team_id": "tenant", "user_id": "user"}


class Choice:
    """Has three of four cases be about what there is; the same case always chooses the same."""

    def __init__(self, case):
        body = None if isinstance(case.body, NotSet) else case.body
        self.said = GIVEN.sub("", str([case.operation.label, case.path_parameters, case.query, body]))

    def __call__(self, name, things, made_up):
        text = f"{name} {self.said}".encode("utf-8", "surrogatepass")
        number = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
        return things[number // 4 % len(things)] if things and number % 4 else made_up


@schemathesis.hook
def before_call(context, case, kwargs):
    """Has a case be about what there is, and puts right what no schema can say; what is wrong on purpose stays so."""
    path, choice = case.operation.path, Choice(case)

    def is_right(location):
        return case.meta is None or not case.meta.is_negative_at(location)

    if case.path_parameters and is_right(ParameterLocation.PATH):
        fill_path(case, choice)
    if case.headers and is_right(ParameterLocation.HEADER):
        fill_headers(case, choice)
    if case.query and is_right(ParameterLocation.QUERY):
        refer(case.query, choice)
    if isinstance(case.body, dict):
        if is_right(ParameterLocation.BODY):
            fill_keys(case, choice)
        refer(case.body, choice)
        complete(case.body, path if case.operation.method.upper() == "POST" else "")
    if path == "/admin/v1/captures" and case.operation.method.upper() == "DELETE":
        if not any((case.query or {}).get(name) for name in ("user", "key", "tenant")):
            case.query = {**(case.query or {}), "user": "nobody"}


def fill_path(case, choice):
    for name, value in case.path_parameters.items():
        if not GIVEN.fullmatch(str(value)):
            case.path_parameters[name] = choice(name, THINGS.get(case.operation.label), value)


def fill_headers(case, choice):
    headers, tag = case.headers, TAGS.get((case.path_parameters or {}).get("id"))
    if given := headers.get("If-Match"):
        headers["If-Match"] = choice("If-Match", [tag, "*"] if tag else ["*"], given)
    # One that came with something else before is a conflict and nothing more, and one that came with the same is told
    # of a thing that may be gone.
    if given := headers.get("Idempotency-Key"):
        fresh = f"judge {next(NUMBERS)}"
        is_fuzzing = case.meta is not None and case.meta.phase.name == TestPhase.FUZZING
        headers["Idempotency-Key"] = choice("Idempotency-Key", [fresh], given) if is_fuzzing else fresh


def fill_keys(case, choice):
    """Has what LiteLLM's scripts ask for be about keys that there are."""
    path, body = case.operation.path, case.body
    if path == "/key/delete":
        case.body = choice("keys", [{"keys": [key]} for key in THINGS[case.operation.label]], body)
    elif path == "/key/update":
        # Whose a key is and what it opens does not change.
        for name in ("team_id", "key_type"):
            body.pop(name, None)
    elif path == "/key/generate" and body.get("team_id") is None:
        body["team_id"] = "acme"


def refer(members, choice):
    """Has a body or a query name what there is, all of which belongs together."""
    names = [name for name, value in members.items() if LITELLM.get(name, name) in KEPT and is_line(value)]
    members.update(choice("names", [{name: KEPT[LITELLM.get(name, name)] for name in names}], {}))


def is_line(value):
    return isinstance(value, str) and len(value) <= 255 and value.isprintable() and value == value.strip() != ""


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


@schemathesis.hook
def after_call(context, case, response):
    """Notes what each operation answered."""
    if ANSWERS and case.method.upper() == case.operation.method.upper():
        with open(ANSWERS, "a", encoding="utf-8") as file:
            file.write(f"{response.status_code} {case.operation.label}\n")
