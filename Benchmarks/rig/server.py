"""A server under measurement: started on a port of the system's choice, its output in a file, stopped with its tree."""

import os
import re
import resource
import signal
import socket
import subprocess
import time

from rig import proc


class DidNotStart(Exception):
    pass


def free_port():
    """For servers that cannot be told to choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _child_setup():
    os.setpgid(0, 0)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Server:
    def __init__(self, name, command, folder, environment=None, announces=None, port=None, seconds=30):
        """`announces` finds the port in the output; a server that cannot choose gets `port` and is waited for."""
        self.name = name
        self.log = os.path.join(folder, f"{name}.log")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_child_setup,
            )
        self.pid = self.process.pid
        try:
            self.port = self._announced(announces, seconds) if announces else self._connected(port, seconds)
        except BaseException:
            self.stop()
            raise

    def _waiting(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise DidNotStart(f"{self.name} exited with {self.process.returncode}: {self.output()[-300:]}")
            yield
            time.sleep(0.02)
        raise DidNotStart(f"{self.name} did not come up within {seconds} s: {self.output()[-300:]}")

    def _announced(self, pattern, seconds):
        for _ in self._waiting(seconds):
            found = re.search(pattern, self.output())
            if found:
                return int(found.group(1))

    def _connected(self, port, seconds):
        for _ in self._waiting(seconds):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return port

    def output(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        """Only this child and what was seen below it."""
        if self.process.poll() is not None:
            return
        below = proc.tree(self.pid)
        self.process.terminate()
        try:
            self.process.wait(8)
        except subprocess.TimeoutExpired:
            pass
        for pid in below:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        self.process.wait()
