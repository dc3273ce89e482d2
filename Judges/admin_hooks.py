"""What schemathesis has to know of the administration that no schema says; see judge_admin.py.

What a case is about is made first: an id that nobody has would be a 404 and nothing more.
"""

import itertools
import json
import os
import re
import urllib.error
import urllib.request

import schemathesis
from hypothesis import strategies
from schemathesis.core.parameters import ParameterLocation

URL = os.environ.get("ADMIN_URL", "")
KEY = os.environ.get("ADMIN_KEY", "")
OWN_KEY = os.environ.get("ADMIN_KEY_ID", "")
# Ids of a tenant, a team and a user that are there as long as it lasts, by their kinds.
KEPT = json.loads(os.environ.get("ADMIN_KEPT", "{}"))
ANSWERS = os.environ.get("ADMIN_ANSWERS", "")

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


def is_free(value):
    text = str(value)
    return not any(name and name in text for name in (OWN_KEY, *KEPT.values()))


@schemathesis.hook
def filter_path_parameters(context, path_parameters):
    return is_free(path_parameters)


@schemathesis.hook
def filter_body(context, body):
    return is_free(body)


# What a case is about


NUMBERS = itertools.count(1)
# An id that the gateway has given: a sequence goes on with what it has made.
GIVEN = re.compile(r"^(ten_|team_|user_|pol_)?[a-z0-9]{12}$")
PAST = re.compile(r"^(1\d{3}|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
KIND = re.compile(r"^/admin/v1/(tenants|teams|users|keys|policies)(/|$)")


def made(kind):
    """The id of a new thing of a kind."""
    name = f"made {next(NUMBERS)}"
    body = {"label": name} if kind in ("keys", "policies") else {"name": name}
    if kind != "tenants":
        body["tenant"] = KEPT["tenants"]
    if kind == "policies":
        body["models"] = ["*"]
    fields = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{URL}/admin/v1/{kind}", json.dumps(body).encode(), fields, method="POST")
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["id"]


def fill_path(case, kind):
    parameters = dict(case.path_parameters or {})
    if "{id}" in case.path and not GIVEN.match(str(parameters.get("id"))):
        case.path_parameters = {**parameters, "id": made(kind)}
    if "{name}" in case.path:
        case.path_parameters = {**parameters, "name": "demo"}


def fill_query(case):
    query = dict(case.query or {})
    known = {"tenant": KEPT.get("tenants"), "user": KEPT.get("users")}
    for name in known.keys() & query.keys():
        query[name] = known[name]
    if case.path == "/key/info" and "key" in query:
        query["key"] = made("keys")
    if query != (case.query or {}):
        case.query = query


def fill_references(body, is_key):
    """Puts what there is in the place of made-up references."""
    is_operator = is_key and body.get("role") == "operator"
    for member, kind in (("tenant", "tenants"), ("team", "teams"), ("user", "users")):
        if isinstance(body.get(member), str):
            body[member] = KEPT[kind]
    if "tenant" not in body and not is_operator:
        body["tenant"] = KEPT["tenants"]


def fill_litellm(body, path):
    if path == "/key/delete":
        body.clear()
        body["keys"] = [made("keys")]
        return
    if path == "/key/update":
        # Where a key belongs does not change.
        body["key"] = made("keys")
        body.pop("team_id", None)
        body.pop("user_id", None)
        body.pop("key_type", None)
        return
    body["team_id"] = KEPT["tenants"]
    if isinstance(body.get("user_id"), str):
        body["user_id"] = KEPT["users"]


def fill_body(case, kind):
    body = dict(case.body)
    if kind and case.method.upper() == "POST" and "{id}" not in case.path:
        if kind != "tenants":
            fill_references(body, kind == "keys")
    elif kind and isinstance(body.get("team"), str):
        body["team"] = KEPT["teams"]
    elif case.path.startswith("/key/"):
        fill_litellm(body, case.path)
    # Some times are made without the format's strategy, and a key that has ended already cannot be made.
    if PAST.match(str(body.get("expires_at"))):
        body["expires_at"] = "2999" + body["expires_at"][4:]
    if body != case.body:
        case.body = body


@schemathesis.hook
def before_call(context, case, kwargs):
    """Has a case be about what there is; what is wrong on purpose stays so."""
    found = KIND.match(case.path)
    kind = found.group(1) if found else None
    meta = case.meta

    def is_wrong(location):
        return meta is not None and meta.is_negative_at(location)

    if not is_wrong(ParameterLocation.PATH):
        fill_path(case, kind)
    if not is_wrong(ParameterLocation.QUERY):
        fill_query(case)
    if isinstance(case.body, dict) and not is_wrong(ParameterLocation.BODY):
        fill_body(case, kind)


@schemathesis.hook
def after_call(context, case, response):
    """Notes what each operation answered."""
    if not ANSWERS or case.method.upper() != case.operation.method.upper():
        return
    with open(ANSWERS, "a", encoding="utf-8") as file:
        file.write(f"{response.status_code} {case.method.upper()} {case.path}\n")
