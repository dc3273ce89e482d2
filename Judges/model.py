#!/usr/bin/env python3
"""A scripted model server: plays a deterministic coding model over one chosen wire.

  model.py --dialect chat --port 9001
  model.py --dialect responses --script agent-edit --record rec
  model.py --dialect messages --script my-script.json

What it says is decided by a script, chosen in this order:
  1. a directive in the newest user text that has one, e.g.  [[agent-edit token=TOKEN-7 dir=/work]]
     (it travels through any gateway, so that one server serves every judge);
  2. --script NAME, or --script FILE: {"turns": [[ITEM, ...], ...]} with ITEM one of
     {"text": "..."}, {"reasoning": "..."}, {"call": {"name": "...", "arguments": {...}}}, {"custom": {"name": "...", "input": "..."}};
  3. hello.

Scripts: hello, agent-edit, parallel-tools, custom-tool, mcp, recall, long (2,000 small pieces), slow (16 pieces, 100 ms apart),
and the faults cut, stall, error-in-stream, e429, e500-then-ok, no-terminal.
Directive words: token= file= dir= secret= via=shell|patch|write  text= tool= n= usage=IN:OUT:CACHED:REASONING

It is strict: a request that breaks the dialect's wire gets a 400 that names the violation.  Every request is kept as JSON
(--record DIR) and summarised at GET /__log;  GET /__log?since=N  gives the ones after number N.
"""

import argparse, gzip, hashlib, json, os, re, select, socket, struct, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

SCRIPTS = (
    "hello agent-edit parallel-tools custom-tool mcp recall long slow "
    "cut stall error-in-stream e429 e500-then-ok no-terminal"
).split()
HELLO = "Hello from the scripted model: déjà vu, 你好, 👋🏽."
DIRECTIVE = re.compile(r"\[\[([a-z0-9-]+)((?:\s+[a-z_]+=[^\s\]]+)*)\s*\]\]")
NAME64, NAME128 = re.compile(r"^[a-zA-Z0-9_-]{1,64}$"), re.compile(r"^[a-zA-Z0-9_-]{1,128}$")


LENIENT = False  # set by --lenient


class Bad(Exception):
    """A request the wire does not allow."""

    def __init__(self, message, status=400, code=None):
        super().__init__(message)
        self.status, self.code = status, code


def need(condition, message):
    if not condition:
        raise Bad(message)


def only(obj, allowed, where):
    """Hosted APIs refuse unknown top-level parameters, and so do we."""
    extra = sorted(set(obj) - set(allowed.split()))
    need(not extra or LENIENT, f"{where}: unknown parameter {', '.join(extra)}")


# ---- the conversation, whatever the wire ---------------------------------------------------------------------------------


class Tool:
    def __init__(self, name, schema=None, kind="function", namespace=None):
        self.name, self.schema, self.kind, self.namespace = name, schema or {}, kind, namespace

    @property
    def leaf(self):
        return re.split(r"__|\.|/", self.name)[-1]

    @property
    def props(self):
        return self.schema.get("properties") or {}


class Turn:
    def __init__(self, role):
        self.role, self.text, self.calls, self.results, self.thoughts = (
            role,
            "",
            [],
            [],
            0,
        )  # calls: (id, name, input)   results: (id, text)


class Conversation:
    def __init__(self):
        self.turns, self.tools, self.system, self.notes = [], [], "", []
        self.choice, self.parallel, self.schema, self.reasoning = "auto", True, None, False
        self.stream, self.max_tokens, self.want_usage, self.model = False, None, True, ""
        self.images = 0

    def turn(self, role):
        if not self.turns or self.turns[-1].role != role:
            self.turns.append(Turn(role))
        return self.turns[-1]

    def say(self, role, text):
        t = self.turn(role)
        t.text += ("\n" if t.text else "") + text

    def answered(self):
        ids = {i for t in self.turns for i, _ in t.results}
        return [c[0] for t in self.turns for c in t.calls if c[0] not in ids]


def tokens(text):
    return (len(text.encode()) + 3) // 4


def sample(schema, root=None):
    """The smallest value which a JSON schema allows."""
    root = root or schema
    if "$ref" in schema:
        at = root
        for k in schema["$ref"].lstrip("#/").split("/"):
            at = at.get(k, {})
        return sample(at, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for k in ("anyOf", "oneOf", "allOf"):
        if schema.get(k):
            return sample(schema[k][0], root)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object" or "properties" in schema:
        return {
            k: sample(v, root)
            for k, v in (schema.get("properties") or {}).items()
            if k in schema.get("required", schema.get("properties", {}))
        }
    if kind == "array":
        return [sample(schema.get("items") or {}, root)] * schema.get("minItems", 1)
    if kind == "integer":
        return max(schema.get("minimum", 1), 1) if schema.get("maximum", 1) >= 1 else schema["maximum"]
    if kind == "number":
        return float(schema.get("minimum", 1))
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    return "Paris"[: schema.get("maxLength", 9)]


# ---- the scripts --------------------------------------------------------------------------------------------------------


class Call:
    serial = 0
    lock = threading.Lock()

    def __init__(self, tool, value):
        with Call.lock:
            Call.serial += 1
            self.id = f"call_{os.getpid():x}{Call.serial:06x}"
        self.tool, self.value = tool, value  # value: an object, or text for a custom tool

    @property
    def text(self):
        return self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)


class Plan:
    """One answer: a list of ("reasoning"|"text", str) and ("call", Call), with the numbers that go along."""

    def __init__(self, conversation, items, fault=None, usage=None):
        self.items, self.fault, self.finish = (
            items,
            fault,
            "tool" if any(k == "call" for k, _ in items) else "stop",
        )
        left = conversation.max_tokens or 1 << 30
        self.parts = []  # (kind, value, pieces)
        for kind, value in items:
            pieces = split(value if kind != "call" else value.text)
            if kind == "text" and len(pieces) > left:
                pieces, self.finish = pieces[:left], "length"
                value = "".join(pieces)
            left -= len(pieces) if kind != "reasoning" else 0
            self.parts.append((kind, value, pieces))
        said = conversation.system + json.dumps([[t.text, t.calls, t.results] for t in conversation.turns])
        said += json.dumps([[t.name, t.schema] for t in conversation.tools])
        reasoning = sum(len(p) for k, _, p in self.parts if k == "reasoning")
        output = sum(len(p) for _, _, p in self.parts)
        self.input, self.output, self.cached, self.reasoned = usage or (tokens(said), output, 0, reasoning)


def split(text):
    """Small pieces of 1 to 7 characters; joined they are the text again."""
    out, at, n = [], 0, 0
    while at < len(text):
        size = (3, 5, 1, 7, 4)[n % 5]
        out.append(text[at : at + size])
        at += size
        n += 1
    return out


def fill(tool, **known):
    """Arguments for a tool: known values where it has such a property, the least its schema asks for elsewhere."""
    value = {k: v for k, v in known.items() if k in tool.props}
    for k in tool.schema.get("required", []):
        if k not in value:
            value[k] = sample(tool.props.get(k, {}), tool.schema)
    return value


def shell(conversation, command):
    for wanted in (
        "exec_command",
        "shell_command",
        "shell",
        "bash",
        "run_shell_command",
        "run_terminal_cmd",
        "execute_command",
        "terminal",
    ):
        for tool in conversation.tools:
            if tool.leaf.lower() != wanted or tool.kind != "function":
                continue
            for prop in ("cmd", "command", "script", "input"):
                if prop in tool.props:
                    listed = tool.props[prop].get("type") == "array"
                    return Call(tool, fill(tool, **{prop: ["bash", "-c", command] if listed else command}))
    return None


def patch(conversation, text):
    for tool in conversation.tools:
        if tool.leaf != "apply_patch":
            continue
        if tool.kind == "custom":
            return Call(tool, text)
        prop = next(
            (p for p in ("input", "patch") if p in tool.props),
            next((p for p, s in tool.props.items() if s.get("type") == "string"), "input"),
        )
        return Call(tool, {prop: text})
    return None


def named(conversation, *names):
    return next((t for n in names for t in conversation.tools if t.leaf.lower() == n), None)


def add_file(name, content):
    return f"*** Begin Patch\n*** Add File: {name}\n+{content}\n*** End Patch\n"


