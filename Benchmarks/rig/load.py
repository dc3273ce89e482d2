"""Drives wrk and sload, and reads the processors' and the memory's share in what they measured."""

import http.client
import json
import os
import re
import subprocess
import time

from rig import proc
from rig.peers import BENCHMARKS, KEY

WRONG = 0.001  # share of requests that may fail before a cell is worthless
PATHS = {"responses": "/v1/responses", "messages": "/v1/messages"}
RAMP_MS = {64: 1000, 512: 2000}


def path_of(body):
    """A body's name begins with its wire, unless that is Chat Completions."""
    return PATHS.get(body.split("-")[0], "/v1/chat/completions")


class Rig:
    """One upstream and the tools that were built for it."""

    def __init__(self, upstream, tools, bodies):
        self.upstream, self.tools, self.bodies = upstream, tools, bodies

    def body(self, name):
        with open(f"{self.bodies}/{name}.json", "rb") as file:
            return file.read()

    def statistics(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream.port, timeout=5)
        connection.request("GET", "/__stats")
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def post(self, port, name):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
        connection.request("POST", path_of(name), self.body(name), headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response.status, answer

    def check(self, port):
        """The answers must be right before they are timed."""
        status, answer = self.post(port, "small")
        assert status == 200, (status, answer[:200])
        small = json.loads(answer)
        assert small["choices"][0]["message"]["content"].startswith("The quick"), answer[:200]
        status, answer = self.post(port, "large")
        assert status == 200 and json.loads(answer)["usage"]["prompt_tokens"] > 20000, (status, answer[:200])
        status, answer = self.post(port, "stream")
        assert status == 200 and answer.count(b"ts=") == 64, (status, answer[-300:])
        assert b"[DONE]" in answer and b'"total_tokens"' in answer, answer[-300:]

    def wrk(self, port, name, seconds, connections, key=KEY):
        url = f"http://127.0.0.1:{port}{path_of(name)}"
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
        command += ["-s", f"{BENCHMARKS}/post.lua", url, "--", f"{self.bodies}/{name}.json", key]
        run = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 45)
        found = re.search(r"^WRK (\{.*\})", run.stdout, re.MULTILINE)
        if not found:
            raise RuntimeError(f"wrk ended with {run.returncode}: {run.stdout[-300:]}{run.stderr[-300:]}")
        return json.loads(found.group(1))

    def sload(self, port, name, streams):
        ramp = RAMP_MS.get(streams, 3000 if streams > 512 else 1000)
        command = [f"{self.tools}/sload", "-u", f"127.0.0.1:{port}", "-p", path_of(name), "-k", KEY, "-t", "20"]
        command += ["-b", f"{self.bodies}/{name}.json", "-c", str(streams), "-r", str(ramp)]
        return json.loads(subprocess.run(command, capture_output=True, text=True, timeout=40).stdout)

    def accounted(self, pid, work):
        """Runs `work` and says what it cost the peer (`pid`, or nobody) and whether anybody else disturbed it."""
        pids = proc.tree(pid) if pid else []
        proc.reset_peak_memory(pids)
        time.sleep(0.2)
        before = self._snapshot(pids)
        result = work()
        pids = proc.tree(pid) if pid else []
        after = self._snapshot(pids)
        spent = {key: after[key] - before[key] for key in before}
        ours = spent["peer"] + spent["upstream"] + spent["load"]
        return result, {
            "cpu_s": spent["peer"],
            "cores": spent["peer"] / spent["wall"],
            "rss_mb": proc.memory_mb(pids) if pid else None,
            "completed": spent["completed"],
            "foreign_cores": max(0.0, (spent["machine"] - ours) / spent["wall"]),
        }

    def _snapshot(self, pids):
        return {
            "completed": self.statistics()["completed"],
            "peer": proc.cpu_seconds(pids),
            "upstream": proc.cpu_seconds([self.upstream.pid]),
            "load": sum(os.times()[:4]),  # wrk and sload are children of this script
            "machine": proc.machine_busy_seconds(),
            "wall": time.monotonic(),
        }

    def throughput(self, server, name, seconds, connections):
        """One cell of requests as fast as they go."""
        pid = server.pid if server else None
        port = server.port if server else self.upstream.port
        load, cost = self.accounted(pid, lambda: self.wrk(port, name, seconds, connections))
        requests = load["requests"]
        errors = sum(load[key] for key in ("e_connect", "e_read", "e_write", "e_status", "e_timeout"))
        missing = max(0, requests - cost["completed"])  # answers that the upstream never gave
        invalid = None
        if not requests or errors > requests * WRONG:
            invalid = f"{errors} errors in {requests} requests"
        elif missing > 2 * connections:
            invalid = f"{missing} answers without the upstream"
        return {
            "invalid": invalid,
            "rps": requests / (load["duration_us"] / 1e6),
            "p50_ms": load["p50_us"] / 1e3,
            "p99_ms": load["p99_us"] / 1e3,
            "cpu_us": cost["cpu_s"] / requests * 1e6 if requests and pid else None,
            "rss_mb": cost["rss_mb"],
            "cores": cost["cores"],
            "foreign_cores": cost["foreign_cores"],
        }

    def streams(self, server, name, count):
        """One cell of slow streams side by side."""
        pid = server.pid if server else None
        port = server.port if server else self.upstream.port
        load, cost = self.accounted(pid, lambda: self.sload(port, name, count))
        return {
            "failed": count - load["whole"],
            "first_byte_p50_ms": load["first_byte_ms"]["p50"],
            "first_byte_p99_ms": load["first_byte_ms"]["p99"],
            "one_way_p50_us": load["one_way_us"]["p50"],
            "one_way_p99_us": load["one_way_us"]["p99"],
            "gap_p99_ms": load["gap_ms"]["p99"],
            "cpu_us_chunk": cost["cpu_s"] / max(1, load["chunks"]) * 1e6 if pid else None,
            "rss_mb": cost["rss_mb"],
            "cores": cost["cores"],
            "foreign_cores": cost["foreign_cores"],
        }
