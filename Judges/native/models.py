"""Embeddings and what the client can learn about models."""

from scripted_model.wires.embeddings import vector

from native.subject import refused


def same(numbers, wanted):
    return len(numbers) == len(wanted) and all(abs(a - b) < 1e-6 for a, b in zip(numbers, wanted))


def embed(subject, texts):
    """The Messages wire has no embeddings: there they are refused by name."""

    def ask():
        return subject.client.embed(model=subject.model, input=texts)

    if subject.dialect == "messages":
        return refused(ask, (400, 404), "embed")
    answer = ask()
    listed = [texts] if isinstance(texts, str) else texts
    right = [same(numbers, vector(text)) for numbers, text in zip(answer.embeddings, listed)]
    assert len(answer.embeddings) == len(listed) and all(right), answer.embeddings
    assert answer.model and (answer.prompt_eval_count or 0) > 0, answer
    return f"{len(listed)} of {len(answer.embeddings[0])} numbers"


def embed_older(subject):
    def ask():
        return subject.client.embeddings(model=subject.model, prompt="a").embedding

    if subject.dialect == "messages":
        return refused(ask, (400, 404), "embed")
    numbers = ask()
    assert same(numbers, vector("a")), numbers
    return f"{len(numbers)} numbers"


def listed(subject):
    models = subject.client.list().models
    names = [model.model for model in models]
    found = [model for model in models if model.model.removesuffix(":latest") == subject.model]
    assert found, f"{subject.model} is not among {names}"
    assert found[0].modified_at and found[0].digest is not None and found[0].details, found[0]
    return names


def show(subject):
    shown = subject.client.show(subject.model)
    assert "completion" in (shown.capabilities or []), shown.capabilities
    assert shown.modelinfo is not None and shown.details, shown
    return shown.capabilities


def running(subject):
    models = subject.client.ps().models
    for model in models:
        assert model.model and model.name and model.expires_at, model
    return f"{len(models)} running"


def unknown(subject):
    return refused(lambda: subject.client.show("no-such-model"), (404,), "no-such-model")


CASES = {
    "embed one": lambda subject: embed(subject, "déjà vu"),
    "embed two": lambda subject: embed(subject, ["a", "déjà vu"]),
    "embed, the older form": embed_older,
    "list": listed,
    "show": show,
    "ps": running,
    "show an unknown model": unknown,
}