def write(conversation, word):
    name, content, via = word.get("file", "result.txt"), word.get("token", "TOKEN-0"), word.get("via", "auto")
    path = os.path.join(word["dir"], name) if "dir" in word else name
    call = None
    if via in ("auto", "shell"):
        call = shell(conversation, f"printf '%s\\n' '{content}' > '{path}'")
    if not call and via in ("auto", "patch"):
        call = patch(conversation, add_file(name, content))
    if not call and via in ("auto", "write"):
        tool = named(conversation, "write", "write_file", "create_file")
        if tool:
            call = Call(
                tool, fill(tool, file_path=path, path=path, filePath=path, content=content, contents=content)
            )
    return [call] if call else []


def read(conversation, word):
    paths = [
        os.path.join(word.get("dir", ""), p)
        for p in (word.get("file", "result.txt"), word.get("secret"))
        if p
    ]
    call = shell(conversation, "cat " + " ".join(f"'{p}'" for p in paths))
    if call:
        return [call]
    tool = named(conversation, "read", "read_file", "view")
    return [Call(tool, fill(tool, file_path=p, path=p, filePath=p)) for p in paths] if tool else []


def since_directive(conversation):
    """The directive in force, its words, and the turns after it."""
    for at in range(len(conversation.turns) - 1, -1, -1):
        turn = conversation.turns[at]
        found = DIRECTIVE.findall(turn.text) if turn.role == "user" else []
        if found:
            name, words = found[-1]
            return name, dict(w.split("=", 1) for w in words.split()), conversation.turns[at + 1 :]
    return None, {}, conversation.turns


class Scripts:
    def __init__(self, default, dialect):
        self.default, self.dialect, self.seen, self.lock = default, dialect, {}, threading.Lock()
        self.file = None
        if default not in SCRIPTS:
            with open(default) as f:
                self.file = json.load(f)["turns"]

    def play(self, c):
        name, word, after = since_directive(c)
        if name is None and self.file is not None:
            return "file", 0, self.from_file(c)
        name = name or self.default
        if name not in SCRIPTS:
            raise Bad(f"no such script: {name}")
        step = sum(1 for t in after if t.calls)
        results = [r for t in after for r in t.results]
        usage = tuple(int(x) for x in word["usage"].split(":")) if "usage" in word else None
        items, fault = getattr(self, name.replace("-", "_"))(c, word, step, results)
        thinking = c.reasoning or (name == "agent-edit" and self.dialect in ("chat", "ollama"))
        if thinking and c.reasoning is not None and items and items[0][0] != "reasoning":
            items = [
                ("reasoning", f"Step {step} of {name}: I look at what is there – naïve, but thorough.")
            ] + items
        if not c.parallel:
            items = [i for i in items if i[0] != "call"] + [i for i in items if i[0] == "call"][:1]
        return name, step, Plan(c, items, fault, usage)

    def from_file(self, c):
        turns = self.file
        step = min(sum(1 for t in c.turns if t.role == "assistant"), len(turns) - 1)
        items = []
        for item in turns[step]:
            if "call" in item or "custom" in item:
                what = item.get("call") or item["custom"]
                tool = next(
                    (t for t in c.tools if what["name"] in (t.name, t.leaf)),
                    Tool(what["name"], kind="custom" if "custom" in item else "function"),
                )
                items.append(("call", Call(tool, what.get("arguments", what.get("input")))))
            else:
                items += list(item.items())
        return Plan(c, items)

    def hello(self, c, word, step, results):
        if results:
            return [("text", "The tool said: " + results[-1][1][:200])], None
        last = c.turns[-1].text.lower() if c.turns else ""
        tool = None
        if c.tools and c.choice != "none":
            if isinstance(c.choice, tuple):
                tool = next((t for t in c.tools if t.name == c.choice[1]), None)
            elif c.choice == "required":
                tool = c.tools[0]
            elif len(c.tools) <= 3:
                tool = next(
                    (
                        t
                        for t in c.tools
                        for w in re.split(r"[_-]", t.name.lower())
                        if len(w) > 4 and w in last
                    ),
                    None,
                )
        if tool:
            return [("call", Call(tool, sample(tool.schema) if tool.kind == "function" else "hello"))], None
        if c.schema:
            return [("text", json.dumps(sample(c.schema)))], None
        return [("text", word.get("token", "") + (" " if "token" in word else "") + HELLO)], None

    def agent_edit(self, c, word, step, results, writer=write):
        if step == 0:
            calls = writer(c, word)
            if not calls:
                return [
                    ("text", "I was offered no tool that writes: " + ", ".join(t.name for t in c.tools)[:300])
                ], None
            return [("text", "I will write the file.")] + [("call", x) for x in calls], None
        if step == 1 and read(c, word):
            return [("text", "Now I read it back.")] + [("call", x) for x in read(c, word)], None
        found = sorted(set(re.findall(r"(?:TOKEN|SECRET)-[0-9a-zA-Z]+", " ".join(r[1] for r in results))))
        thoughts = sum(t.thoughts for t in since_directive(c)[2])
        return [
            (
                "text",
                "Finished. On disk I read: "
                + (" ".join(found) or "nothing at all")
                + f". Thoughts returned to me: {thoughts}.",
            )
        ], None

    def custom_tool(self, c, word, step, results):
        return self.agent_edit(c, dict(word, via="patch"), step, results)

    def parallel_tools(self, c, word, step, results):
        if step == 0:
            n = int(word.get("n", 3))
            calls = [shell(c, f"echo part-{i}-$((40 + {i}))") for i in range(n)]
            if None in calls:
                calls = [Call(t, sample(t.schema)) for t in c.tools if t.kind == "function"][:n]
            if not calls:
                return [("text", "I was offered no tools.")], None
            return [("call", x) for x in calls], None
        parts = sorted(set(re.findall(r"part-\d-\d\d", " ".join(r[1] for r in results))))
        return [
            (
                "text",
                f"{len(results)} results: " + (" ".join(parts) or " | ".join(r[1][:60] for r in results)),
            )
        ], None

    def mcp(self, c, word, step, results):
        if step == 0:
            tool = next((t for t in c.tools if t.leaf == word.get("tool", "echo")), None)
            if not tool:
                return [
                    (
                        "text",
                        "I was not offered the tool "
                        + word.get("tool", "echo")
                        + "; I see: "
                        + ", ".join(t.name for t in c.tools)[:300],
                    )
                ], None
            return [("call", Call(tool, fill(tool, text=word.get("text", "ping"))))], None
        return [("text", "The tool answered: " + " ".join(r[1] for r in results)[:400])], None

    def recall(self, c, word, step, results):
        """Repeats what earlier turns hold: proves that a resumed conversation comes back whole."""
        said = " ".join(t.text + " " + json.dumps([t.calls, t.results]) for t in c.turns[:-1])
        found = sorted(set(re.findall(r"(?:TOKEN|SECRET)-[0-9a-zA-Z]+", said)))
        calls = sum(len(t.calls) for t in c.turns[:-1])
        return [("text", f"Earlier I saw {' '.join(found) or 'nothing'} in {calls} calls.")], None

    def long(self, c, word, step, results):
        n = int(word.get("n", 2000))
        alphabet = ["é", "漢", "👩‍🚀", "a", "ß", "\n", '"', "\\", "–", "字"]
        text = "".join(f"{i}{alphabet[i % 10]} " for i in range(n))
        return [("text", text)], "long"

    def slow(self, c, word, step, results):
        return [("text", "slow and steady " * 4)], "slow"

    def cut(self, c, word, step, results):
        return [("text", HELLO)], "cut"

    def stall(self, c, word, step, results):
        return [("text", HELLO)], "stall"

    def no_terminal(self, c, word, step, results):
        return [("text", HELLO)], "no-terminal"

    def error_in_stream(self, c, word, step, results):
        return [("text", HELLO)], "error-in-stream"

    def e429(self, c, word, step, results):
        return [("text", HELLO)], "e429"

    def e500_then_ok(self, c, word, step, results):
        with self.lock:
            key = word.get("token", "")
            self.seen[key] = self.seen.get(key, 0) + 1
            first = self.seen[key] == 1
        return [("text", word.get("token", "") + " recovered. " + HELLO)], "e500" if first else None


# ---- the wires: each reads a request strictly and writes an answer ----------------------------------------------------------


def sse(data, event=None):
    return (
        (f"event: {event}\n" if event else "")
        + "data: "
        + (data if isinstance(data, str) else json.dumps(data, ensure_ascii=False))
        + "\n\n"
    ).encode()


