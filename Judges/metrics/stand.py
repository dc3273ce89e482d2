"""A gateway with tenants, keys, budgets and providers of which some fail, wait or are slow, and a Prometheus that watches it."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import judging
from processes import Child
from servers import ON_LOOPBACK

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(f"{HERE}/../..")
DEPLOY = f"{ROOT}/deploy/prometheus"
UPSTREAM_KEY = "sk-upstream-1c7d90ab"
SCRAPE_TOKEN = "scrape-5f0b7d1e93a84c26"
# In the rules minutes pass; here seconds do. Each has to be found, or the rules were changed and this is forgotten.
SHORTENED = {
    "prometheus.yml": [(r"(scrape|evaluation)_interval: \d+s", r"\1_interval: 1s"), (r"127\.0\.0\.1:8788", "{admin}")],
    "recording.yml": [(r"\[5m\]", "[10s]")],
    "alerts.yml": [
        (r"for: \w+", "for: 2s"),
        (r"\[2m\]", "[5s]"),
        (r"p95_rate5m > 10", "p95_rate5m > 0.2"),
        (r"seconds > 300", "seconds > 2"),
    ],
}
CONFIGURATION = """\
providers:
  - {{name: good, base_url: "{good}/v1", api_key: {key}, dialect: chat, model: m-good}}
  - {{name: narrow, base_url: "{good}/v1", api_key: {key}, dialect: chat, model: m-good, max_concurrent: 1}}
  - {{name: other, base_url: "{other}/v1", api_key: {key}, dialect: messages, model: m-other}}
  - name: flaky
    base_url: "{flaky}/v1"
    api_key: {key}
    dialect: chat
    model: m-flaky
    breaker: {{failures: 3, cooldown: 1s, max_cooldown: 2s}}
  - {{name: slow, base_url: "{slow}/v1", api_key: {key}, dialect: chat, model: m-slow}}
routes:
  - name: resilient
    when: {{models: [resilient]}}
    targets: [{{provider: flaky, model: m-flaky}}]
    fallbacks: [{{provider: good, model: m-good}}]
prices: {{unknown: {{input: 1, output: 2}}}}
server:
  tls_cert: cert.pem
  tls_key: key.pem
  attempts: {{retries: 1, backoff: 10ms}}
  metrics: {{token: "file:scrape.token", max_series: {series}}}
"""


def until(what, seconds, is_so):
    """Waits for something, and says for what if it does not come; `what` may be a call that says it then."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.2)
    return found


class Model:
    """A scripted model; one that was stopped may come back on its port."""

    def __init__(self, dialect, model, delay=0):
        words = [
            sys.executable,
            "-B",
            f"{ROOT}/Judges/model.py",
            "--dialect",
            dialect,
            "--model",
            model,
            "--key",
            UPSTREAM_KEY,
        ]
        self.words, self.port = [*words, "--delay-ms", str(delay)], 0
        self.start()

    def start(self):
        self.child = Child([*self.words, "--port", str(self.port)], f"model on {ON_LOOPBACK}", seconds=20)
        self.url = self.child.announced
        self.port = urllib.parse.urlparse(self.url).port

    def stop(self):
        self.child.stop()


