"""The lines of Ollama's documentation (docs/api.md), with our address, model and key in the place of theirs.

curl sends no JSON content type by itself: `-d` alone means application/x-www-form-urlencoded.
"""

import json
import subprocess

from sdk.chat import red_pixel

QUESTION = [{"role": "user", "content": "why is the sky blue?"}]
PERSON = {
    "type": "object",
    "properties": {"age": {"type": "integer"}, "available": {"type": "boolean"}},
    "required": ["age", "available"],
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_current_weather",
        "description": "Get the current weather for a location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {"type": "string", "description": "The location, e.g. San Francisco, CA"},
                "format": {"type": "string", "description": "The unit", "enum": ["celsius", "fahrenheit"]},
            },
            "required": ["location", "format"],
        },
    },
}
EVERY_OPTION = {
    "num_keep": 5,
    "seed": 42,
    "num_predict": 100,
    "top_k": 20,
    "top_p": 0.9,
    "min_p": 0.0,
    "typical_p": 0.7,
    "repeat_last_n": 33,
    "temperature": 0.8,
    "repeat_penalty": 1.2,
    "presence_penalty": 1.5,
    "frequency_penalty": 1.0,
    "penalize_newline": True,
    "stop": ["\n", "user:"],
    "numa": False,
    "num_ctx": 1024,
    "num_batch": 2,
    "num_gpu": 1,
    "main_gpu": 0,
    "use_mmap": True,
    "num_thread": 8,
}


def curl(subject, path, body=None, *words):
    """The status and the JSON lines of one call."""
    command = ["curl", "-sS", "-m", "60", "-w", "\n%{http_code}", *words]
    command += ["-H", f"Authorization: Bearer {subject.key}", subject.base + path]
    if body is not None:
        command += ["-d", json.dumps({"model": subject.model, **body})]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"curl ended with {done.returncode}: {done.stderr}"
    text, _, status = done.stdout.rpartition("\n")
    return int(status), [json.loads(line) for line in text.splitlines() if line.strip()]


def posted(path, body, check, *words):
    def case(subject):
        status, lines = curl(subject, path, body, *words)
        assert status == 200, f"{status} {lines}"
        return check(lines)

    return case


def every_option(subject):
    """All options at once; the Responses wire has no stop texts, so there the line is refused for them."""
    body = PROMPT | WHOLE | {"options": EVERY_OPTION}
    status, lines = curl(subject, "/api/generate", body)
    if subject.dialect == "responses":
        assert status == 400 and "stop" in lines[0]["error"], f"{status} {lines}"
        given = {name: value for name, value in EVERY_OPTION.items() if name != "stop"}
        status, lines = curl(subject, "/api/generate", body | {"options": given})
    assert status == 200, f"{status} {lines}"
    return one(lines)


def text_of(lines):
    return "".join(line.get("response") or (line.get("message") or {}).get("content") or "" for line in lines)


def many(lines):
    assert len(lines) > 3 and lines[-1]["done"] is True, f"{len(lines)} lines, the last one {lines[-1:]}"
    assert not any(line["done"] for line in lines[:-1]), "done before the last line"
    return one(lines, len(lines))


def one(lines, count=1):
    assert len(lines) == count and lines[-1]["done"] is True, lines
    assert lines[-1]["done_reason"] == "stop" and lines[-1]["eval_count"] > 0, lines[-1]
    assert text_of(lines), lines
    return f"{count} lines: {text_of(lines)[:40]!r}"


def person(lines):
    value = json.loads(text_of(lines))
    assert isinstance(value["age"], int) and isinstance(value["available"], bool), value
    return value


def called(lines):
    call = lines[0]["message"]["tool_calls"][0]["function"]
    assert call["name"] == "get_current_weather" and call["arguments"]["format"] == "celsius", call
    return call


def idle(reason):
    def check(lines):
        assert len(lines) == 1 and lines[0]["done"] is True and lines[0]["done_reason"] == reason, lines
        return reason

    return check


def got(path, check):
    def case(subject):
        status, lines = curl(subject, path)
        assert status == 200, f"{status} {lines}"
        return check(lines[0])

    return case


def models(page):
    assert page["models"] and all(model["name"] and model["model"] for model in page["models"]), page
    return [model["name"] for model in page["models"]]


def version(page):
    assert page["version"].count(".") >= 1, page
    return page["version"]


def shown(lines):
    assert "completion" in lines[0]["capabilities"] and "model_info" in lines[0], lines[0]
    return lines[0]["capabilities"]