def check_tool_name(name, rule, where, seen):
    need(
        isinstance(name, str) and rule.match(name),
        f"{where}: tool name {name!r} does not match {rule.pattern}",
    )
    need(name not in seen, f"{where}: tool name {name!r} given twice")
    seen.add(name)


class Chat:
    media = "text/event-stream"
    top = (
        "model messages stream stream_options temperature top_p n stop max_tokens max_completion_tokens presence_penalty frequency_penalty "
        "logit_bias logprobs top_logprobs user seed tools tool_choice parallel_tool_calls response_format reasoning_effort verbosity metadata store "
        "service_tier prediction modalities audio web_search_options prompt_cache_key prompt_cache_retention safety_identifier functions function_call reasoning"
    )

    def read(self, b, headers):
        only(b, self.top, "chat")
        c = Conversation()
        c.model = b.get("model")
        need(isinstance(c.model, str), "chat: model must be a string")
        ms = b.get("messages")
        need(isinstance(ms, list) and ms, "chat: messages must be a non-empty array")
        if "reasoning" in b:
            c.notes.append("reasoning is not a parameter of chat completions")
        open_calls = []
        for i, m in enumerate(ms):
            at = f"chat: messages[{i}]"
            need(
                isinstance(m, dict) and m.get("role") in ("system", "developer", "user", "assistant", "tool"),
                f"{at}: role {m.get('role') if isinstance(m, dict) else m!r} is not one of chat's",
            )
            role, content = m["role"], m.get("content")
            if open_calls and role != "tool":
                raise Bad(f"{at}: tool_call_ids without a tool message: {', '.join(open_calls)}")
            strange = set(m) - set(
                "role content name refusal audio tool_calls tool_call_id function_call reasoning_content reasoning annotations".split()
            )
            if strange:
                c.notes.append(f"{at}: unknown fields {sorted(strange)}")
            text = self.content(c, content, role, at)
            if role == "assistant":
                need(
                    content is not None or m.get("tool_calls"),
                    f"{at}: assistant message without content or tool_calls",
                )
                t = (
                    c.turn("assistant")
                    if not (c.turns and c.turns[-1].role == "assistant" and c.turns[-1].calls)
                    else c.turns[-1]
                )
                t.text += text
                t.thoughts += bool(m.get("reasoning_content") or m.get("reasoning"))
                need(
                    "tool_calls" not in m
                    or m["tool_calls"] is None
                    or (isinstance(m["tool_calls"], list) and m["tool_calls"]),
                    f"{at}: tool_calls must be a non-empty array",
                )
                for j, k in enumerate(m.get("tool_calls") or []):
                    w = f"{at}.tool_calls[{j}]"
                    need(isinstance(k.get("id"), str) and k["id"], f"{w}: id missing")
                    need(
                        k.get("type") == "function",
                        f"{w}: type {k.get('type')!r}, chat upstreams know function only",
                    )
                    f = k.get("function") or {}
                    need(
                        isinstance(f.get("name"), str) and NAME64.match(f["name"]),
                        f"{w}: function.name {f.get('name')!r}",
                    )
                    need(isinstance(f.get("arguments"), str), f"{w}: function.arguments must be a string")
                    try:
                        value = json.loads(f["arguments"] or "{}")
                    except ValueError:
                        raise Bad(f"{w}: function.arguments is not JSON")
                    t.calls.append((k["id"], f["name"], value))
                    open_calls.append(k["id"])
            elif role == "tool":
                need(isinstance(m.get("tool_call_id"), str), f"{at}: tool_call_id missing")
                need(
                    m["tool_call_id"] in open_calls,
                    f"{at}: tool_call_id {m['tool_call_id']!r} answers no preceding tool call",
                )
                open_calls.remove(m["tool_call_id"])
                c.turn("user").results.append((m["tool_call_id"], text))
            elif role == "user":
                c.say("user", text)
            else:
                c.system += text + "\n"
        need(not open_calls, f"chat: tool_call_ids without a tool message: {', '.join(open_calls)}")
        seen = set()
        need(
            "tools" not in b or (isinstance(b["tools"], list) and b["tools"]),
            "chat: tools must be a non-empty array",
        )
        for i, t in enumerate(b.get("tools") or []):
            need(
                t.get("type") == "function",
                f"chat: tools[{i}]: type {t.get('type')!r}, chat upstreams know function only",
            )
            f = t.get("function")
            need(isinstance(f, dict), f"chat: tools[{i}]: function missing")
            check_tool_name(f.get("name"), NAME64, f"chat: tools[{i}]", seen)
            p = f.get("parameters")
            need(
                p is None or (isinstance(p, dict) and (not p or p.get("type") == "object")),
                f"chat: tools[{i}]: parameters must be a JSON schema of type object",
            )
            c.tools.append(Tool(f["name"], p))
        choice = b.get("tool_choice")
        if isinstance(choice, dict):
            need(
                choice.get("type") == "function" and (choice.get("function") or {}).get("name") in seen,
                f"chat: tool_choice {choice} names no offered function",
            )
            c.choice = ("tool", choice["function"]["name"])
        elif choice is not None:
            need(choice in ("auto", "none", "required"), f"chat: tool_choice {choice!r}")
            need(c.tools or choice == "none", "chat: tool_choice without tools")
            c.choice = choice
        need("parallel_tool_calls" not in b or c.tools, "chat: parallel_tool_calls without tools")
        c.parallel = b.get("parallel_tool_calls") is not False
        f = b.get("response_format") or {}
        need(
            f.get("type", "text") in ("text", "json_object", "json_schema"),
            f"chat: response_format {f.get('type')!r}",
        )
        if f.get("type") == "json_schema":
            s = f.get("json_schema") or {}
            need(
                isinstance(s.get("name"), str) and isinstance(s.get("schema"), dict),
                "chat: response_format.json_schema needs name and schema",
            )
            c.schema = s["schema"]
        c.reasoning = bool(
            b.get("reasoning_effort", (b.get("reasoning") or {}).get("effort")) not in (None, "none")
        )
        need(isinstance(b.get("stream", False), (bool, type(None))), "chat: stream must be a boolean")
        c.stream = bool(b.get("stream"))
        need(
            "stream_options" not in b or b["stream_options"] is None or c.stream,
            "chat: stream_options without stream",
        )
        c.want_usage = not c.stream or bool((b.get("stream_options") or {}).get("include_usage"))
        c.max_tokens = b.get("max_completion_tokens") or b.get("max_tokens")
        need(
            c.max_tokens is None or (isinstance(c.max_tokens, int) and c.max_tokens > 0),
            "chat: max_tokens must be a positive integer",
        )
        return c

    def content(self, c, content, role, at):
        if content is None:
            return ""
        if isinstance(content, str):
            return content
        need(
            isinstance(content, list) and content,
            f"{at}: content must be a string or a non-empty array of parts",
        )
        allowed = {"user": "text image_url input_audio file", "assistant": "text refusal"}.get(
            role, "text"
        ).split()
        out = []
        for p in content:
            need(
                isinstance(p, dict) and p.get("type") in allowed,
                f"{at}: content part {p.get('type') if isinstance(p, dict) else p!r} is not allowed for {role}",
            )
            if p["type"] == "text":
                need(isinstance(p.get("text"), str), f"{at}: text part without text")
                out.append(p["text"])
            elif p["type"] == "image_url":
                need(
                    isinstance(p.get("image_url"), dict) and isinstance(p["image_url"].get("url"), str),
                    f"{at}: image_url must be an object with url",
                )
                c.images += 1
        return "\n".join(out)

    def usage(self, p):
        return {
            "prompt_tokens": p.input,
            "completion_tokens": p.output,
            "total_tokens": p.input + p.output,
            "prompt_tokens_details": {"cached_tokens": p.cached},
            "completion_tokens_details": {"reasoning_tokens": p.reasoned},
        }

    FINISH = {"stop": "stop", "length": "length", "tool": "tool_calls"}

    def whole(self, c, p, ident):
        m = {
            "role": "assistant",
            "content": "".join(v for k, v, _ in p.parts if k == "text") or None,
            "refusal": None,
            "annotations": [],
        }
        think = "".join(v for k, v, _ in p.parts if k == "reasoning")
        calls = [
            {"id": v.id, "type": "function", "function": {"name": v.tool.name, "arguments": v.text}}
            for k, v, _ in p.parts
            if k == "call"
        ]
        if think:
            m["reasoning_content"] = think
        if calls:
            m["tool_calls"] = calls
        return {
            "id": f"chatcmpl-{ident}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": c.model,
            "choices": [{"index": 0, "message": m, "logprobs": None, "finish_reason": self.FINISH[p.finish]}],
            "usage": self.usage(p),
        }

    def stream(self, c, p, ident):
        base = {
            "id": f"chatcmpl-{ident}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": c.model,
        }

        def chunk(delta, finish=None):
            return sse(
                {**base, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}
            )

        yield "body", chunk({"role": "assistant", "content": ""})
        index = -1
        for kind, value, pieces in p.parts:
            if kind == "call":
                index += 1
                yield (
                    "body",
                    chunk(
                        {
                            "tool_calls": [
                                {
                                    "index": index,
                                    "id": value.id,
                                    "type": "function",
                                    "function": {"name": value.tool.name, "arguments": ""},
                                }
                            ]
                        }
                    ),
                )
            for x in pieces:
                if kind == "call":
                    yield "body", chunk({"tool_calls": [{"index": index, "function": {"arguments": x}}]})
                else:
                    yield "body", chunk({"content" if kind == "text" else "reasoning_content": x})
        yield "end", chunk({}, self.FINISH[p.finish])
        if c.want_usage:
            yield "end", sse({**base, "choices": [], "usage": self.usage(p)})
        yield "end", sse("[DONE]")

    def error(self, status, message, code=None):
        kind = {
            401: "authentication_error",
            404: "not_found_error",
            429: "rate_limit_error",
            500: "server_error",
        }.get(status, "invalid_request_error")
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}

    def error_event(self):
        return sse(self.error(500, "scripted error in the stream", "server_error"))


