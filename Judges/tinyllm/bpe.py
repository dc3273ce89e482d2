"""A byte-level BPE tokenizer, trained on a small text."""

import collections
import re

WORD = re.compile(r" ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]+|\s+")


def byte_characters():
    """GPT-2's way to write each byte as one printable character."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    characters, hidden = {}, 0
    for byte in range(256):
        if byte in visible:
            characters[byte] = chr(byte)
        else:
            characters[byte] = chr(256 + hidden)
            hidden += 1
    return characters


def most_common_pair(words):
    pairs = collections.Counter()
    for symbols, count in words:
        for pair in zip(symbols, symbols[1:]):
            pairs[pair] += count
    return pairs.most_common(1)[0] if pairs else (None, 0)


def join(symbols, left, right):
    at = 0
    while at < len(symbols) - 1:
        if symbols[at] == left and symbols[at + 1] == right:
            symbols[at : at + 2] = [left + right]
        else:
            at += 1


def train(text, limit):
    """The merges, the most common first."""
    characters = byte_characters()
    counted = collections.Counter(WORD.findall(text))
    words = [([characters[byte] for byte in word.encode()], count) for word, count in counted.items()]
    merges = []
    while len(merges) < limit:
        pair, count = most_common_pair(words)
        if count < 2:
            break
        merges.append(pair)
        for symbols, _ in words:
            join(symbols, *pair)
    return merges
