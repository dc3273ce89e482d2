"""The model over HTTP: routes, faults on the way out, and a log of what was asked."""

import gzip
import json
import os
import select
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

from scripted_model import catalogue
from scripted_model.conversation import Refused
from scripted_model.scripts import Scripts
from scripted_model.wires import WIRES

FAULT_AT_EVENT = 6
RAGGED = 1013  # bytes: pieces that respect neither events nor characters
WRONG_SHAPE = (AttributeError, TypeError, KeyError, ValueError)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address, dialect, script="hello", models=("scripted",), key=None, lenient=False):
        super().__init__(address, Handler)
        self.dialect, self.wire = dialect, WIRES[dialect](lenient)
        self.scripts = Scripts(script, self.wire.thinks_unasked, dialect == "ollama")
        self.models, self.key = list(models), key
        self.record, self.delay, self.stall = None, 0, 30
        self.lock, self.count, self.log = threading.Lock(), 0, []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.handled(lambda path: self.send(200, {}))

    def do_GET(self):
        self.handled(self.get)

    def do_POST(self):
        self.handled(self.post)

    def do_DELETE(self):
        self.handled(self.delete)

    # The log.

    def handled(self, work):
        """Runs one request and keeps what is to be known about it, however it ends."""
        url, server = urlparse(self.path), self.server
        if url.path == "/__log":
            self.log_page(parse_qs(url.query))
            return
        with server.lock:
            server.count += 1
            number = server.count
        self.entry, self.query = self.new_entry(number), url.query
        try:
            work(url.path.rstrip("/"))
        except (BrokenPipeError, ConnectionResetError):
            self.entry["client_gone"] = True
            self.close_connection = True
        finally:
            self.keep_entry(number)

    def new_entry(self, number):
        secret = ("authorization", "x-api-key")
        headers = {key.lower(): "…" if key.lower() in secret else value for key, value in self.headers.items()}
        return {
            "n": number,
            "method": self.command,
            "path": self.path,
            "status": None,
            "script": None,
            "step": None,
            "error": None,
            "notes": [],
            "events": 0,
            "client_gone": False,
            "headers": headers,
        }

    def keep_entry(self, number):
        server = self.server
        with server.lock:
            server.log.append({key: value for key, value in self.entry.items() if key not in ("headers", "body")})
        if server.record:
            with open(os.path.join(server.record, f"{number:05d}.json"), "w", encoding="utf-8") as file:
                json.dump(self.entry, file, indent=1, ensure_ascii=False)

    def log_page(self, query):
        since = int(query.get("since", ["0"])[0])
        self.entry = {}
        with self.server.lock:
            entries = [entry for entry in self.server.log if entry["n"] > since]
        self.send(200, entries)

    # Routes.

    def get(self, path):
        dialect, models = self.server.dialect, self.server.models
        if path == "" and dialect == "ollama":
            self.plain("Ollama is running")
        elif path in ("", "/health", "/healthz"):
            self.send(200, {"status": "ok"})
        elif dialect == "ollama":
            page = catalogue.ollama_page(path, models)
            self.send(200, page) if page else self.fail(404, "404 page not found")
        elif not self.authorised():
            self.fail(401, "the key is missing or wrong", "invalid_api_key")
        elif path == "/v1/models":
            self.send(200, catalogue.listed(dialect, models))
        elif path.startswith("/v1/models/"):
            name = path.removeprefix("/v1/models/")
            if name in models:
                self.send(200, catalogue.entry(dialect, name))
            else:
                self.fail(404, f"model {name} not found", "model_not_found")
        elif self.is_stored(path):
            self.told(lambda: self.send(200, self.server.wire.stored.get(path, self.query)))
        else:
            self.fail(404, f"no such path: {path}")

    def is_stored(self, path):
        return self.server.dialect == "responses" and path.startswith("/v1/responses/")

    def delete(self, path):
        if not self.authorised():
            self.fail(401, "the key is missing or wrong", "invalid_api_key")
        elif self.is_stored(path):
            self.told(lambda: self.send(200, self.server.wire.stored.delete(path)))
        else:
            self.fail(404, "not found")

    def post(self, path):
        raw = self.body_bytes()
        try:
            body = json.loads(raw or b"{}")
        except ValueError:
            self.entry["body"] = raw.decode("utf-8", "replace")[:2000]
            self.fail(400, "the body is not JSON")
            return
        self.entry["body"] = body
        wire = self.server.wire
        if not isinstance(body, dict):
            self.fail(400, "the body is not an object")
        elif self.server.dialect != "ollama" and not self.authorised():
            self.fail(401, "the key is missing or wrong", "invalid_api_key")
        elif path in wire.pages:
            self.told(lambda: self.page(wire.pages[path], body))
        elif path in wire.routes:
            self.told(lambda: self.infer(wire.routes[path], body))
        elif self.is_stored(path) and path.endswith("/cancel"):
            self.told(lambda: wire.stored.cancel(path))
        else:
            self.fail(404, f"no such path: {path}")

    def told(self, work):
        """What breaks the wire is refused, by naming it."""
        try:
            work()
        except Refused as refusal:
            self.fail(refusal.status, str(refusal), refusal.code)
        except WRONG_SHAPE as reason:
            dialect = self.server.dialect
            self.fail(400, f"{dialect}: a value of the wrong shape: {type(reason).__name__} {reason}")

    def page(self, make, body):
        """An answer that no script has a part in."""
        self.known(body.get("model") or body.get("name"))
        self.send(200, make(body))

    def known(self, model):
        if not catalogue.serves(self.server.models, model):
            raise Refused(self.server.wire.unknown.format(model), 404, "model_not_found")

    def authorised(self):
        given = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or self.headers.get("x-api-key")
        return not self.server.key or given == self.server.key

    # Inference.

    def infer(self, route, body):
        conversation = route.read(body, self.headers)
        self.entry["notes"] = conversation.notes
        self.known(conversation.model)
        if conversation.idle:
            self.send(200, route.idle(conversation))
            return
        name, step, plan = self.server.scripts.play(conversation)
        self.entry.update(
            script=name,
            step=step,
            tools=[tool.full_name for tool in conversation.tools],
            images=conversation.images,
            stream=conversation.stream,
            reasoning=bool(conversation.reasoning),
        )
        if route.counts:
            self.send(200, route.counted(plan))
        elif plan.fault == "e429":
            message = "scripted: rate limit reached, try again in 7s"
            self.fail(429, message, "rate_limit_exceeded", [("Retry-After", "7")])
        elif plan.fault == "overflow":
            self.fail(400, self.server.wire.overflow, "context_length_exceeded")
        elif plan.fault == "e500":
            self.fail(500, "scripted: first try fails", "server_error")
        elif (plan.fault or "").startswith("unparsed"):
            raw = plan.fault.removeprefix("unparsed ")
            self.fail(500, f"error parsing tool call: raw='{raw}', err=invalid character in JSON")
        else:
            self.answer(route, conversation, plan)

    def answer(self, route, conversation, plan):
        ident = f"{os.getpid():x}{self.entry['n']:06x}"
        if conversation.stream:
            self.answer_stream(route.stream(conversation, plan, ident), plan)
        else:
            self.answer_whole(route.whole(conversation, plan, ident), plan)

    def answer_whole(self, answer, plan):
        if plan.fault == "error-in-stream":
            self.fail(500, "scripted error")
            return
        if plan.fault in ("stall", "slow"):
            self.hold(self.server.stall if plan.fault == "stall" else 1.6)
        if plan.fault not in ("cut", "no-terminal"):
            self.send(200, answer)
            return
        body = json.dumps(answer).encode()
        self.head(200, "application/json", [("Content-Length", str(len(body)))])
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True
        if plan.fault == "cut":
            self.reset()

    def answer_stream(self, events, plan):
        headers = [("Cache-Control", "no-cache"), ("Transfer-Encoding", "chunked")]
        self.head(200, self.server.wire.media, headers)
        pause = self.server.delay or (0.1 if plan.fault == "slow" else 0)
        held = b""
        for number, (kind, data) in enumerate(events, 1):
            self.entry["events"] = number
            if plan.fault == "no-terminal" and kind == "end":
                break
            if number == FAULT_AT_EVENT and plan.fault == "cut":
                self.reset()
                return
            if number == FAULT_AT_EVENT and plan.fault == "stall":
                self.hold(self.server.stall)
            if number == FAULT_AT_EVENT and plan.fault == "error-in-stream":
                self.chunk(self.server.wire.error_event())
                break
            held += data
            size = RAGGED if plan.fault == "long" else len(held)
            while held and len(held) >= size:
                self.chunk(held[:size])
                held = held[size:]
            if pause:
                time.sleep(pause)
        if held:
            self.chunk(held)
        self.wfile.write(b"0\r\n\r\n")

    # Bytes in and out.

    def body_bytes(self):
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            body = self.chunked_body()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def chunked_body(self):
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0].strip() or b"0", 16)
            if size == 0:
                while self.rfile.readline().strip():
                    pass
                return body
            body += self.rfile.read(size)
            self.rfile.readline()

    def head(self, status, media, headers):
        self.entry["status"] = status
        self.send_response(status)
        self.send_header("Content-Type", media)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def send(self, status, value, headers=()):
        body = json.dumps(value, ensure_ascii=False).encode()
        self.head(status, "application/json", [("Content-Length", str(len(body))), *headers])
        if self.command != "HEAD":
            self.wfile.write(body)

    def plain(self, text):
        self.head(200, "text/plain; charset=utf-8", [("Content-Length", str(len(text)))])
        self.wfile.write(text.encode())

    def fail(self, status, message, code=None, headers=()):
        self.entry["error"] = message
        self.send(status, self.server.wire.error(status, message, code), headers)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def gone(self):
        """True once the client has hung up."""
        if not select.select([self.connection], [], [], 0)[0]:
            return False
        try:
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def reset(self):
        """Closes with a TCP reset."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def hold(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.gone():
                raise BrokenPipeError
            time.sleep(0.05)
