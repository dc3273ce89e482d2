"""Clients of the gateway: all dialects, whole answers and streams, and such as leave."""

import concurrent.futures
import http.client
import json
import ssl
import threading

PATHS = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "messages": "/v1/messages",
    "ollama": "/api/chat",
}


class Client:
    """One key's view of the gateway; each request has a connection of its own."""

    def __init__(self, gateway, key):
        self.port, self.key = gateway.port, key
        self.context = ssl.create_default_context(cafile=f"{gateway.home}/cert.pem")
        self.context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)

    def ask(self, model, prompt="hi", dialect="chat", stream=False, leaves=False):
        """The status of the answer, after all of it was read, or with `leaves` after its first bytes."""
        body = {"model": model, "stream": stream}
        if dialect == "responses":
            body |= {"input": prompt, "store": False}
        else:
            body |= {"messages": [{"role": "user", "content": prompt}]}
        if dialect == "messages":
            body |= {"max_tokens": 512}
        return self.send("POST", PATHS[dialect], json.dumps(body), leaves)

    def send(self, method, path, body=None, leaves=False):
        fields = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "anthropic-version": "2023-06-01",
        }
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.context)
        try:
            connection.request(method, path, body, fields)
            response = connection.getresponse()
            response.read(20 if leaves else None)
            return response.status
        except (OSError, http.client.HTTPException):
            return None  # a gateway that is being stopped; what has to come is asked for by the cases
        finally:
            connection.close()


def at_once(*works):
    """Runs all of them beside each other; their results in order."""
    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        return [run.result() for run in [pool.submit(work) for work in works]]


class Steady:
    """Requests of all dialects to two providers of two dialects, one after the other, until it is stopped."""

    def __init__(self, *clients):
        self.clients, self.over, self.statuses = clients, threading.Event(), {}
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        number = 0
        while not self.over.wait(0.08):
            client, model = self.clients[number % len(self.clients)], ("m-good", "m-other")[number // 8 % 2]
            status = client.ask(model, dialect=list(PATHS)[number % 4], stream=number // 4 % 2 == 0)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if number % 8 == 0:
                client.ask("resilient")
            number += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
