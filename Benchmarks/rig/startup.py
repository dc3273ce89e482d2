"""How long the binary takes: `torii --version`, and from exec to listening."""

import os
import re
import subprocess
import time

from rig.peers import ANNOUNCED, torii_command


def version_ms(torii):
    started = time.monotonic()
    subprocess.run([torii, "--version"], check=True, capture_output=True)
    return (time.monotonic() - started) * 1e3


def listening_ms(torii, upstream_port, folder):
    command, environment = torii_command(torii, upstream_port, folder)
    started = time.monotonic()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        for line in process.stderr:
            if re.search(ANNOUNCED, line.decode()):
                return (time.monotonic() - started) * 1e3
    finally:
        process.terminate()
        process.communicate()
    raise RuntimeError(f"torii serve ended with {process.returncode} before it listened")
