# torii: every way to build, test, judge and measure it. `make help` lists them.

SWIFT        ?= swift
PREFIX       ?= /usr/local
FUZZ_SECONDS ?= 60
CHAOS_SECONDS ?= 600

export SWIFT

.DEFAULT_GOAL := help
.PHONY: help setup build release test check lint demo judges pictures bench fuzz chaos long install clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the system packages that a build needs, if any is missing
	@Scripts/setup.sh build

build: setup ## debug build
	$(SWIFT) build

release: setup ## optimised build that runs on a machine without Swift
	@Scripts/release.sh

test: setup ## build with warnings as errors, check the imports, run every test
	@Scripts/test.sh

check: lint test ## what a change has to pass: lint, build, imports, tests

lint: ## strict format lint; also the shell and Python files
	@Scripts/lint.sh

demo: setup ## start a gateway, send a prompt through it, show the answer, stop
	@Scripts/demo.sh

judges: setup ## llm-comply, the official SDKs, the ollama client, the real Codex and Claude Code through the gateway
	@Scripts/judges.sh

pictures: setup ## draw each row of the dashboards from a real Prometheus into docs/pictures/
	@Scripts/pictures.sh

bench: setup ## measure torii beside nginx, Node and a direct line (BENCH="--rounds 1 …")
	@Scripts/bench.sh $(BENCH)

fuzz: setup ## fuzz every reader of the wire, so long each (FUZZ_SECONDS=60)
	@Scripts/fuzz.sh $(FUZZ_SECONDS)

chaos: setup ## random faults on three upstreams under load, so long (CHAOS_SECONDS=600)
	@Scripts/chaos.sh $(CHAOS_SECONDS)

long: setup ## everything too long for CI: fuzzing, chaos, thread sanitizer, all judges, benchmarks
	@Scripts/long.sh

install: release ## install into PREFIX (default /usr/local)
	@Scripts/install.sh "$(DESTDIR)$(PREFIX)"

clean: ## remove what was built (the judges' downloads stay; see .judges/)
	rm -rf .build .bench
