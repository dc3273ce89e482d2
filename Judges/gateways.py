"""torii as a judge starts it: in a scratch home with a configuration and a store of its own, on free ports."""

import os
import subprocess
import tempfile

from judging import drop
from processes import Child

# The whole of both addresses: nothing is read of a line that is still being written.
LISTENING = r"listening on (https?://[^\s,]+, administration on http://[^\s\"]+)(?=[\s\"])"


class Home:
    """A folder that torii takes for its user's home, with `configuration` in a file that only he may read."""

    def __init__(self, torii, configuration, name="torii"):
        self.torii = os.path.abspath(torii)
        self.folder = tempfile.mkdtemp(prefix=f"judge-{name}-")
        path = f"{self.folder}/config.yaml"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(configuration)
        self.environment = {
            "HOME": self.folder,
            "TORII_CONFIG": path,
            "XDG_CONFIG_HOME": f"{self.folder}/config",
            "XDG_STATE_HOME": f"{self.folder}/state",
        }

    def serve(self, *words, port=0):
        """The command that starts a gateway in it."""
        return [self.torii, "serve", "--host", "127.0.0.1", "--port", str(port), "--admin-port", "0", *words]

    def run(self, *words, seconds=None, **environment):
        """Runs one of torii's other commands to its end, and returns what it printed."""
        done = subprocess.run(
            [self.torii, *words],
            env={**os.environ, **self.environment, **environment},
            capture_output=True, text=True, timeout=seconds, check=False,
        )
        if done.returncode:
            raise RuntimeError(f"torii {' '.join(words)}: {done.returncode} {done.stderr}")
        return done.stdout

    def drop(self):
        drop(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.drop()


class Gateway(Child):
    """A gateway in a home: it announces its own address, and `administration` is the other one."""

    def __init__(self, home, *words, port=0, environment=None, seconds=60):
        self.home = home
        surroundings = {**home.environment, **(environment or {})}
        super().__init__(home.serve(*words, port=port), LISTENING, surroundings, seconds=seconds)
        self.announced, self.administration = self.announced.split(", administration on ")
        self.port, self.admin_port = (int(url.rsplit(":", 1)[1]) for url in (self.announced, self.administration))


class OwnGateway(Gateway):
    """A gateway whose home goes when it does."""

    def __init__(self, home, **more):
        try:
            super().__init__(home, **more)
        except BaseException:
            home.drop()
            raise

    def stop(self):
        super().stop()
        self.home.drop()
