#!/usr/bin/env python3
"""Serves a GGUF with the llama.cpp HTTP server of the xllamacpp wheel, until SIGTERM.

    serve_tiny.py MODEL.gguf [--port 0] [--alias rig-tiny] [--key KEY] [--seed 1]

Port 0 lets the system choose; `listening on URL` says which it was.
"""

import argparse
import signal
import sys
import threading

import xllamacpp


def settings(options):
    values = xllamacpp.CommonParams()
    values.model.path = options.weights
    values.port = options.port
    values.model_alias = type(values.model_alias)([options.alias])
    values.api_keys = [options.key] if options.key else []
    values.n_ctx = 262144
    values.n_parallel = 2
    values.n_predict = 512
    values.use_jinja = True
    values.sampling.seed = options.seed
    values.warmup = False
    values.n_gpu_layers = 0
    values.cpuparams.n_threads = 1
    values.cpuparams_batch.n_threads = 1
    values.fit_params = False
    values.offline = True
    return values


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("weights")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--alias", default="rig-tiny")
    arguments.add_argument("--key")
    arguments.add_argument("--seed", type=int, default=1, help="of requests that bring none (default 1)")
    server = xllamacpp.Server(settings(arguments.parse_args()))
    # One write, on a line of its own: the server's own log goes to the same place.
    sys.stdout.write(f"\nlistening on {server.listening_address}\n")
    sys.stdout.flush()

    stopped = threading.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: stopped.set())
    stopped.wait()


if __name__ == "__main__":
    main()
