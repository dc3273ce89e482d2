#!/usr/bin/env python3
"""Writes a random-weight GGUF of the llama architecture, with a small byte-level BPE tokenizer that is trained here.

    make_tiny_gguf.py OUT.gguf [--embd 64 --layers 2 --heads 4 --ff 160 --ctx 131072 --merges 1500 --seed 1]

No download, no real weights: it babbles, but it is a real model for a real llama.cpp server (tokenizer, KV cache,
sampler, grammar, chat template, streaming, usage). Rows of the output matrix for non-ASCII bytes and special tokens are
zero, so sampling stays on printable text; --stop and --tool scale how often it ends by itself and opens a tool call.
"""

import argparse
import os

import gguf
import numpy as np
from bpe import byte_characters, train

HERE = os.path.dirname(os.path.abspath(__file__))
LICENSE = os.path.join(HERE, "..", "..", "LICENSE")
TOOL_CALLS = '{"name": "tool", "arguments": {"path": "src/main.swift", "command": ["ls"]}}\n' * 50
END, START_TURN, END_TURN, OPEN_CALL, CLOSE_CALL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<tool_call>",
    "</tool_call>",
)
CONTROL, OPEN = [END, START_TURN, END_TURN], [OPEN_CALL, CLOSE_CALL]


class Vocabulary:
    def __init__(self, merges):
        characters = byte_characters()
        joined = [characters[byte] for byte in range(256)] + [left + right for left, right in merges]
        plain = list(dict.fromkeys(joined))
        self.tokens = plain + CONTROL + OPEN
        self.merges = [f"{left} {right}" for left, right in merges]
        kinds = gguf.TokenType
        self.types = [int(kinds.NORMAL)] * len(plain)
        self.types += [int(kinds.CONTROL)] * len(CONTROL) + [int(kinds.USER_DEFINED)] * len(OPEN)
        self.byte_of = {character: byte for byte, character in characters.items()}

    def index(self, token):
        return self.tokens.index(token)

    def is_printable(self, token):
        special = token in CONTROL + OPEN
        return not special and all(32 <= self.byte_of.get(character, 0) < 127 for character in token)


def write_settings(writer, options, vocabulary):
    writer.add_name("tiny-random")
    writer.add_description("random weights, generated locally for gateway tests")
    writer.add_context_length(options.ctx)
    writer.add_embedding_length(options.embd)
    writer.add_block_count(options.layers)
    writer.add_feed_forward_length(options.ff)
    writer.add_head_count(options.heads)
    writer.add_head_count_kv(options.heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(options.embd // options.heads)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(vocabulary.tokens))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    writer.add_token_merges(vocabulary.merges)
    writer.add_bos_token_id(vocabulary.index(END))
    writer.add_eos_token_id(vocabulary.index(END_TURN))
    writer.add_pad_token_id(vocabulary.index(END))
    writer.add_add_bos_token(False)
    with open(f"{HERE}/chat_template.jinja", encoding="utf-8") as file:
        writer.add_chat_template(file.read().rstrip("\n"))


def write_weights(writer, options, vocabulary):
    generator = np.random.default_rng(options.seed)
    size, inner = options.embd, options.ff

    def random(*shape, scale=1.0):
        return (generator.standard_normal(shape) * scale).astype(np.float32)

    def ones():
        return np.ones(size, np.float32)

    writer.add_tensor("token_embd.weight", random(len(vocabulary.tokens), size))
    for layer in range(options.layers):
        block, scale = f"blk.{layer}.", size**-0.5
        writer.add_tensor(block + "attn_norm.weight", ones())
        writer.add_tensor(block + "ffn_norm.weight", ones())
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"{block}{name}.weight", random(size, size, scale=scale))
        writer.add_tensor(block + "ffn_gate.weight", random(inner, size, scale=scale))
        writer.add_tensor(block + "ffn_up.weight", random(inner, size, scale=scale))
        writer.add_tensor(block + "ffn_down.weight", random(size, inner, scale=inner**-0.5))
    writer.add_tensor("output_norm.weight", ones())

    scale = 3 * size**-0.5
    output = random(len(vocabulary.tokens), size, scale=scale)
    for index, token in enumerate(vocabulary.tokens):
        if not vocabulary.is_printable(token):
            output[index] = 0
    # In some contexts likelier than any other token: with tools in the request the grammar then forces a valid call.
    output[vocabulary.index(OPEN_CALL)] = random(size, scale=options.tool * scale)
    # So that answers sometimes end by themselves.
    output[vocabulary.index(END_TURN)] = random(size, scale=options.stop * scale)
    writer.add_tensor("output.weight", output)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out")
    for name, value in dict(embd=64, layers=2, heads=4, ff=160, ctx=131072, merges=1500, seed=1).items():
        arguments.add_argument(f"--{name}", type=int, default=value)
    arguments.add_argument("--tool", type=float, default=1.6)
    arguments.add_argument("--stop", type=float, default=1.5)
    options = arguments.parse_args()

    with open(LICENSE, encoding="utf-8") as file:
        text = file.read() + TOOL_CALLS
    merges = train(text, options.merges)
    vocabulary = Vocabulary(merges)
    writer = gguf.GGUFWriter(options.out, "llama")
    write_settings(writer, options, vocabulary)
    write_weights(writer, options, vocabulary)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{options.out}: {len(vocabulary.tokens)} tokens, {len(merges)} merges")


if __name__ == "__main__":
    main()