class Responses(Chat):
    top = (
        "model input instructions stream stream_options tools tool_choice parallel_tool_calls reasoning text store include previous_response_id "
        "conversation max_output_tokens max_tool_calls temperature top_p top_logprobs truncation user metadata service_tier background prompt "
        "prompt_cache_key prompt_cache_retention safety_identifier client_metadata context_management"
    )
    tool_types = (
        "function custom namespace tool_search web_search web_search_preview file_search code_interpreter image_generation "
        "computer_use_preview mcp local_shell shell apply_patch"
    ).split()

    def __init__(self):
        self.stored, self.lock = {}, threading.Lock()

    def read(self, b, headers):
        only(b, self.top, "responses")
        c = Conversation()
        c.model = b.get("model")
        need(isinstance(c.model, str), "responses: model must be a string")
        items = b.get("input", [])
        need(isinstance(items, (str, list)), "responses: input must be a string or an array")
        if isinstance(items, str):
            items = [{"role": "user", "content": items}]
        c.raw = items
        before = []
        if b.get("previous_response_id"):
            with self.lock:
                before = self.stored.get(b["previous_response_id"])
            if before is None:
                raise Bad(
                    f"Previous response with id '{b['previous_response_id']}' not found.",
                    400,
                    "previous_response_not_found",
                )
        c.raw = before + items
        need(c.raw, "responses: input is empty")
        c.system = b.get("instructions") or ""
        need(isinstance(c.system, str), "responses: instructions must be a string")
        calls = {}
        for i, m in enumerate(c.raw):
            at = f"responses: input[{i}]"
            need(isinstance(m, dict), f"{at}: not an object")
            kind = m.get("type", "message" if "role" in m else None)
            if kind == "message":
                role = m.get("role")
                need(role in ("user", "assistant", "system", "developer"), f"{at}: role {role!r}")
                text = self.part_text(c, m.get("content"), role, at)
                if role in ("user", "assistant"):
                    c.say(role, text)
                else:
                    c.system += "\n" + text
            elif kind in ("function_call", "custom_tool_call"):
                need(isinstance(m.get("call_id"), str) and m["call_id"], f"{at}: call_id missing")
                need(
                    isinstance(m.get("name"), str) and NAME128.match(m["name"]),
                    f"{at}: name {m.get('name')!r}",
                )
                key = "arguments" if kind == "function_call" else "input"
                need(isinstance(m.get(key), str), f"{at}: {key} must be a string")
                value = m[key]
                if kind == "function_call":
                    try:
                        value = json.loads(value or "{}")
                    except ValueError:
                        raise Bad(f"{at}: arguments is not JSON")
                c.turn("assistant").calls.append((m["call_id"], m["name"], value))
                calls[m["call_id"]] = kind
            elif kind in ("function_call_output", "custom_tool_call_output"):
                need(isinstance(m.get("call_id"), str), f"{at}: call_id missing")
                made = calls.get(m["call_id"])
                need(made, f"No tool call found for {kind} with call_id {m['call_id']}.")
                need(kind.startswith(made), f"{at}: {kind} answers a {made}")
                out = m.get("output")
                need(isinstance(out, (str, list)), f"{at}: output must be a string or an array")
                c.turn("user").results.append(
                    (m["call_id"], out if isinstance(out, str) else self.part_text(c, out, "user", at))
                )
            elif kind == "reasoning":
                need(isinstance(m.get("summary"), list), f"{at}: reasoning without summary")
                e = m.get("encrypted_content")
                need(
                    e is None or (isinstance(e, str) and e.startswith("enc.")),
                    f"{at}: encrypted_content was not issued here",
                )
                c.turn("assistant").thoughts += bool(e or m["summary"])
            elif kind in (
                "tool_search_call",
                "tool_search_output",
                "web_search_call",
                "item_reference",
                "compaction",
                "additional_tools",
            ):
                pass
            else:
                raise Bad(f"{at}: unknown item type {kind!r}")
        left = c.answered()
        need(not left, f"No tool output found for function call {', '.join(left)}.")
        seen = set()
        for i, t in enumerate(b.get("tools") or []):
            at, kind = f"responses: tools[{i}]", t.get("type")
            need(kind in self.tool_types, f"{at}: unknown tool type {kind!r}")
            if kind in ("function", "custom"):
                check_tool_name(t.get("name"), NAME128, at, seen)
                need(
                    kind == "custom" or t.get("parameters") is None or isinstance(t["parameters"], dict),
                    f"{at}: parameters must be an object",
                )
                c.tools.append(Tool(t["name"], t.get("parameters"), kind))
            elif kind == "namespace":
                need(
                    isinstance(t.get("name"), str) and isinstance(t.get("tools"), list),
                    f"{at}: namespace needs name and tools",
                )
                c.tools += [
                    Tool(u["name"], u.get("parameters"), u.get("type", "function"), t["name"])
                    for u in t["tools"]
                ]
        choice = b.get("tool_choice")
        if isinstance(choice, dict):
            need(
                choice.get("type") in ("function", "custom", "allowed_tools", "mcp", "web_search_preview"),
                f"responses: tool_choice {choice}",
            )
            if choice["type"] in ("function", "custom"):
                need(choice.get("name") in seen, f"responses: tool_choice names no offered tool: {choice}")
                c.choice = ("tool", choice["name"])
        elif choice is not None:
            need(choice in ("auto", "none", "required"), f"responses: tool_choice {choice!r}")
            c.choice = choice
        c.parallel = b.get("parallel_tool_calls") is not False
        f = (b.get("text") or {}).get("format") or {}
        need(
            f.get("type", "text") in ("text", "json_object", "json_schema"),
            f"responses: text.format {f.get('type')!r}",
        )
        if f.get("type") == "json_schema":
            need(
                isinstance(f.get("name"), str) and isinstance(f.get("schema"), dict),
                "responses: text.format needs name and schema",
            )
            c.schema = f["schema"]
        r = b.get("reasoning")
        c.reasoning = isinstance(r, dict) and r.get("effort") != "none" and any(r.values())
        c.encrypted = "reasoning.encrypted_content" in (b.get("include") or [])
        c.stream, c.max_tokens, c.store, c.body = (
            bool(b.get("stream")),
            b.get("max_output_tokens"),
            b.get("store") is not False,
            b,
        )
        return c

    def part_text(self, c, content, role, at):
        if isinstance(content, str):
            return content
        need(isinstance(content, list), f"{at}: content must be a string or an array")
        allowed = (
            ("output_text", "refusal") if role == "assistant" else ("input_text", "input_image", "input_file")
        )
        out = []
        for p in content:
            need(
                isinstance(p, dict) and p.get("type") in allowed,
                f"{at}: content part {p.get('type') if isinstance(p, dict) else p!r} is not allowed for {role}",
            )
            if p["type"] in ("input_text", "output_text"):
                need(isinstance(p.get("text"), str), f"{at}: {p['type']} without text")
                out.append(p["text"])
            c.images += p["type"] == "input_image"
        return "\n".join(out)

    def usage(self, p):
        return {
            "input_tokens": p.input,
            "input_tokens_details": {"cached_tokens": p.cached},
            "output_tokens": p.output,
            "output_tokens_details": {"reasoning_tokens": p.reasoned},
            "total_tokens": p.input + p.output,
        }

    def items(self, c, p, ident):
        out = []
        for n, (kind, value, _) in enumerate(p.parts):
            if kind == "reasoning":
                out.append(
                    {
                        "type": "reasoning",
                        "id": f"rs_{ident}{n}",
                        "summary": [{"type": "summary_text", "text": value}],
                    }
                )
                if c.encrypted:
                    out[-1]["encrypted_content"] = "enc." + hashlib.sha1(value.encode()).hexdigest()
            elif kind == "text":
                out.append(
                    {
                        "type": "message",
                        "id": f"msg_{ident}{n}",
                        "status": "completed",
                        "role": "assistant",
                        "content": [
                            {"type": "output_text", "text": value, "annotations": [], "logprobs": []}
                        ],
                    }
                )
            elif value.tool.kind == "custom":
                out.append(
                    {
                        "type": "custom_tool_call",
                        "id": f"ctc_{ident}{n}",
                        "status": "completed",
                        "call_id": value.id,
                        "name": value.tool.name,
                        "input": value.text,
                    }
                )
            else:
                out.append(
                    {
                        "type": "function_call",
                        "id": f"fc_{ident}{n}",
                        "status": "completed",
                        "call_id": value.id,
                        "name": value.tool.name,
                        "arguments": value.text,
                    }
                )
            if kind == "call" and value.tool.namespace:
                out[-1]["namespace"] = value.tool.namespace
        return out

    def shell_of(self, c, p, ident, status, output):
        b = c.body
        return {
            "id": f"resp_{ident}",
            "object": "response",
            "created_at": int(time.time()),
            "completed_at": int(time.time()) if status == "completed" else None,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
            "instructions": b.get("instructions"),
            "max_output_tokens": b.get("max_output_tokens"),
            "max_tool_calls": b.get("max_tool_calls"),
            "model": c.model,
            "output": output,
            "parallel_tool_calls": c.parallel,
            "previous_response_id": b.get("previous_response_id"),
            "prompt_cache_key": b.get("prompt_cache_key"),
            "reasoning": {
                "effort": (b.get("reasoning") or {}).get("effort"),
                "summary": (b.get("reasoning") or {}).get("summary"),
            },
            "safety_identifier": b.get("safety_identifier"),
            "service_tier": "default",
            "store": c.store,
            "temperature": b.get("temperature", 1.0),
            "text": b.get("text") or {"format": {"type": "text"}},
            "tool_choice": b.get("tool_choice") or "auto",
            "tools": [
                dict({"strict": None, "description": None, "parameters": None}, **t)
                if t.get("type") == "function"
                else t
                for t in b.get("tools") or []
            ],
            "top_logprobs": b.get("top_logprobs") or 0,
            "top_p": b.get("top_p", 1.0),
            "truncation": b.get("truncation") or "disabled",
            "presence_penalty": 0.0,
            "frequency_penalty": 0.0,
            "user": b.get("user"),
            "metadata": b.get("metadata") or {},
            "usage": self.usage(p) if status in ("completed", "incomplete") else None,
        }

    def keep(self, c, ident, items):
        if c.store:
            with self.lock:
                self.stored[f"resp_{ident}"] = c.raw + items

    def whole(self, c, p, ident):
        items = self.items(c, p, ident)
        self.keep(c, ident, items)
        return self.shell_of(c, p, ident, "incomplete" if p.finish == "length" else "completed", items)

    def stream(self, c, p, ident):
        n = [0]

        def ev(kind, **kw):
            n[0] += 1
            return sse({"type": kind, "sequence_number": n[0] - 1, **kw}, kind)

        items = self.items(c, p, ident)
        yield "body", ev("response.created", response=self.shell_of(c, p, ident, "in_progress", []))
        yield "body", ev("response.in_progress", response=self.shell_of(c, p, ident, "in_progress", []))
        for at, ((kind, value, pieces), item) in enumerate(zip(p.parts, items)):
            w = {"item_id": item["id"], "output_index": at}
            if kind == "reasoning":
                yield "body", ev("response.output_item.added", output_index=at, item={**item, "summary": []})
                yield (
                    "body",
                    ev(
                        "response.reasoning_summary_part.added",
                        **w,
                        summary_index=0,
                        part={"type": "summary_text", "text": ""},
                    ),
                )
                for x in pieces:
                    yield "body", ev("response.reasoning_summary_text.delta", **w, summary_index=0, delta=x)
                yield "body", ev("response.reasoning_summary_text.done", **w, summary_index=0, text=value)
                yield (
                    "body",
                    ev("response.reasoning_summary_part.done", **w, summary_index=0, part=item["summary"][0]),
                )
            elif kind == "text":
                yield (
                    "body",
                    ev(
                        "response.output_item.added",
                        output_index=at,
                        item={**item, "status": "in_progress", "content": []},
                    ),
                )
                yield (
                    "body",
                    ev(
                        "response.content_part.added",
                        **w,
                        content_index=0,
                        part={"type": "output_text", "text": "", "annotations": [], "logprobs": []},
                    ),
                )
                for x in pieces:
                    yield "body", ev("response.output_text.delta", **w, content_index=0, delta=x, logprobs=[])
                yield "body", ev("response.output_text.done", **w, content_index=0, text=value, logprobs=[])
                yield "body", ev("response.content_part.done", **w, content_index=0, part=item["content"][0])
            else:
                key, name = (
                    ("input", "response.custom_tool_call_input")
                    if item["type"] == "custom_tool_call"
                    else ("arguments", "response.function_call_arguments")
                )
                yield (
                    "body",
                    ev(
                        "response.output_item.added",
                        output_index=at,
                        item={**item, "status": "in_progress", key: ""},
                    ),
                )
                for x in pieces:
                    yield "body", ev(name + ".delta", **w, delta=x)
                yield (
                    "body",
                    ev(
                        name + ".done",
                        **w,
                        **{key: value.text},
                        **({"name": item["name"]} if key == "arguments" else {}),
                    ),
                )
            yield "body", ev("response.output_item.done", output_index=at, item=item)
        status = "incomplete" if p.finish == "length" else "completed"
        self.keep(c, ident, items)
        yield "end", ev("response." + status, response=self.shell_of(c, p, ident, status, items))

    def error_event(self):
        return sse(
            {
                "type": "response.failed",
                "sequence_number": 99,
                "response": {
                    "id": "resp_failed",
                    "object": "response",
                    "status": "failed",
                    "output": [],
                    "error": {"code": "server_error", "message": "scripted error in the stream"},
                },
            },
            "response.failed",
        )


