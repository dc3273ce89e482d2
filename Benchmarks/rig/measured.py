"""A gateway that is measured: its administration, and the instructions of a request."""

import glob
import http.client
import json
import os
import re
import subprocess

from rig import peers
from rig.load import Rig
from rig.server import Server


class Administration:
    """The admin API of a gateway, with an operator's key."""

    def __init__(self, gateway, key):
        self.port = int(re.search(r"administration on http://127\.0\.0\.1:(\d+)", gateway.output()).group(1))
        self.key = key

    def post(self, connection, kind, values):
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        connection.request("POST", f"/admin/v1/{kind}", json.dumps(values), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        if response.status != 201:
            raise RuntimeError(f"POST {kind}: {response.status} {answer}")
        return answer

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)


class Measured:
    def __init__(self, torii, upstream, folder, tools, more=""):
        # `more` are lines of the configuration.
        self.more = more
        self.torii, self.upstream, self.folder = torii, upstream, folder
        self.rig = Rig(upstream, tools, os.path.join(tools, "bodies"))
        # Valgrind does not get along with what debuggers are told.
        self.bare = os.path.join(folder, "torii-bare")
        subprocess.run(["strip", "--strip-debug", torii, "-o", self.bare], check=True)

    def start(self, *before):
        binary = self.bare if before else self.torii
        command, environment = peers.torii_command(binary, self.upstream.port, self.folder, more=self.more)
        return Server("torii", [*before, *command], self.folder, environment, announces=peers.ANNOUNCED, seconds=240)

    def run(self, *words):
        """One command of torii's, on the same store."""
        _command, environment = peers.torii_command(self.torii, self.upstream.port, self.folder, more=self.more)
        done = subprocess.run(
            [self.torii, *words], env={**os.environ, **environment}, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    def instructions(self, key, seconds):
        """Per request of 276 bytes, once all is warm, without what files the account behind it; that beside it."""
        output = os.path.join(self.folder, "callgrind.out")
        words = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--separate-threads=yes"]
        gateway = self.start(*words, f"--callgrind-out-file={output}")
        try:
            self.rig.wrk(gateway.port, "small", 3, 8, key)
            self._switch(gateway, "on")
            requests = self.rig.wrk(gateway.port, "small", seconds, 8, key)["requests"]
            self._switch(gateway, "off")
        finally:
            gateway.stop()
        serving, filing = 0, 0
        for path in glob.glob(f"{output}-*"):
            with open(path, errors="replace") as file:
                text = file.read()
            os.unlink(path)
            total = re.search(r"^totals: (\d+)", text, re.MULTILINE)
            if total and "6FilingV" in text:
                filing += int(total.group(1))
            elif total:
                serving += int(total.group(1))
        self.filing = filing / requests
        return serving / requests

    @staticmethod
    def _switch(gateway, state):
        subprocess.run(["callgrind_control", "-i", state, str(gateway.pid)], check=True, capture_output=True)

    def steady_instructions(self, key, seconds):
        counts = [self.instructions(key, seconds) for _ in range(2)]
        if max(counts) > 1.01 * min(counts):
            counts.append(self.instructions(key, seconds))
        return sorted(counts)[len(counts) // 2] if len(counts) > 2 else sum(counts) / 2, counts
