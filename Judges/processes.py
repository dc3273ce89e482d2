"""Child processes of the judges: started in a session of their own, read line by line, always stopped."""

import os
import re
import signal
import subprocess
import tempfile
import time


class Child:
    """A server that announces itself in a line of its output.

    Its output goes to a file, so that it never blocks on a full pipe; the file is shown if the child fails.
    """

    def __init__(self, command, announces, environment=None, folder=None, seconds=60):
        self.command = command
        self.log = tempfile.NamedTemporaryFile("w+", prefix="judge-", suffix=".log", delete=False)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=folder,
            start_new_session=True,
        )
        try:
            self.announced = self._await(re.compile(announces, re.MULTILINE), seconds)
        except BaseException:
            self.stop()
            raise

    def _await(self, pattern, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = pattern.search(self.output())
            if found:
                return found.group(1)
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        status = self.process.poll()
        how = f"ended with {status}" if status is not None else f"said nothing of the kind within {seconds} s"
        raise RuntimeError(f"{self.command[0]} {how}:\n{self.output()[-2000:]}")

    def output(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        """Ends the child and its session, and nothing else."""
        for kind in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                break
            try:
                os.killpg(self.process.pid, kind)
                self.process.wait(8)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        self.process.wait()
        self.log.close()
        if os.path.exists(self.log.name):
            os.unlink(self.log.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