class Messages:
    media = "text/event-stream"
    top = (
        "model messages max_tokens system stream stop_sequences temperature top_k top_p metadata tools tool_choice thinking service_tier container "
        "mcp_servers context_management output_config output_format inference_geo cache_control speed diagnostics"
    )
    blocks = {
        "user": "text image document tool_result search_result container_upload",
        "assistant": "text thinking redacted_thinking tool_use server_tool_use web_search_tool_result web_fetch_tool_result",
    }

    def read(self, b, headers, counting=False):
        need(headers.get("anthropic-version"), "messages: header anthropic-version is required")
        only(b, self.top, "messages")
        c = Conversation()
        c.model = b.get("model")
        need(isinstance(c.model, str), "messages: model: field required")
        need(
            counting or isinstance(b.get("max_tokens"), int) and b["max_tokens"] > 0,
            "messages: max_tokens: field required",
        )
        need(
            isinstance(b.get("messages"), list) and b["messages"],
            "messages: messages: at least one message is required",
        )
        s = b.get("system") or ""
        need(isinstance(s, (str, list)), "messages: system must be a string or blocks")
        if isinstance(s, list):
            for x in s:
                need(
                    x.get("type") == "text" and isinstance(x.get("text"), str),
                    "messages: system blocks must be text",
                )
            s = "\n".join(x["text"] for x in s)
        c.system, waiting, known = s, [], set()
        for i, m in enumerate(b["messages"]):
            at, role = f"messages: messages.{i}", m.get("role")
            need(
                role in self.blocks or (role == "system" and i > 0),
                f"{at}: role {role!r}; allowed are user and assistant",
            )
            content = m.get("content")
            if role == "system":
                c.system += "\n" + json.dumps(content)
                continue
            need(isinstance(content, (str, list)), f"{at}: content must be a string or blocks")
            if isinstance(content, str):
                content = [{"type": "text", "text": content}] if content or role == "assistant" else []
            need(content or role == "assistant", f"{at}: all messages must have non-empty content")
            results = [
                x.get("tool_use_id")
                for x in content
                if isinstance(x, dict) and x.get("type") == "tool_result"
            ]
            if waiting and role == "user":
                missing = [x for x in waiting if x not in results]
                need(
                    not missing,
                    f"{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(missing)}",
                )
                waiting = []
            need(not (waiting and role == "assistant"), f"{at}: tool_use without tool_result")
            for x in content:
                kind = x.get("type") if isinstance(x, dict) else None
                need(
                    kind in self.blocks[role].split(), f"{at}: block type {kind!r} is not allowed for {role}"
                )
                if kind == "text":
                    need(
                        isinstance(x.get("text"), str) and x["text"],
                        f"{at}: text content blocks must be non-empty",
                    )
                    c.say(role, x["text"])
                elif kind == "image":
                    need(
                        (x.get("source") or {}).get("type") in ("base64", "url", "file"),
                        f"{at}: image source",
                    )
                    c.images += 1
                elif kind == "tool_use":
                    need(
                        isinstance(x.get("id"), str) and re.match(r"^[a-zA-Z0-9_-]+$", x["id"]),
                        f"{at}: tool_use id {x.get('id')!r}",
                    )
                    need(x["id"] not in known, f"{at}: `tool_use` ids must be unique")
                    need(
                        isinstance(x.get("name"), str) and NAME128.match(x["name"]),
                        f"{at}: tool_use name {x.get('name')!r}",
                    )
                    need(isinstance(x.get("input"), dict), f"{at}: tool_use input must be an object")
                    c.turn(role).calls.append((x["id"], x["name"], x["input"]))
                    waiting.append(x["id"])
                    known.add(x["id"])
                elif kind == "tool_result":
                    need(
                        x.get("tool_use_id") in known,
                        f"{at}: unexpected `tool_use_id` {x.get('tool_use_id')!r} in tool_result",
                    )
                    inner = x.get("content") or ""
                    need(isinstance(inner, (str, list)), f"{at}: tool_result content")
                    if isinstance(inner, list):
                        for y in inner:
                            need(
                                y.get("type")
                                in ("text", "image", "document", "search_result", "tool_reference"),
                                f"{at}: tool_result block {y.get('type')!r}",
                            )
                        inner = "\n".join(y.get("text", "") for y in inner)
                    c.turn("user").results.append((x["tool_use_id"], inner))
                elif kind == "thinking":
                    need(
                        x.get("signature") == sign(x.get("thinking", "")),
                        f"{at}: Invalid `signature` in `thinking` block",
                    )
                    c.turn(role).thoughts += 1
        need(not waiting, "messages: `tool_use` ids without `tool_result` at the end")
        seen = set()
        for i, t in enumerate(b.get("tools") or []):
            at, kind = f"messages: tools.{i}", t.get("type", "custom")
            check_tool_name(t.get("name"), NAME128, at, seen)
            if kind in ("custom", None):
                need(
                    isinstance(t.get("input_schema"), dict) and t["input_schema"].get("type") == "object",
                    f"{at}: input_schema of type object is required",
                )
                c.tools.append(Tool(t["name"], t["input_schema"]))
            else:
                need(
                    re.match(
                        r"^(web_search|web_fetch|bash|text_editor|computer|code_execution|memory|tool_search_tool\w*|advisor)_\d{8}$",
                        kind,
                    ),
                    f"{at}: unknown tool type {kind!r}",
                )
        choice = b.get("tool_choice")
        if choice is not None:
            need(
                isinstance(choice, dict) and choice.get("type") in ("auto", "any", "tool", "none"),
                f"messages: tool_choice {choice!r}",
            )
            need(b.get("tools"), "messages: tool_choice may only be specified while providing tools")
            need(
                choice["type"] != "tool" or choice.get("name") in seen,
                f"messages: tool_choice names no offered tool: {choice}",
            )
            c.choice = {"any": "required", "tool": ("tool", choice.get("name"))}.get(
                choice["type"], choice["type"]
            )
            c.parallel = not choice.get("disable_parallel_tool_use")
        f = b.get("output_format") or (b.get("output_config") or {}).get("format") or {}
        if f.get("type") == "json_schema":
            c.schema = f.get("schema")
        k = b.get("thinking") or {}
        need(
            k.get("type", "disabled") in ("enabled", "disabled", "adaptive"),
            f"messages: thinking.type {k.get('type')!r}",
        )
        if k.get("type") == "enabled":
            need(
                isinstance(k.get("budget_tokens"), int)
                and 1024 <= k["budget_tokens"] < b.get("max_tokens", 1 << 30),
                "messages: thinking.budget_tokens must be >= 1024 and below max_tokens",
            )
        c.reasoning = k.get("type") in ("enabled", "adaptive")
        c.stream, c.max_tokens = bool(b.get("stream")), b.get("max_tokens")
        return c

    STOP = {"stop": "end_turn", "length": "max_tokens", "tool": "tool_use"}

    def usage(self, p):
        return {
            "input_tokens": p.input - p.cached,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": p.cached,
            "output_tokens": p.output,
            "service_tier": "standard",
            "cache_creation": None,
            "inference_geo": None,
            "server_tool_use": None,
            "output_tokens_details": {"thinking_tokens": p.reasoned},
        }

    def block(self, kind, value):
        if kind == "reasoning":
            return {"type": "thinking", "thinking": value, "signature": sign(value)}
        if kind == "text":
            return {"type": "text", "text": value, "citations": None}
        return {
            "type": "tool_use",
            "id": "toolu_" + value.id[5:],
            "name": value.tool.name,
            "input": value.value,
            "caller": {"type": "direct"},
        }

    def whole(self, c, p, ident):
        return {
            "id": f"msg_{ident}",
            "type": "message",
            "role": "assistant",
            "model": c.model,
            "content": [self.block(k, v) for k, v, _ in p.parts],
            "stop_reason": self.STOP[p.finish],
            "stop_sequence": None,
            "stop_details": None,
            "container": None,
            "usage": self.usage(p),
        }

    def stream(self, c, p, ident):
        def ev(kind, **kw):
            return sse({"type": kind, **kw}, kind)

        u = self.usage(p)
        yield (
            "body",
            ev(
                "message_start",
                message={
                    "id": f"msg_{ident}",
                    "type": "message",
                    "role": "assistant",
                    "model": c.model,
                    "content": [],
                    "stop_reason": None,
                    "stop_sequence": None,
                    "stop_details": None,
                    "container": None,
                    "usage": {**u, "output_tokens": 1},
                },
            ),
        )
        yield "body", ev("ping")
        for at, (kind, value, pieces) in enumerate(p.parts):
            full = self.block(kind, value)
            yield (
                "body",
                ev(
                    "content_block_start",
                    index=at,
                    content_block={
                        "reasoning": {"type": "thinking", "thinking": "", "signature": ""},
                        "text": {"type": "text", "text": ""},
                        "call": {**full, "input": {}},
                    }[kind],
                ),
            )
            for x in pieces:
                yield (
                    "body",
                    ev(
                        "content_block_delta",
                        index=at,
                        delta={
                            "reasoning": {"type": "thinking_delta", "thinking": x},
                            "text": {"type": "text_delta", "text": x},
                            "call": {"type": "input_json_delta", "partial_json": x},
                        }[kind],
                    ),
                )
            if kind == "reasoning":
                yield (
                    "body",
                    ev(
                        "content_block_delta",
                        index=at,
                        delta={"type": "signature_delta", "signature": full["signature"]},
                    ),
                )
            yield "body", ev("content_block_stop", index=at)
        yield (
            "end",
            ev("message_delta", delta={"stop_reason": self.STOP[p.finish], "stop_sequence": None}, usage=u),
        )
        yield "end", ev("message_stop")

    def error(self, status, message, code=None):
        kind = {
            401: "authentication_error",
            404: "not_found_error",
            429: "rate_limit_error",
            500: "api_error",
        }.get(status, "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_scripted"}

    def error_event(self):
        return sse(
            {
                "type": "error",
                "error": {"type": "overloaded_error", "message": "scripted error in the stream"},
            },
            "error",
        )


