"""Calls as models make them, not as the tools were declared: gpt-oss's trained tools, wrapped patches, broken JSON."""

import json
import re

from scripted_model import tools
from scripted_model.conversation import Tool
from scripted_model.plan import Call

COMPLAINT = re.compile(r"json|argument|pars|invalid|error|unsupported|abort|not found", re.IGNORECASE)


class Shape:
    """What is to be written, in the ways to say it."""

    def __init__(self, scene):
        self.conversation, self.words = scene.conversation, scene.words
        self.file, self.token = scene.words.get("file", "result.txt"), scene.words.get("token", "TOKEN-0")
        self.secret = scene.words.get("secret", "secret.txt")
        self.command = f"echo {self.token} > {self.file}"
        self.patch = f"*** Begin Patch\n*** Add File: {self.file}\n+{self.token}\n*** End Patch\n"

    def declared(self, broken):
        """The shell that was offered, with arguments that are not quite JSON."""
        call = tools.shell(self.conversation, self.command)
        return call and Call(call.tool, call.value, broken(call.text, call.value))


def undeclared(name, value, raw=None):
    return Call(Tool(name), value, raw)


def patched(value, raw=None, name="apply_patch"):
    return undeclared(name, value, raw)


def single_quoted(text, value):
    return repr(value)


WRITES = {
    "container-exec": lambda it: undeclared("container.exec", {"cmd": ["bash", "-lc", it.command]}),
    "container-exec-text": lambda it: undeclared("container.exec", {"command": it.command}),
    "container-patch": lambda it: undeclared("container.exec", {"cmd": ["apply_patch", it.patch]}),
    "repo-browser": lambda it: patched({"patch": it.patch}),
    "prefixed": lambda it: undeclared("functions.exec_command", {"cmd": it.command}),
    "patch-member": lambda it: patched({"patch": it.patch}),
    "patch-twice": lambda it: patched({"input": json.dumps({"input": it.patch})}),
    "patch-heredoc": lambda it: patched({"input": f"apply_patch <<'EOF'\n{it.patch}EOF\n"}),
    "patch-fenced": lambda it: patched({"input": f"```diff\n{it.patch}```\n"}),
    "patch-command": lambda it: patched({"command": ["apply_patch", it.patch]}),
    "patch-aliased": lambda it: patched({"input": it.patch}, name="applypatch"),
    "patch-bare": lambda it: patched({"input": it.patch}, it.patch),
    "broken-open": lambda it: it.declared(lambda text, value: text[:-1]),
    "broken-comma": lambda it: it.declared(lambda text, value: text[:-1] + ",}"),
    "broken-quotes": lambda it: it.declared(single_quoted),
    "shell-bare": lambda it: it.declared(lambda text, value: it.command),
    "hopeless": lambda it: it.declared(lambda text, value: "I would write the file, if I may."),
}# What may be answered with an error that the model can act on; all else has to be understood at once.
BEYOND_REPAIR = ("broken-open", "broken-comma", "broken-quotes", "shell-bare", "hopeless")


def write(scene):
    """The call that writes, in the shape that the directive names."""
    call = WRITES[scene.words.get("shape")](Shape(scene))
    return [call] if call else []


def write_properly(scene):
    it = Shape(scene)
    call = tools.shell(it.conversation, it.command)
    return [call] if call else []


def complaint(scene):
    """The result of the first call where it says that the call was not understood."""
    return scene.results[0] if len(scene.results) == 1 and COMPLAINT.search(scene.results[0]) else None


def read(scene):
    it, shape = Shape(scene), scene.words.get("shape", "")
    if shape.startswith("container"):
        return [undeclared("container.exec", {"cmd": ["cat", it.file, it.secret]})]
    if shape == "repo-browser":
        lines = {"line_start": 1, "line_end": 5}
        return [
            undeclared("repo_browser.print_tree", {"path": ".", "depth": 1}),
            undeclared("repo_browser.search", {"path": ".", "query": "TOKEN", "max_results": 5}),
            undeclared("repo_browser.open_file", {"path": it.secret, **lines}),
        ]
    return tools.read(it.conversation, scene.words)