def running(subject):
    """What clients ask for to see whether anybody is there."""
    done = subprocess.run(["curl", "-sS", "-m", "60", subject.base], capture_output=True, text=True)
    assert done.stdout == "Ollama is running", done
    return done.stdout


def embedded(text, count):
    """The Messages wire has no embeddings: there they are refused by name."""

    def case(subject):
        status, lines = curl(subject, "/api/embed", {"input": text})
        if subject.dialect == "messages":
            assert status in (400, 404) and "embed" in lines[0]["error"].lower(), f"{status} {lines}"
            return f"{status} {lines[0]['error']}"
        assert status == 200 and len(lines[0]["embeddings"]) == count, f"{status} {lines}"
        return f"{count} embeddings"

    return case


def unknown_model(subject):
    status, lines = curl(subject, "/api/chat", {"model": "no-such-model", "messages": QUESTION})
    assert status == 404 and "no-such-model" in lines[0]["error"], f"{status} {lines}"
    return lines[0]["error"]


def not_json(subject):
    words = ["-H", f"Authorization: Bearer {subject.key}", subject.base + "/api/chat", "-d", "{"]
    command = ["curl", "-sS", "-m", "60", "-w", "\n%{http_code}", *words]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    text, _, status = done.stdout.rpartition("\n")
    assert status == "400" and isinstance(json.loads(text)["error"], str), done.stdout
    return json.loads(text)["error"]


PROMPT = {"prompt": "Why is the sky blue?"}
WHOLE = {"stream": False}
HISTORY = [
    *QUESTION,
    {"role": "assistant", "content": "due to rayleigh scattering."},
    {"role": "user", "content": "how is that different than mie scattering?"},
]
PICTURE = [{"role": "user", "content": "what is in this image?", "images": [red_pixel()]}]
OLLAMA_IS_22 = "Ollama is 22 years old and is busy saving the world. Respond using JSON"
FORMATTED = {"format": PERSON, **WHOLE}
ASKED = {"messages": [{"role": "user", "content": OLLAMA_IS_22}]}
PARIS = [{"role": "user", "content": "What is the weather today in Paris?"}]
JSON_TYPE = ("-X", "POST", "-H", "Content-Type: application/json")
NO_TYPE = ("-H", "Content-Type:")

CASES = {
    "generate": posted("/api/generate", PROMPT, many),
    "generate, no streaming": posted("/api/generate", PROMPT | WHOLE, one),
    "generate, structured": posted("/api/generate", {"prompt": OLLAMA_IS_22} | FORMATTED, person, *JSON_TYPE),
    "generate, images": posted("/api/generate", PROMPT | WHOLE | {"images": [red_pixel()]}, one),
    "generate, reproducible": posted("/api/generate", PROMPT | {"options": {"seed": 123}}, many),
    "generate, every option": every_option,
    "generate, load": posted("/api/generate", {}, idle("load")),
    "generate, unload": posted("/api/generate", {"keep_alive": 0}, idle("unload")),
    "chat": posted("/api/chat", {"messages": QUESTION}, many),
    "chat, no content type": posted("/api/chat", {"messages": QUESTION}, many, *NO_TYPE),
    "chat, no streaming": posted("/api/chat", {"messages": QUESTION} | WHOLE, one),
    "chat, structured": posted("/api/chat", ASKED | FORMATTED | {"options": {"temperature": 0}}, person, *JSON_TYPE),
    "chat, history": posted("/api/chat", {"messages": HISTORY}, many),
    "chat, images": posted("/api/chat", {"messages": PICTURE}, many),
    "chat, reproducible": posted("/api/chat", {"messages": QUESTION, "options": {"seed": 101, "temperature": 0}}, many),
    "chat, tools": posted("/api/chat", {"messages": PARIS, "tools": [WEATHER]} | WHOLE, called),
    "chat, load": posted("/api/chat", {"messages": []}, idle("load")),
    "chat, unload": posted("/api/chat", {"messages": [], "keep_alive": 0}, idle("unload")),
    "tags": got("/api/tags", models),
    "show": posted("/api/show", {}, shown),
    "ps": got("/api/ps", lambda page: f"{len(page['models'])} running"),
    "running": running,
    "version": got("/api/version", version),
    "embed": embedded("Why is the sky blue?", 1),
    "embed, several": embedded(["Why is the sky blue?", "Why is the grass green?"], 2),
    "error, unknown model": unknown_model,
    "error, no JSON": not_json,
}
