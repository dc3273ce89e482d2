"""A line between a client and a server that lets everything through and remembers how connections began."""

import socket
import threading
from urllib.parse import urlparse


class Tap:
    """Listens on loopback; `url` is to be used in the place of the server's."""

    def __init__(self, url):
        parsed = urlparse(url)
        self.server = (parsed.hostname, parsed.port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lock, self.asked, self.upgraded = threading.Lock(), [], 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def posts(self, path):
        """How many requests were posted to this path."""
        with self.lock:
            return sum(data.count(f"POST {path} HTTP/1.1".encode()) for data in self.asked)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.server, timeout=10)
            except OSError:  # closed, by us or by the server
                return
            server.settimeout(None)
            for work in (self._forward, self._back):
                threading.Thread(target=work, args=(client, server), daemon=True).start()

    def _forward(self, client, server):
        for data in pieces(client):
            with self.lock:
                self.asked.append(data)
            if not sent(server, data):
                break
        closed(server)

    def _back(self, client, server):
        first = True
        for data in pieces(server):
            with self.lock:
                self.upgraded += first and data.startswith(b"HTTP/1.1 101")
            first = False
            if not sent(client, data):
                break
        closed(client)


def pieces(connection):
    try:
        while data := connection.recv(1 << 16):
            yield data
    except OSError:  # a reset ends it as well
        return


def sent(connection, data):
    try:
        connection.sendall(data)
        return True
    except OSError:
        return False


def closed(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # the other side was first
        pass
    connection.close()
