"""What a proxy does when something goes wrong: a client leaves, the upstream is cut, answers 429, gets bad JSON."""

import http.client
import json
import socket
import time

from rig.peers import KEY

FOREVER = 3.0  # seconds after which a departure counts as unnoticed


def _connection(port, model, stream=False, raw=None):
    body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": "hi"}]}
    if stream:
        body["stream_options"] = {"include_usage": True}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    connection.request("POST", "/v1/chat/completions", raw or json.dumps(body), headers)
    return connection


def abort_ms(rig, port):
    """How long after a client's departure in mid-stream the upstream sees its connection closed; None: it did not."""
    aborted = rig.statistics()["aborted"]
    connection = _connection(port, "rig-c20-n300", stream=True)
    connection.sock.settimeout(1)
    try:
        connection.getresponse().read1(4000)
    except (TimeoutError, socket.timeout):
        pass  # a proxy that buffers shows nothing yet: the client leaves all the same
    left = time.monotonic()
    if connection.sock:
        connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()
    while time.monotonic() - left < FOREVER:
        if rig.statistics()["aborted"] > aborted:
            return (time.monotonic() - left) * 1e3
        time.sleep(0.001)
    return None


def cut(port):
    """What the client sees when the upstream resets after five chunks."""
    connection = _connection(port, "rig-c20-n50-x5", stream=True)
    try:
        response = connection.getresponse()
        text = response.read()
    except http.client.IncompleteRead as broken:
        return f"broken body after {broken.partial.count(b'ts=')} chunks, error={b'error' in broken.partial}"
    except (http.client.HTTPException, OSError) as reason:
        return type(reason).__name__
    return f"{response.status}, {text.count(b'ts=')} chunks, [DONE]={b'[DONE]' in text}, error={b'error' in text}"


def too_many_requests(rig, port):
    before = rig.statistics()["requests"]
    response = _connection(port, "rig-e429").getresponse()
    response.read()
    tries = rig.statistics()["requests"] - before
    return f"{response.status}, Retry-After {response.getheader('retry-after')}, {tries} tries upstream"


def bad_json(port):
    response = _connection(port, "", raw='{"model":"rig","messages":[').getresponse()
    return f"{response.status} {response.read()[:80]!r}"


def faults(rig, port):
    return {"cut": cut(port), "429": too_many_requests(rig, port), "bad JSON": bad_json(port)}
