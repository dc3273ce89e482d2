"""What the judges share: one line per case, a closing `N passed, N failed`, scratch folders, runs of clients."""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import traceback
import urllib.request

RECOVERY = 2  # seconds that a server gets which was lost, before a case is run again

class Tally:
    """Runs cases and counts them. A case returns a short remark, or raises with the reason.

    `group_of` names the group that a case is counted in; the counts of groups are printed before the closing one.
    A case that raises one of `again` is run once more, after a line that says so.
    """

    def __init__(self, only=None, group_of=None, again=()):
        self.counts = {}  # group: [failed, passed, skipped]
        self.only, self.group_of, self.again = only, group_of or (lambda name: ""), again

    def wanted(self, name):
        return not self.only or any(part in name for part in self.only)

    def note(self, passed, name, detail=""):
        self._count(name, int(bool(passed)))
        remark = f": {brief(detail)}" if detail else ""
        print(f"{'ok  ' if passed else 'FAIL'} {name}{remark}", flush=True)
        return passed

    def skip(self, name, reason):
        if self.wanted(name):
            self._count(name, 2)
            print(f"SKIP {name}: {reason}", flush=True)

    def _count(self, name, how):
        self.counts.setdefault(self.group_of(name), [0, 0, 0])[how] += 1

    def run(self, name, work):
        if not self.wanted(name):
            return
        try:
            self.note(True, name, self._remark(name, work) or "")
        except AssertionError as reason:
            at = traceback.extract_tb(reason.__traceback__)[-1]
            where = f"assertion in {os.path.basename(at.filename)}:{at.lineno}: {at.line}"
            self.note(False, name, str(reason) or where)
        except Exception as reason:  # a judge reports whatever a client throws
            self.note(False, name, causes(reason))

    def _remark(self, name, work):
        try:
            return work()
        except self.again as reason:
            print(f"AGAIN {name}: {brief(causes(reason))}", flush=True)
            time.sleep(RECOVERY)
            return work()

    def end(self):
        for group, (failed, passed, skipped) in self.counts.items():
            if group:
                print(f"{group}: {passed} passed, {failed} failed, {skipped} skipped")
        failed, passed = (sum(count[at] for count in self.counts.values()) for at in (0, 1))
        print(f"{passed} passed, {failed} failed", flush=True)
        return 1 if failed or not passed else 0


def causes(reason):
    """An exception and what it came from: a client's own "Connection error." says nothing by itself."""
    chain = []
    while reason and len(chain) < 4:
        chain.append(f"{type(reason).__name__} {reason}")
        reason = reason.__cause__ or reason.__context__
    return " <- ".join(dict.fromkeys(chain))


def brief(text, length=300):
    return re.sub(r"\s+", " ", str(text)).strip()[:length]


def token(kind):
    return f"{kind}-{secrets.token_hex(5)}"


def scratch(name):
    """A fresh folder below .judges/: some clients refuse to live in the system's temporary folder."""
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".judges", "scratch"))
    os.makedirs(root, exist_ok=True)
    return tempfile.mkdtemp(prefix=name + "-", dir=root)


def project(folder, secret):
    """A small git repository with a secret that only a tool can read."""
    os.makedirs(folder)
    with open(f"{folder}/secret.txt", "w") as file:
        file.write(secret + "\n")
    git = ["git", "-c", "user.name=judge", "-c", "user.email=judge@localhost", "-C", folder]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "start"]):
        subprocess.run(git + words, check=True, capture_output=True)


def run_client(command, environment, folder, seconds):
    """Runs one client; returns (status, stdout, stderr), status None when it had to be stopped."""
    client = subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        out, err = client.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(client.pid, signal.SIGKILL)  # its own session: nothing but this client
        out, err = client.communicate()
        return None, out, err
    return client.returncode, out, err


def json_lines(text):
    """Every line of a client's output that is JSON."""
    values = []
    for line in text.splitlines():
        try:
            values.append(json.loads(line))
        except ValueError:
            pass
    return values


def content(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


def drop(folder):
    shutil.rmtree(folder, ignore_errors=True)


def drop_file(path):
    if os.path.exists(path):
        os.unlink(path)


# What the scripted model saw. Where no URL is named, nothing is known and nothing is held against anybody.


def model_log(url, since=0):
    """The requests that the scripted model saw after number `since`."""
    if not url:
        return []
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/__log?since={since}", timeout=5) as response:
            return json.load(response)
    except OSError:
        return []


def upstream_reason(url, since):
    """Why the scripted model refused, if it did."""
    if not url:
        return ""
    entries = model_log(url, since)
    refusals = [f"{entry['status']} {entry['error']}" for entry in entries if entry.get("error")]
    if refusals:
        return f" [upstream: {brief(refusals[-1], 160)}]"
    return "" if entries else " [upstream saw nothing]"


def carried(url, since, script):
    """Whether the prompt reached the scripted model at all."""
    return not url or any(entry.get("script") == script for entry in model_log(url, since))


def last_number(url):
    return max((entry["n"] for entry in model_log(url)), default=0)