class Gateway:
    """torii over TLS, with its own store. It may be stopped and started again on the same ports."""

    def __init__(self, torii):
        self.torii, self.upstreams, self.home, self.child = torii, {}, judging.scratch("metrics"), None
        self.port = self.admin = 0
        self.surroundings = {
            "HOME": self.home,
            "XDG_CONFIG_HOME": f"{self.home}/c",
            "XDG_STATE_HOME": f"{self.home}/state",
        }
        self.write("scrape.token", SCRAPE_TOKEN)

    def write(self, name, text):
        with open(
            os.open(f"{self.home}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)

    def configure(self, more="", series=10_000):
        self.write("config.yaml", CONFIGURATION.format(**self.upstreams, key=UPSTREAM_KEY, series=series) + more)

    def certify(self, days):
        """A certificate of its own for so many days."""
        words = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            str(days),
        ]
        words += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        words += ["-keyout", f"{self.home}/key.pem", "-out", f"{self.home}/cert.pem"]
        subprocess.run(words, check=True, capture_output=True, timeout=30)

    def administer(self, *words):
        command = [self.torii, *words, "--format", "json", "--config", f"{self.home}/config.yaml"]
        done = subprocess.run(
            command, env={**os.environ, **self.surroundings}, capture_output=True, text=True, timeout=30
        )
        if done.returncode:
            raise RuntimeError(f"torii {' '.join(words)}: {done.returncode} {done.stderr}")
        return json.loads(done.stdout)

    def start(self):
        words = [
            self.torii,
            "serve",
            "--config",
            f"{self.home}/config.yaml",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        words += ["--admin-port", str(self.admin), "--log-format", "json"]
        announces = r"listening on (https://127\.0\.0\.1:\d+, administration on http://127\.0\.0\.1:\d+)(?=[^\d.])"
        self.child = Child(words, announces, self.surroundings, seconds=30)
        self.port, self.admin = (
            int(url.rsplit(":", 1)[1]) for url in self.child.announced.split(", administration on ")
        )

    def reload(self, more="", series=10_000):
        self.configure(more, series)
        os.kill(self.child.process.pid, signal.SIGHUP)

    def hold_ledger(self):
        """Another program that writes the ledger: nothing is filed until the connection is closed."""
        holder = sqlite3.connect(f"{self.home}/state/torii/ledger.sqlite", timeout=10, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        return holder

    def fetch(self, path, key=None, accept="*/*"):
        """Asks the administration: status, type of the content, text."""
        fields = {"Accept": accept} | ({"Authorization": f"Bearer {key}"} if key else {})
        request = urllib.request.Request(f"http://127.0.0.1:{self.admin}{path}", headers=fields)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.headers["Content-Type"] or "", response.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers["Content-Type"] or "", refusal.read().decode()

    def stop(self):
        if self.child:
            self.child.stop()


class Prometheus(Child):
    """The real one, with the project's own configuration and rules in which minutes are seconds."""

    def __init__(self, admin):
        self.home = judging.scratch("prometheus")
        copy_rules(self.home, SCRAPE_TOKEN, SHORTENED, admin=f"127.0.0.1:{admin}")
        words = ["prometheus", f"--config.file={self.home}/prometheus.yml", f"--storage.tsdb.path={self.home}/data"]
        words += ["--web.listen-address=127.0.0.1:0", "--enable-feature=exemplar-storage"]
        self.begun = time.time()
        super().__init__(words, r'msg="Listening on" address=(127\.0\.0\.1:\d+)', seconds=30)

    def ask(self, path, **words):
        url = f"http://{self.announced}/api/v1/{path}?{urllib.parse.urlencode(words, doseq=True)}"
        try:
            with urllib.request.urlopen(url, timeout=20) as response:
                return json.load(response)["data"]
        except urllib.error.HTTPError as refusal:
            raise RuntimeError(f"{refusal.code} {refusal.read().decode()[:300]}") from None

    def now(self, expression):
        """The series of an instant: a list of (labels, value)."""
        result = self.ask("query", query=expression)["result"]
        return [(series["metric"], float(series["value"][1])) for series in result]

    def since_start(self, expression, end=None):
        """Series over the whole run, second by second: a list of (labels, [(time, value)])."""
        found = self.ask("query_range", query=expression, start=self.begun, end=end or time.time(), step=1)["result"]
        return [(series["metric"], [(at, float(value)) for at, value in series["values"]]) for series in found]

    def firing(self):
        return {labels["alertname"] for labels, _ in self.now('ALERTS{alertstate="firing"}')}

    def stop(self):
        super().stop()
        judging.drop(self.home)


def copy_rules(folder, token, changes, **values):
    """Copies deploy/prometheus/ with a token, and changes what has to be changed."""
    shutil.copytree(DEPLOY, folder, dirs_exist_ok=True)
    for name, edits in changes.items():
        with open(f"{folder}/{name}", encoding="utf-8") as file:
            text = file.read()
        for pattern, replacement in edits:
            text, count = re.subn(pattern, replacement.format(**values), text)
            if not count:
                raise RuntimeError(f"{name} has no {pattern} any more")
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    with open(
        os.open(f"{folder}/torii.token", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(token)
