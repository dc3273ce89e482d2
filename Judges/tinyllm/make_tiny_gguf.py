#!/usr/bin/env python3
"""Writes a random-weight llama-architecture GGUF with a small byte-level BPE tokenizer trained here on local text.

  make_tiny_gguf.py OUT.gguf [--embd 64 --layers 2 --heads 4 --ff 160 --ctx 131072 --merges 1500 --seed 1]

No download, no real weights: it babbles, but it is a real model for a real llama.cpp server
(tokeniser, KV cache, sampler, grammar, chat template, streaming, usage). Rows of the output matrix for
non-ASCII bytes and special tokens are zero, so sampling stays on printable text; --stop / --tool scale how often it ends by itself / opens a tool call.
"""

import argparse, collections, glob, re
import numpy as np, gguf


def byte_chars():
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    m = {}
    n = 0
    for b in range(256):
        if b in keep:
            m[b] = chr(b)
        else:
            m[b] = chr(256 + n)
            n += 1
    return m


def train_bpe(text, merges):
    bc = byte_chars()
    words = collections.Counter(re.findall(r" ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]+|\s+", text))
    W = [([bc[b] for b in w.encode()], c) for w, c in words.items()]
    out = []
    for _ in range(merges):
        pairs = collections.Counter()
        for s, c in W:
            for a in zip(s, s[1:]):
                pairs[a] += c
        if not pairs:
            break
        (a, b), n = pairs.most_common(1)[0]
        if n < 2:
            break
        out.append((a, b))
        ab = a + b
        for s, _c in W:
            i = 0
            while i < len(s) - 1:
                if s[i] == a and s[i + 1] == b:
                    s[i : i + 2] = [ab]
                else:
                    i += 1
    return out


TEMPLATE = """{%- if tools %}<|im_start|>system
Tools:
{%- for t in tools %}
{{ t | tojson }}
{%- endfor %}
Call a tool as <tool_call>{"name": ..., "arguments": {...}}</tool_call><|im_end|>
{% endif %}{%- for m in messages %}<|im_start|>{{ m.role }}
{{ m.content if m.content is string else '' }}
{%- if m.tool_calls %}{%- for tc in m.tool_calls %}<tool_call>{"name": "{{ tc.function.name }}", "arguments": {{ tc.function.arguments | tojson }}}</tool_call>{%- endfor %}{%- endif %}<|im_end|>
{% endfor %}{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def main():
    p = argparse.ArgumentParser()
    p.add_argument("out")
    for k, v in dict(embd=64, layers=2, heads=4, ff=160, ctx=131072, merges=1500, seed=1).items():
        p.add_argument("--" + k, type=int, default=v)
    p.add_argument("--tool", type=float, default=1.6)
    p.add_argument("--stop", type=float, default=1.5)
    a = p.parse_args()
    rng = np.random.default_rng(a.seed)
    files = sorted(glob.glob("/usr/share/common-licenses/*"))[:12]
    text = (
        "\n".join(open(f, errors="ignore").read() for f in files)
        + '{"name": "tool", "arguments": {"path": "src/main.swift", "command": ["ls"]}}\n' * 50
    )
    merges = train_bpe(text, a.merges)
    bc = byte_chars()
    tokens = [bc[b] for b in range(256)] + [x + y for x, y in merges]
    seen = set()
    uniq = []
    um = []
    for t in tokens[:256]:
        seen.add(t)
        uniq.append(t)
    for x, y in merges:
        if x + y not in seen:
            seen.add(x + y)
            uniq.append(x + y)
        um.append(f"{x} {y}")
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"]
    tokens = uniq + special
    types = (
        [int(gguf.TokenType.NORMAL)] * len(uniq)
        + [int(gguf.TokenType.CONTROL)] * 3
        + [int(gguf.TokenType.USER_DEFINED)] * 2
    )
    eot, ims, ime = (tokens.index(s) for s in special[:3])
    nv = len(tokens)
    w = gguf.GGUFWriter(a.out, "llama")
    w.add_name("rig-tiny-random")
    w.add_description("random weights, generated locally for gateway tests")
    w.add_context_length(a.ctx)
    w.add_embedding_length(a.embd)
    w.add_block_count(a.layers)
    w.add_feed_forward_length(a.ff)
    w.add_head_count(a.heads)
    w.add_head_count_kv(a.heads)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_dimension_count(a.embd // a.heads)
    w.add_rope_freq_base(10000.0)
    w.add_vocab_size(nv)
    w.add_file_type(gguf.LlamaFileType.ALL_F32)
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("default")
    w.add_token_list(tokens)
    w.add_token_types(types)
    w.add_token_merges(um)
    w.add_bos_token_id(eot)
    w.add_eos_token_id(ime)
    w.add_pad_token_id(eot)
    w.add_add_bos_token(False)
    w.add_chat_template(TEMPLATE)
    r = lambda *s, sc=1.0: (rng.standard_normal(s) * sc).astype(np.float32)
    w.add_tensor("token_embd.weight", r(nv, a.embd))
    for i in range(a.layers):
        b = f"blk.{i}."
        s = a.embd**-0.5
        w.add_tensor(b + "attn_norm.weight", np.ones(a.embd, np.float32))
        w.add_tensor(b + "ffn_norm.weight", np.ones(a.embd, np.float32))
        for n in ("attn_q", "attn_k", "attn_v", "attn_output"):
            w.add_tensor(b + n + ".weight", r(a.embd, a.embd, sc=s))
        w.add_tensor(b + "ffn_gate.weight", r(a.ff, a.embd, sc=s))
        w.add_tensor(b + "ffn_up.weight", r(a.ff, a.embd, sc=s))
        w.add_tensor(b + "ffn_down.weight", r(a.embd, a.ff, sc=a.ff**-0.5))
    w.add_tensor("output_norm.weight", np.ones(a.embd, np.float32))
    out = r(nv, a.embd, sc=3 * a.embd**-0.5)
    inv = {c: b for b, c in bc.items()}
    for i, t in enumerate(tokens):
        if t in special or any(not (32 <= inv.get(c, 0) < 127) for c in t):
            out[i] = 0
    # <tool_call> is likelier than any other token in some contexts: with tools in the request the server's grammar then forces a valid call
    out[tokens.index("<tool_call>")] = r(a.embd, sc=a.tool * 3 * a.embd**-0.5)
    out[ime] = r(
        a.embd, sc=a.stop * 3 * a.embd**-0.5
    )  # so answers sometimes end by themselves (finish_reason stop)
    w.add_tensor("output.weight", out)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    print(f"{a.out}: vocab {nv}, {sum(1 for _ in um)} merges")


main()
