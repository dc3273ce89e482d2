"""The gateway, what stands behind it and before it, and what befalls them in turn."""

import re
import threading
import time

import judging
from metrics import boards
from metrics.files import alerts, promtool, text_of
from metrics.load import Client, Steady, at_once
from metrics.stand import DEPLOY, SCRAPE_TOKEN, Gateway, Model, Prometheus, until

OURS = re.compile(r"^(torii_|gen_ai_|http_|process_)")
OPEN_METRICS = "application/openmetrics-text"
# So few series for each name that a name overflows, behind the restart: the fewest that may be said.
FEW_SERIES = 16
# Metrics that no dashboard shows, with the reason. There is none.
HIDDEN = {}


class Story:
    """One run: all is well, everything goes wrong, all is mended, the gateway is gone and comes back."""

    def __init__(self, torii):
        self.models, self.keys, self.names, self.prometheus = {}, {}, {}, None
        self.gateway = Gateway(torii)
        self.worst = self.stopped = time.time()

    def begin(self):
        self.models["good"] = Model("chat", "m-good")
        self.models["other"] = Model("messages", "m-other")
        self.models["flaky"] = Model("chat", "m-flaky")
        self.models["slow"] = Model("chat", "m-slow", delay=300)
        self.gateway.upstreams = {name: model.url for name, model in self.models.items()}
        self.gateway.configure()
        self.gateway.certify(days=2)
        self.people()
        self.gateway.start()
        self.prometheus = Prometheus(self.gateway.admin)
        self.acme, self.spender, self.beta, self.crowd = (
            Client(self.gateway, self.keys[name]) for name in ("acme", "spender", "beta", "crowd")
        )
        self.nobody = Client(self.gateway, "sk-torii-nobody")

    def people(self):
        """Tenants, and a budget of each kind."""
        self.operator = self.create("keys", "the judge's", "--role", "operator")["key"]
        for name in ("acme", "beta"):
            self.create("tenants", name, "--daily-budget", "10", "--monthly-budget", "1000")
        self.create("tenants", "crowd", "--requests-per-minute", "2")
        self.create("teams", "crew", "--tenant", "acme", "--daily-budget", "20")
        self.create("users", "ann", "--tenant", "acme", "--team", "crew", "--daily-budget", "20")
        words = ["--tenant", "acme", "--user", "ann", "--daily-budget", "20"]
        self.keys["acme"] = self.create("keys", "ci", *words)["key"]
        for name, tenant in (("spender", "acme"), ("beta", "beta"), ("crowd", "crowd")):
            self.keys[name] = self.create("keys", name, "--tenant", tenant)["key"]

    def create(self, kind, name, *words):
        made = self.gateway.administer(kind, "create", name, *words)
        self.names[made["id"]] = name
        return made

    def stop(self):
        for part in filter(None, (self.prometheus, self.gateway, *self.models.values())):
            part.stop()
        judging.drop(self.gateway.home)

    def play(self, tally):
        """All of it; cases that can only be asked at one moment are asked on the way."""
        with Steady(self.acme, self.beta) as steady:
            until("Prometheus has seen the gateway", 20, lambda: self.prometheus.now('up{job="torii"} == 1'))
            tally.run("a scrape needs the token, which opens nothing else", self.doors)
            self.worsen()
            tally.run("promtool check metrics", self.lint)
            tally.run("OpenMetrics tells the same as text", self.formats)
            tally.run("every metric of the gateway is in a dashboard", self.shown)
            self.mend()
            tally.note(self.gateway.child.alive(), "the gateway lives", str(steady.statuses))
        self.restart()

    def worsen(self):
        """Everything that can go wrong while the gateway runs, until all of it is known to Prometheus."""
        self.models["flaky"].stop()
        holder = self.gateway.hold_ledger()
        over = threading.Event()
        slow = threading.Thread(target=self.keep_asking, args=(over,))
        slow.start()
        try:
            # $8.50 of $10, and $12 of $10.
            self.spender.ask("good/m-good", "[[hello usage=8500000:10:0:0]]")
            self.beta.ask("good/m-good", "[[hello usage=12000000:10:0:0]]")
            for number in range(3):
                self.trouble(number)
            self.overload()
            self.gateway.reload("nonsense: [\n")
            expected = set(alerts()) - {"ToriiInstanceDown"}
            missing = lambda: sorted(expected - self.prometheus.firing())
            until(lambda: f"{missing()} fire", 60, lambda: self.trouble(9) or not missing())
            self.worst = time.time()
        finally:
            over.set()
            slow.join()
            holder.close()

    def keep_asking(self, over):
        """Streams of a slow provider, and queues at a narrow one."""
        while not over.is_set():
            streams = [lambda: self.acme.ask("slow/m-slow", stream=True)] * 2
            at_once(*streams, *[lambda: self.acme.ask("narrow/m-good", "[[slow]]")] * 3)

    def trouble(self, number):
        """One round: a counter that moves between two scrapes has a rate."""
        begun = time.monotonic()
        self.acme.ask("good/m-good", f"[[e500-then-ok token=T{number}-{time.monotonic_ns()}]]")
        at_once(*[lambda: self.acme.ask("flaky/m-flaky")] * 4, *[lambda: self.acme.ask("resilient", stream=True)] * 2)
        at_once(
            lambda: self.nobody.ask("m-good"),
            lambda: self.acme.ask("no-such-model"),
            lambda: self.acme.send("GET", "/no/such/path"),
            lambda: self.beta.ask("m-good"),
            *[lambda: self.crowd.ask("m-good")] * 4,
            *[lambda: self.acme.ask("m-good", "[[slow]]", stream=True, leaves=True)] * 2,
            lambda: self.acme.ask("m-other", dialect="chat", stream=True),
            lambda: self.acme.ask("m-good", "[[error-in-stream]]", stream=True),
        )
        time.sleep(max(0, 1.5 - (time.monotonic() - begun)))

    def overload(self):
        """A limit of memory that the process is beyond, for as long as it takes to be seen."""
        self.gateway.reload("  overload: {memory: 8MiB}\n")
        until("overload", 30, lambda: self.prometheus.now("torii_overload_shedding > 0"))
        for _ in range(2):
            at_once(*[lambda: self.acme.ask("m-good", "[[slow]]")] * 6)
        self.gateway.reload()
        until("no overload", 30, lambda: not self.prometheus.now("torii_overload_shedding > 0"))

    def mend(self):
        """All of that, undone."""
        self.models["flaky"].start()
        self.gateway.reload()
        for name in ("acme", "beta"):
            self.gateway.administer("tenants", "change", name, "--daily-budget", "1000")
        # Certificates count from a start on.
        left = lambda: sorted(self.prometheus.firing() - {"ToriiCertificateExpires", "ToriiCertificateExpiresSoon"})
        until(lambda: f"{left()} resolve", 60, lambda: self.probe() or not left())

    def probe(self):
        at_once(*[lambda: self.acme.ask("flaky/m-flaky")] * 2)

    def restart(self):
        """Gone for a while, and there again with another certificate and few series."""
        self.stopped = time.time()
        self.gateway.stop()
        until("ToriiInstanceDown fires", 30, lambda: "ToriiInstanceDown" in self.prometheus.firing())
        self.gateway.certify(days=90)
        self.gateway.configure(series=FEW_SERIES)
        self.gateway.start()
        self.acme, self.beta, self.crowd = (Client(self.gateway, self.keys[name]) for name in ("acme", "beta", "crowd"))
        self.nobody = Client(self.gateway, "sk-torii-nobody")
        dialects = ("chat", "responses", "messages", "ollama")
        for _ in range(3):
            for client in (self.acme, self.beta, self.crowd, self.nobody):
                at_once(*[lambda d=dialect, c=client: c.ask("m-good", dialect=d) for dialect in dialects])
                at_once(*[lambda d=dialect, c=client: c.ask("no-such-model", dialect=d) for dialect in dialects])
            time.sleep(1.2)
        until(lambda: f"{sorted(self.prometheus.firing())} resolve", 40, lambda: not self.prometheus.firing())

    # What is asked of the gateway itself

    def doors(self):
        fetch = self.gateway.fetch
        statuses = {
            "nobody's": fetch("/metrics")[0],
            "a caller's": fetch("/metrics", self.keys["acme"])[0],
            "the operator's": fetch("/metrics", self.operator)[0],
            "the token's": fetch("/metrics", SCRAPE_TOKEN)[0],
            "the token's, of tenants": fetch("/admin/v1/tenants", SCRAPE_TOKEN)[0],
            "on the public listener": self.acme.send("GET", "/metrics"),
        }
        refused = [name for name in statuses if name not in ("the operator's", "the token's")]
        assert statuses["the operator's"] == statuses["the token's"] == 200, statuses
        assert all(statuses[name] in (401, 403, 404) for name in refused), statuses
        return str(statuses)

    def scrape(self, accept="text/plain;version=0.0.4"):
        status, kind, text = self.gateway.fetch("/metrics", SCRAPE_TOKEN, accept)
        assert status == 200, f"{status} {text[:200]}"
        return kind, text

    def lint(self):
        kind, text = self.scrape()
        assert kind.startswith("text/plain") and "version=0.0.4" in kind, kind
        said = promtool(self.gateway.home, "check", "metrics", given=text)
        assert not said, said
        return f"{text.count(chr(10))} lines"

    def formats(self):
        families = set(re.findall(r"^# TYPE (\S+)", self.scrape()[1], re.MULTILINE))
        kind, text = self.scrape(f"{OPEN_METRICS};version=1.0.0,text/plain;version=0.0.4;q=0.5")
        assert kind.startswith(f"{OPEN_METRICS}; version=1.0.0"), kind
        assert text.endswith("# EOF\n") and text.count("# EOF") == 1, text[-200:]
        types = dict(re.findall(r"^# TYPE (\S+) (\S+)", text, re.MULTILINE))
        named = {f"{name}_total" if kind == "counter" else name for name, kind in types.items()}
        # The second was fetched later.
        assert families <= named, families - named
        held = self.prometheus.ask(
            "query_exemplars", query='{__name__=~".+_bucket"}', start=self.prometheus.begun, end=time.time()
        )
        assert any(
            one["exemplars"][0]["labels"].get("request_id") for one in held
        ), "no exemplar has come to Prometheus"
        return f"{len(named)} names, {len(held)} series with exemplars"

    def shown(self):
        families = {name for name in re.findall(r"^# TYPE (\S+)", self.scrape()[1], re.MULTILINE) if OURS.match(name)}
        asked = " ".join(query for board in boards.boards() for panel in board.panels for query, _ in panel.queries)
        asked += text_of(f"{DEPLOY}/recording.yml")
        words = set(re.findall(r"[a-z_]\w+", asked))
        missing = [
            name
            for name in families
            if not {name, f"{name}_bucket", f"{name}_count"} & words | ({name} & HIDDEN.keys())
        ]
        assert families and not missing, missing
        return f"{len(families)} names"
