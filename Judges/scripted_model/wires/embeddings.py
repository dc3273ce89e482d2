"""Embeddings: eight numbers that depend on the text alone, in OpenAI's shape and in Ollama's."""

import base64
import hashlib
import struct

from scripted_model.conversation import need
from scripted_model.wires.common import only

WIDTH = 8
OPENAI = "model input encoding_format dimensions user".split()
OLLAMA_OLDER = "model prompt options keep_alive".split()
OLLAMA = "model input truncate options keep_alive dimensions".split()


def vector(text, width=WIDTH):
    """The same text always gets the same vector; its numbers are exact in 32 bits."""
    digest = hashlib.sha256(text.encode()).digest()
    return [(byte - 127.5) / 128 for byte in digest[:width]]


def texts(body, wire):
    given = body.get("input")
    listed = [given] if isinstance(given, str) else given
    right = isinstance(listed, list) and all(isinstance(text, str) for text in listed)
    need(right, f"{wire}: input must be a string or an array of strings")
    return listed


def width(body, wire):
    wanted = body.get("dimensions", WIDTH)
    need(isinstance(wanted, int) and 0 < wanted <= WIDTH, f"{wire}: dimensions must be 1 to {WIDTH}")
    return wanted


def size(listed):
    return sum((len(text.encode()) + 3) // 4 for text in listed)


def openai_embeddings(body):
    only(body, OPENAI, "embeddings", False)
    listed, form = texts(body, "embeddings"), body.get("encoding_format", "float")
    need(listed, "embeddings: input must not be empty")
    need(form in ("float", "base64"), f"embeddings: encoding_format {form!r}")
    data = []
    for index, text in enumerate(listed):
        numbers = vector(text, width(body, "embeddings"))
        if form == "base64":
            numbers = base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
        data.append({"object": "embedding", "index": index, "embedding": numbers})
    usage = {"prompt_tokens": size(listed), "total_tokens": size(listed)}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage}


def ollama_embed(body):
    only(body, OLLAMA, "ollama", False)
    listed = texts(body, "ollama")
    need(body.get("truncate") in (None, True, False), "ollama: truncate must be a boolean")
    return {
        "model": body["model"],
        "embeddings": [vector(text, width(body, "ollama")) for text in listed],
        "total_duration": 2000000,
        "load_duration": 1000000,
        "prompt_eval_count": size(listed),
    }


def ollama_embeddings(body):
    """The older route, for one text."""
    only(body, OLLAMA_OLDER, "ollama", False)
    need(isinstance(body.get("prompt"), str), "ollama: prompt must be a string")
    return {"embedding": vector(body["prompt"])}
