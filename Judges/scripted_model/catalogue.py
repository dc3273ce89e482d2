"""What each wire says about the models that are served. Paths are known by their end, answers are (status, body)."""

DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "scripted",
    "families": ["scripted"],
    "parameter_size": "1B",
    "quantization_level": "Q4_0",
}


def serves(models, name):
    """With or without a provider's prefix and a tag."""
    return isinstance(name, str) and (name in models or name.split("/")[-1].split(":")[0] in models)


def openai_entry(name):
    return {"id": name, "object": "model", "created": 1767225600, "owned_by": "scripted"}


def anthropic_entry(name):
    return {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}


def ollama_entry(name):
    return {
        "name": name,
        "model": name,
        "modified_at": "2026-01-01T00:00:00Z",
        "size": 1048576,
        "digest": "0" * 64,
        "details": DETAILS,
    }


def ollama_running(name):
    """A model in memory, as `/api/ps` shows it."""
    entry = ollama_entry(name)
    del entry["modified_at"]
    return {**entry, "expires_at": "2036-01-01T00:00:00Z", "size_vram": 0, "context_length": 131072}


def listed(dialect, models):
    if dialect == "messages":
        data = [anthropic_entry(name) for name in models]
        return {"data": data, "has_more": False, "first_id": models[0], "last_id": models[-1]}
    return {"object": "list", "data": [openai_entry(name) for name in models]}


def entry(dialect, name):
    return anthropic_entry(name) if dialect == "messages" else openai_entry(name)


def ollama_page(path, models):
    """GET pages of Ollama, or None."""
    if path == "/api/version":
        return {"version": "0.33.0"}
    if path == "/api/tags":
        return {"models": [ollama_entry(name) for name in models]}
    if path == "/api/ps":
        return {"models": [ollama_running(name) for name in models]}
    return None


def ollama_show():
    return {
        "modelfile": "FROM scripted",
        "parameters": "num_ctx 131072",
        "template": "{{ .Prompt }} {{ .Tools }}",
        "details": DETAILS,
        "model_info": {"general.architecture": "scripted", "scripted.context_length": 131072},
        "capabilities": ["completion", "tools", "insert", "thinking", "vision", "embedding"],
        "modified_at": "2026-01-01T00:00:00Z",
    }