def sign(text):
    return "sig." + hashlib.sha1(text.encode()).hexdigest()


class Ollama:
    media = "application/x-ndjson"
    top = "model messages tools format options stream think keep_alive logprobs top_logprobs truncate shift"

    def read(self, b, headers):
        only(b, self.top, "ollama")
        c = Conversation()
        c.model = b.get("model")
        need(isinstance(c.model, str) and c.model, "ollama: model is required")
        need(
            isinstance(b.get("messages"), list) and b["messages"],
            "ollama: messages must be a non-empty array",
        )
        made = []
        for i, m in enumerate(b["messages"]):
            at, role = f"ollama: messages[{i}]", m.get("role")
            need(
                role in ("system", "user", "assistant", "tool"),
                f"{at}: role {role!r}; allowed are system, user, assistant, tool",
            )
            text = m.get("content", "")
            need(
                isinstance(text, str),
                f"{at}: cannot unmarshal {type(text).__name__} into content of type string",
            )
            need(
                m.get("images") is None
                or all(isinstance(x, str) and not x.startswith(("data:", "http")) for x in m["images"]),
                f"{at}: images must be bare base64 strings",
            )
            c.images += len(m.get("images") or [])
            if role == "assistant":
                if text:
                    c.say("assistant", text)
                c.turn("assistant").thoughts += bool(m.get("thinking"))
                for k in m.get("tool_calls") or []:
                    f = k.get("function") or {}
                    need(isinstance(f.get("name"), str) and f["name"], f"{at}: tool_calls need function.name")
                    need(
                        isinstance(f.get("arguments"), dict),
                        f"{at}: function.arguments must be an object, not {type(f.get('arguments')).__name__}",
                    )
                    made.append((k.get("id") or f"nth{len(made)}", f["name"], f["arguments"]))
                    c.turn("assistant").calls.append(made[-1])
            elif role == "tool":
                done = sum(len(t.results) for t in c.turns)
                need(done < len(made), f"{at}: a tool message that answers no call")
                if m.get("tool_name") and not any(n == m["tool_name"] for _, n, _ in made):
                    raise Bad(f"{at}: tool_name {m['tool_name']!r} was never called")
                if not m.get("tool_name") and not m.get("tool_call_id"):
                    c.notes.append(f"{at}: neither tool_name nor tool_call_id")
                c.turn("user").results.append((m.get("tool_call_id") or made[done][0], text))
            elif role == "user":
                c.say("user", text)
            else:
                c.system += text + "\n"
        seen = set()
        for i, t in enumerate(b.get("tools") or []):
            need(
                t.get("type") == "function" and isinstance(t.get("function"), dict),
                f"ollama: tools[{i}]: type {t.get('type')!r}, function expected",
            )
            f = t["function"]
            check_tool_name(f.get("name"), NAME128, f"ollama: tools[{i}]", seen)
            need(
                isinstance(f.get("parameters", {}), dict), f"ollama: tools[{i}]: parameters must be an object"
            )
            c.tools.append(Tool(f["name"], f.get("parameters")))
        f = b.get("format")
        need(f in (None, "", "json") or isinstance(f, dict), f"ollama: format {f!r}")
        if isinstance(f, dict):
            c.schema = f
        need(
            b.get("think") in (None, True, False, "low", "medium", "high", "max"),
            f"ollama: think {b.get('think')!r}",
        )
        c.reasoning = None if b.get("think") is False else bool(b.get("think"))
        need(isinstance(b.get("options", {}), (dict, type(None))), "ollama: options must be an object")
        c.stream, c.max_tokens = b.get("stream") is not False, (b.get("options") or {}).get("num_predict")
        if isinstance(c.max_tokens, int) and c.max_tokens <= 0:
            c.max_tokens = None
        return c

    def line(self, c, message, **kw):
        return {
            "model": c.model,
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime()),
            "message": {"role": "assistant", "content": "", **message},
            "done": False,
            **kw,
        }

    def last(self, p):
        return {
            "done": True,
            "done_reason": "length" if p.finish == "length" else "stop",
            "total_duration": 5000000,
            "load_duration": 1000000,
            "prompt_eval_count": p.input,
            "prompt_eval_duration": 1000000,
            "eval_count": p.output,
            "eval_duration": 3000000,
        }

    def call(self, n, v):
        return {"id": v.id, "function": {"index": n, "name": v.tool.name, "arguments": v.value}}

    def whole(self, c, p, ident):
        m = {"content": "".join(v for k, v, _ in p.parts if k == "text")}
        think = "".join(v for k, v, _ in p.parts if k == "reasoning")
        calls = [v for k, v, _ in p.parts if k == "call"]
        if think:
            m["thinking"] = think
        if calls:
            m["tool_calls"] = [self.call(n, v) for n, v in enumerate(calls)]
        return self.line(c, m, **self.last(p))

    def stream(self, c, p, ident):
        def ev(x):
            return (json.dumps(x, ensure_ascii=False) + "\n").encode()

        n = -1
        for kind, value, pieces in p.parts:
            if kind == "call":
                n += 1
                yield "body", ev(self.line(c, {"tool_calls": [self.call(n, value)]}))
            else:
                for x in pieces:
                    yield "body", ev(self.line(c, {"content": x} if kind == "text" else {"thinking": x}))
        yield "end", ev(self.line(c, {}, **self.last(p)))

    def error(self, status, message, code=None):
        return {"error": message}

    def error_event(self):
        return b'{"error":"scripted error in the stream"}\n'


