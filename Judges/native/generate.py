"""`/api/generate` through the ollama client."""

from sdk.chat import red_pixel

from native.subject import THOUGHT, USAGE, Trip, refused


def whole(subject):
    answer = subject.generate(subject.ask(USAGE), system="You are terse.")
    subject.ended(answer)
    subject.usage(answer)
    return subject.said(answer.response)


def stream(subject):
    lines = list(subject.generate(subject.ask(USAGE), stream=True))
    assert not any(line.done for line in lines[:-1]), "done before the last line"
    subject.ended(lines[-1])
    subject.usage(lines[-1])
    pieces = [line.response for line in lines if line.response]
    assert len(pieces) > 3, f"{len(pieces)} pieces: not streamed"
    subject.said("".join(pieces))
    return f"{len(pieces)} pieces"


def thinking(subject):
    answer = subject.generate(subject.ask(), think=True)
    assert THOUGHT in (answer.thinking or ""), f"thinking is {answer.thinking!r}"
    return subject.said(answer.response)


def structured(subject):
    return Trip.model_validate_json(subject.generate("A trip.", format=Trip.model_json_schema()).response)


def image(subject):
    return subject.said(subject.generate(subject.ask(), images=[red_pixel()]).response)


def length(subject):
    answer = subject.generate(subject.ask("long n=50"), options={"num_predict": 5})
    subject.ended(answer, "length")
    return answer.done_reason


def raw(subject):
    """A prompt that is sent as it is: only Ollama can; elsewhere it is refused by name."""
    if subject.dialect == "ollama":
        return subject.said(subject.generate(subject.ask(), raw=True).response)
    return refused(lambda: subject.generate(subject.ask(), raw=True), (400,), "raw")


def suffix(subject):
    """Filling a gap: the same."""
    if subject.dialect == "ollama":
        return subject.said(subject.generate(subject.ask(), suffix="    return x").response)
    return refused(lambda: subject.generate(subject.ask(), suffix="    return x"), (400,), "suffix")


def loads(subject):
    answer = subject.client.generate(model=subject.model)
    assert answer.done is True and answer.done_reason == "load" and not answer.response, answer
    return answer.done_reason


CASES = {
    "generate": whole,
    "generate stream": stream,
    "generate thinking": thinking,
    "generate structured output": structured,
    "generate image": image,
    "generate length": length,
    "generate raw": raw,
    "generate suffix": suffix,
    "generate load": loads,
}
