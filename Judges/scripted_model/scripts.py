"""What the model says and calls, from the conversation, the directive's words and the rounds played so far."""

import json
import re
import threading

from scripted_model import shapes, summary, tools
from scripted_model.conversation import Refused, Tool
from scripted_model.plan import Call, Plan, sample
from scripted_model.summary import canaries

HELLO = "Hello from the scripted model: déjà vu, 你好, 👋🏽."
ALPHABET = ["é", "漢", "👩‍🚀", "a", "ß", "\n", '"', "\\", "–", "字"]
DIRECTIVE = re.compile(r"\[\[([a-z0-9-]+)((?:\s+[a-z_]+=[^\s\]]+)*)\s*\]\]")
FAULTS = "cut stall error-in-stream e429 overflow no-terminal".split()
NAMES = "hello agent-edit agent-work shaped parallel-tools custom-tool mcp recall long slow e500-then-ok".split()
NAMES += FAULTS


class Scene:
    """What a script needs to know."""

    def __init__(self, conversation):
        self.conversation = conversation
        self.name, self.words, self.after, rest = self._directive()
        self.label = f"{self.name}/{self.words.get('token')}"
        self.results = [text for turn in self.after for _, text in turn.results]
        # What a summary tells in the place of turns that are gone.
        told = " ".join([conversation.system, rest, *(turn.text for turn in self.after if turn.role == "user")])
        self.step = sum(1 for turn in self.after if turn.calls) + summary.rounds_told(self.label, told)
        self.told = canaries(told)
        self.newest = self.after[-1].text if self.after else rest

    def _directive(self):
        """The directive in force, its words, the turns after it, and what its own turn says after it."""
        turns = self.conversation.turns
        for at in range(len(turns) - 1, -1, -1):
            found = list(DIRECTIVE.finditer(turns[at].text)) if turns[at].role == "user" else []
            if found:
                words = dict(word.split("=", 1) for word in found[-1][2].split())
                return found[-1][1], words, turns[at + 1 :], turns[at].text[found[-1].end() :]
        return None, {}, turns, ""

    def called(self):
        """All that was called since the directive."""
        return json.dumps([turn.calls for turn in self.after])

    def usage(self):
        given = self.words.get("usage")
        return tuple(int(number) for number in given.split(":")) if given else None


def text(said):
    return [("text", said)]


def calls(made):
    return [("call", call) for call in made]


def offered(conversation):
    return ", ".join(tool.name for tool in conversation.tools)[:300]


# The scripts: from a scene to a list of items.


def tool_for_hello(scene):
    """The tool that the request forces, or, among a few, the one whose name the prompt mentions."""
    conversation = scene.conversation
    if not conversation.tools or conversation.choice == "none":
        return None
    if isinstance(conversation.choice, tuple):
        return next((tool for tool in conversation.tools if tool.name == conversation.choice[1]), None)
    if conversation.choice == "required":
        return conversation.tools[0]
    if len(conversation.tools) > 3:
        return None
    last = conversation.turns[-1].text.lower() if conversation.turns else ""
    for tool in conversation.tools:
        if any(len(word) > 4 and word in last for word in re.split(r"[_-]", tool.name.lower())):
            return tool
    return None


def hello(scene):
    if scene.results:
        return text("The tool said: " + scene.results[-1][:200])
    tool = tool_for_hello(scene)
    if tool:
        return calls([Call(tool, sample(tool.schema) if tool.kind == "function" else "hello")])
    if scene.conversation.schema:
        return text(json.dumps(sample(scene.conversation.schema)))
    given = scene.words.get("token")
    return text(f"{given} {HELLO}" if given else HELLO)


def agent_edit(scene):
    """Writes a file, reads it back with a secret, and says what was on disk."""
    conversation = scene.conversation
    if scene.step == 0:
        writing = tools.write(conversation, scene.words)
        if not writing:
            return text("I was offered no tool that writes: " + offered(conversation))
        return text("I will write the file.") + calls(writing)
    reading = tools.read(conversation, scene.words) if scene.step == 1 else []
    if reading:
        return text("Now I read it back.") + calls(reading)
    return finished(scene)


def finished(scene):
    found = canaries(" ".join([scene.told, *scene.results])) or "nothing at all"
    thoughts = sum(turn.thoughts for turn in scene.after)
    return text(f"Finished. On disk I read: {found}. Thoughts returned to me: {thoughts}.")


def agent_work(scene):
    """Writes a file, changes what it wrote, reads it back with a secret, and says what was on disk."""
    steps = (tools.draft, tools.change, tools.read)
    if scene.step >= len(steps):
        return finished(scene)
    made = steps[scene.step](scene.conversation, scene.words)
    return calls(made) if made else text("I was offered no tool for it: " + offered(scene.conversation))


def shaped(scene):
    """agent-edit with calls that were not declared so; once more, and properly, where a complaint is in order."""
    if scene.step == 0:
        writing = shapes.write(scene)
        return calls(writing) if writing else text("I was offered no shell: " + offered(scene.conversation))
    complaint = shapes.complaint(scene) if scene.step == 1 else None
    if complaint and scene.words.get("shape") in shapes.BEYOND_REPAIR:
        return calls(shapes.write_properly(scene))
    if complaint:
        return text("My call was not understood: " + complaint[:200])
    reads = scene.words.get("secret", "secret.txt") in scene.called()
    return finished(scene) if reads else calls(shapes.read(scene))


def custom_tool(scene):
    scene.words["via"] = "patch"
    return agent_edit(scene)