WIRES = {"chat": Chat, "responses": Responses, "messages": Messages, "ollama": Ollama}
PATHS = {
    "chat": ("/v1/chat/completions",),
    "responses": ("/v1/responses",),
    "messages": ("/v1/messages",),
    "ollama": ("/api/chat",),
}


# ---- HTTP ---------------------------------------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *a):
        pass

    # -- small helpers
    def send(self, status, obj, headers=()):
        body = json.dumps(obj, ensure_ascii=False).encode()
        self.entry["status"] = status
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for k, v in headers:
            self.send_header(k, v)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def fail(self, status, message, code=None, headers=()):
        self.entry["error"] = message
        self.send(status, self.server.wire.error(status, message, code), headers)

    def gone(self):
        """True once the client has hung up."""
        if not select.select([self.connection], [], [], 0)[0]:
            return False
        try:
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def body_bytes(self):
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            out = b""
            while True:
                size = int(self.rfile.readline().split(b";")[0].strip() or b"0", 16)
                if size == 0:
                    while self.rfile.readline().strip():
                        pass
                    break
                out += self.rfile.read(size)
                self.rfile.readline()
        else:
            out = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(out) if self.headers.get("Content-Encoding") == "gzip" else out

    # -- requests
    def handle_one(self, work):
        url = urlparse(self.path)
        if url.path == "/__log":
            return self.log_page(parse_qs(url.query))
        with self.server.lock:
            self.server.count += 1
            number = self.server.count
        hidden = {"authorization", "x-api-key"}
        self.entry = {
            "n": number,
            "method": self.command,
            "path": self.path,
            "status": None,
            "script": None,
            "step": None,
            "error": None,
            "notes": [],
            "events": 0,
            "client_gone": False,
            "headers": {k.lower(): ("…" if k.lower() in hidden else v) for k, v in self.headers.items()},
        }
        try:
            work(url)
        except (BrokenPipeError, ConnectionResetError):
            self.entry["client_gone"] = True
            self.close_connection = True
        finally:
            with self.server.lock:
                self.server.log.append({k: v for k, v in self.entry.items() if k not in ("headers", "body")})
            if self.server.record:
                with open(os.path.join(self.server.record, f"{number:05d}.json"), "w") as f:
                    json.dump(self.entry, f, indent=1, ensure_ascii=False)

    def log_page(self, query):
        since = int(query.get("since", ["0"])[0])
        self.entry = {}
        with self.server.lock:
            self.send(200, [e for e in self.server.log if e["n"] > since])

    def do_HEAD(self):
        self.handle_one(lambda url: self.send(200, {}))

    def do_GET(self):
        self.handle_one(self.get)

    def do_POST(self):
        self.handle_one(self.post)

    def do_DELETE(self):
        self.handle_one(lambda url: self.fail(404, "not found"))

    def authorised(self):
        key = self.server.key
        given = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or self.headers.get(
            "x-api-key"
        )
        if key and given != key:
            self.fail(401, "the key is missing or wrong", "invalid_api_key")
            return False
        return True

    def get(self, url):
        d, models, path = self.server.dialect, self.server.models, url.path.rstrip("/")
        if path in ("", "/health", "/healthz"):
            return self.send(200, {"status": "ok"})
        if d == "ollama":
            if path == "/api/version":
                return self.send(200, {"version": "0.30.0"})
            if path in ("/api/tags", "/api/ps"):
                return self.send(
                    200,
                    {
                        "models": [
                            {
                                "name": m,
                                "model": m,
                                "modified_at": "2026-01-01T00:00:00Z",
                                "size": 1,
                                "digest": "0" * 64,
                                "details": {
                                    "format": "gguf",
                                    "family": "scripted",
                                    "families": ["scripted"],
                                    "parameter_size": "1B",
                                    "quantization_level": "Q4_0",
                                },
                            }
                            for m in models
                        ]
                    },
                )
            return self.fail(404, "404 page not found")
        if not self.authorised():
            return
        if path.startswith("/v1/models"):
            wanted = path[len("/v1/models/") :]
            if d == "messages":
                data = [
                    {"type": "model", "id": m, "display_name": m, "created_at": "2026-01-01T00:00:00Z"}
                    for m in models
                ]
            else:
                data = [
                    {"id": m, "object": "model", "created": 1767225600, "owned_by": "scripted"}
                    for m in models
                ]
            if wanted:
                hit = [x for x in data if x["id"] == wanted]
                return (
                    self.send(200, hit[0])
                    if hit
                    else self.fail(404, f"model {wanted} not found", "model_not_found")
                )
            return self.send(
                200,
                {"data": data, "has_more": False, "first_id": models[0], "last_id": models[-1]}
                if d == "messages"
                else {"object": "list", "data": data},
            )
        self.fail(404, f"no such path: {path}")

    def post(self, url):
        wire, d, path = self.server.wire, self.server.dialect, url.path.rstrip("/")
        raw = self.body_bytes()
        try:
            body = json.loads(raw)
        except ValueError:
            self.entry["body"] = raw.decode("utf-8", "replace")[:2000]
            return self.fail(400, "the body is not JSON")
        self.entry["body"] = body
        if not isinstance(body, dict):
            return self.fail(400, "the body is not an object")
        if d != "ollama" and not self.authorised():
            return
        if d == "ollama" and path == "/api/show":
            name = body.get("model") or body.get("name")
            if not self.known(name):
                return self.fail(404, f"model '{name}' not found")
            return self.send(
                200,
                {
                    "details": {
                        "format": "gguf",
                        "family": "scripted",
                        "families": ["scripted"],
                        "parameter_size": "1B",
                        "quantization_level": "Q4_0",
                    },
                    "template": "{{ .Prompt }} {{ .Tools }}",
                    "model_info": {"general.architecture": "scripted", "scripted.context_length": 131072},
                    "capabilities": ["completion", "tools", "thinking", "vision"],
                },
            )
        counting = d == "messages" and path == "/v1/messages/count_tokens"
        if path not in PATHS[d] and not counting:
            return self.fail(404, f"no such path: {path}")
        try:
            c = wire.read(body, self.headers, True) if counting else wire.read(body, self.headers)
            self.entry["notes"] = c.notes
            if not self.known(c.model):
                return self.fail(404, f"The model '{c.model}' does not exist", "model_not_found")
            name, step, plan = self.server.scripts.play(c)
        except Bad as e:
            return self.fail(e.status, str(e), e.code)
        except (AttributeError, TypeError, KeyError, ValueError) as e:
            return self.fail(400, f"{d}: a value of the wrong shape: {type(e).__name__} {e}")
        self.entry.update(
            script=name,
            step=step,
            tools=[(t.namespace + "/" if t.namespace else "") + t.name for t in c.tools],
            images=c.images,
            stream=c.stream,
            reasoning=bool(c.reasoning),
        )
        if counting:
            return self.send(200, {"input_tokens": plan.input})
        if plan.fault == "e429":
            return self.fail(
                429,
                "scripted: rate limit reached, try again in 7s",
                "rate_limit_exceeded",
                [("Retry-After", "7")],
            )
        if plan.fault == "e500":
            return self.fail(500, "scripted: first try fails", "server_error")
        ident = f"{os.getpid():x}{self.entry['n']:06x}"
        if c.stream:
            self.answer_stream(wire.stream(c, plan, ident), plan)
        else:
            self.answer_whole(wire.whole(c, plan, ident), plan)

    def known(self, model):
        return isinstance(model, str) and (
            model in self.server.models or model.split("/")[-1].split(":")[0] in self.server.models
        )

    def reset(self):
        """Close with a TCP reset."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def hold(self, seconds):
        end = time.time() + seconds
        while time.time() < end:
            if self.gone():
                raise BrokenPipeError
            time.sleep(0.05)

    def answer_whole(self, obj, plan):
        if plan.fault == "error-in-stream":
            return self.fail(500, "scripted error")
        if plan.fault == "stall":
            self.hold(self.server.stall)
        if plan.fault == "slow":
            self.hold(1.6)
        if plan.fault not in ("cut", "no-terminal"):
            return self.send(200, obj)
        body = json.dumps(obj).encode()
        self.entry["status"] = 200
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True
        if plan.fault == "cut":
            self.reset()

    def answer_stream(self, events, plan):
        self.entry["status"] = 200
        self.send_response(200)
        self.send_header("Content-Type", self.server.wire.media)
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

        def put(data):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

        held, n = b"", 0
        for kind, data in events:
            n += 1
            self.entry["events"] = n
            if plan.fault == "no-terminal" and kind == "end":
                break
            if n == 6 and plan.fault in ("cut", "stall", "error-in-stream"):
                if plan.fault == "cut":
                    return self.reset()
                if plan.fault == "stall":
                    self.hold(self.server.stall)
                else:
                    put(self.server.wire.error_event())
                    break
            if plan.fault == "long":  # pieces that respect neither events nor characters
                held += data
                while len(held) > 1013:
                    put(held[:1013])
                    held = held[1013:]
            else:
                put(data)
            if self.server.delay or plan.fault == "slow":
                time.sleep(self.server.delay or 0.1)
        if held:
            put(held)
        self.wfile.write(b"0\r\n\r\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--dialect", choices=sorted(WIRES), required=True)
    a.add_argument(
        "--script",
        default="hello",
        help="what to play where the conversation has no directive: a name or a file (default hello)",
    )
    a.add_argument("--host", default="127.0.0.1")
    a.add_argument("--port", type=int, default=9001)
    a.add_argument("--model", action="append", help="model names served (default: scripted)")
    a.add_argument("--key", help="demand this key (default: any)")
    a.add_argument(
        "--lenient", action="store_true", help="accept unknown top-level parameters, as many local servers do"
    )
    a.add_argument("--record", metavar="DIR", help="write every request there as JSON")
    a.add_argument("--delay-ms", type=float, default=0, help="pause after each event")
    a.add_argument("--stall", type=float, default=30, help="seconds that the stall script waits (default 30)")
    o = a.parse_args()
    global LENIENT
    LENIENT = o.lenient
    s = Server((o.host, o.port), Handler)
    s.dialect, s.wire, s.scripts = o.dialect, WIRES[o.dialect](), Scripts(o.script, o.dialect)
    s.models, s.key, s.record, s.delay, s.stall = (
        o.model or ["scripted"],
        o.key,
        o.record,
        o.delay_ms / 1000,
        o.stall,
    )
    s.lock, s.count, s.log = threading.Lock(), 0, []
    if o.record:
        os.makedirs(o.record, exist_ok=True)
    print(f"{o.dialect} model on http://{o.host}:{s.server_address[1]}, script {o.script}", flush=True)
    try:
        s.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
