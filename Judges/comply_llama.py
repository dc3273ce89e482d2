"""What the tiny random model cannot do on llama.cpp, whoever stands before it. The scripted model serves these cases.

llm-comply's cases that want a certain content; each was found by running the judge.
"""

SKIPPED = {
    "open-responses image-input": "llama.cpp answers 500: the tiny model takes no images",
    "anthropic anth-image-input": "llama.cpp answers 500: the tiny model takes no images",
    "open-responses reasoning-summary": "the tiny model does not reason",
    "anthropic anth-thinking-display": "the tiny model does not reason",
}
