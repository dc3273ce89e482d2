"""What it costs a gateway to keep Responses conversations: memory while large ones are stored, and that they are there."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor

from rig import proc
from rig.peers import KEY

HEADERS = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
CLIENTS = 4


def _ask(connection, method, path, body=None):
    connection.request(method, path, body, HEADERS)
    response = connection.getresponse()
    return response.status, response.read()


def _store(port, numbers, size):
    """Has responses to inputs of `size` bytes kept, one after the other; their ids."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    ids = []
    for number in numbers:
        body = {"model": "gpt-4o-mini", "store": True, "input": f"{number} ".ljust(size, "x")}
        status, answer = _ask(connection, "POST", "/v1/responses", json.dumps(body))
        assert status == 200, (status, answer[:200])
        ids.append((number, json.loads(answer)["id"]))
    connection.close()
    return ids


def _check(port, ids, size):
    """Each of these is there, with all of its input."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number, response in ids:
        status, answer = _ask(connection, "GET", f"/v1/responses/{response}/input_items")
        assert status == 200, (status, answer[:200])
        text = json.loads(answer)["data"][0]["content"][0]["text"]
        assert len(text) == size and text.startswith(f"{number} "), (len(text), text[:20])
    connection.close()


def measure(server, count, size=1 << 20):
    """Peak memory and time while `count` responses of `size` bytes are stored; every hundredth is read back."""
    pids = proc.tree(server.process.pid)
    proc.reset_peak_memory(pids)
    begun = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        shares = [range(first, count, CLIENTS) for first in range(CLIENTS)]
        ids = [one for share in clients.map(lambda share: _store(server.port, share, size), shares) for one in share]
    seconds = time.monotonic() - begun
    peak = proc.memory_mb(pids)
    _check(server.port, sorted(ids)[::100], size)
    return {"rss_mb": peak, "read_rss_mb": proc.memory_mb(pids), "per_second": count / seconds}