def parallel_tools(scene):
    if scene.step == 0:
        count = int(scene.words.get("n", 3))
        made = [tools.shell(scene.conversation, f"echo part-{i}-$((40 + {i}))") for i in range(count)]
        if None in made:
            functions = [tool for tool in scene.conversation.tools if tool.kind == "function"][:count]
            made = [Call(tool, sample(tool.schema)) for tool in functions]
        return calls(made) if made else text("I was offered no tools.")
    parts = " ".join(sorted(set(re.findall(r"part-\d-\d\d", " ".join(scene.results)))))
    shown = parts or " | ".join(result[:60] for result in scene.results)
    return text(f"{len(scene.results)} results: {shown}")


def mcp(scene):
    """Calls the tool that is named; where it is not offered, it is searched for first."""
    name, search = scene.words.get("tool", "echo"), tools.named(scene.conversation, "tool_search")
    called = [called for turn in scene.after for _, called, _ in turn.calls]
    if any(Tool(before).leaf == name for before in called):
        return text("The tool answered: " + " ".join(scene.results)[:400])
    tool = next((tool for tool in scene.conversation.tools if tool.leaf == name), None)
    if not tool and search and not called:
        return calls([Call(search, tools.fill(search, query=name))])
    if not tool:
        return text(f"I was not offered the tool {name}; I see: {offered(scene.conversation)}")
    return calls([Call(tool, tools.fill(tool, text=scene.words.get("text", "ping")))])


def recall(scene):
    """Repeats what earlier turns hold: proves that a resumed conversation comes back whole."""
    found = canaries(scene.conversation.whole_text()) or "nothing"
    return text(f"Earlier I saw {found} in {sum(len(turn.calls) for turn in scene.conversation.turns)} calls.")


def long(scene):
    count = int(scene.words.get("n", 2000))
    return text("".join(f"{i}{ALPHABET[i % 10]} " for i in range(count)))


def slow(_):
    return text("slow and steady " * 4)


def greeting(_):
    return text(HELLO)


SCRIPTS = {name: greeting for name in FAULTS}
SCRIPTS |= {
    "hello": hello,
    "agent-edit": agent_edit,
    "agent-work": agent_work,
    "shaped": shaped,
    "custom-tool": custom_tool,
    "parallel-tools": parallel_tools,
    "mcp": mcp,
    "recall": recall,
    "long": long,
    "slow": slow,
}


class Scripts:
    """Chooses the script of a request and plays its next step."""

    def __init__(self, default, thinks_unasked, parses_calls=False):
        """`parses_calls`: the server parses the model's calls itself, and answers those that it cannot with an error."""
        self.default, self.thinks_unasked, self.parses_calls = default, thinks_unasked, parses_calls
        self.tries, self.lock = {}, threading.Lock()
        self.file = None
        if default not in NAMES:
            with open(default, encoding="utf-8") as file:
                self.file = json.load(file)["turns"]

    def play(self, conversation):
        """Returns the script's name, the step and the plan."""
        scene = Scene(conversation)
        if scene.name is None and self.file is not None:
            return "file", 0, self._from_file(conversation)
        if summary.asked(conversation, scene.newest):
            return "summary", scene.step, Plan(conversation, text(summary.summary(scene)))
        name = scene.name or self.default
        if name not in NAMES:
            raise Refused(f"no such script: {name}")
        items, fault = self._items(name, scene)
        if name == "shaped" and self.parses_calls and any(kind == "call" and value.raw for kind, value in items):
            items, fault = self._unparsed(scene, items)
        if self._thinks(name, conversation) and items[0][0] != "reasoning":
            thought = f"Step {scene.step} of {name}: I look at what is there – naïve, but thorough."
            items = [("reasoning", thought)] + items
        if not conversation.parallel:
            made = [item for item in items if item[0] == "call"]
            items = [item for item in items if item[0] != "call"] + made[:1]
        return name, scene.step, Plan(conversation, items, fault, scene.usage())

    def _items(self, name, scene):
        if name == "e500-then-ok":
            return self._second_time(scene)
        return SCRIPTS[name](scene), name if name in FAULTS + ["long", "slow"] else None

    def _thinks(self, name, conversation):
        if conversation.reasoning is None:
            return False
        return conversation.reasoning or (name == "agent-edit" and self.thinks_unasked)

    def _is_first(self, scene):
        key = scene.words.get("token", "")
        with self.lock:
            self.tries[key] = self.tries.get(key, 0) + 1
            return self.tries[key] == 1

    def _second_time(self, scene):
        return text(f"{scene.words.get('token', '')} recovered. {HELLO}"), "e500" if self._is_first(scene) else None

    def _unparsed(self, scene, items):
        """The first time the server's own parser fails; then the model does better."""
        call = next(value for kind, value in items if kind == "call")
        if self._is_first(scene):
            return items, f"unparsed {call.raw}"
        return calls([Call(call.tool, call.value)]), None

    def _from_file(self, conversation):
        spoken = sum(1 for turn in conversation.turns if turn.role == "assistant")
        items = []
        for item in self.file[min(spoken, len(self.file) - 1)]:
            wanted = item.get("call") or item.get("custom")
            if wanted:
                kind = "custom" if "custom" in item else "function"
                name = wanted["name"]
                known = (tool for tool in conversation.tools if name in (tool.name, tool.leaf))
                tool = next(known, Tool(name, kind=kind))
                items.append(("call", Call(tool, wanted.get("arguments", wanted.get("input")))))
            else:
                items += list(item.items())
        return Plan(conversation, items)
