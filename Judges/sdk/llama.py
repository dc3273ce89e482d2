"""What the pinned llama.cpp server cannot do by itself. No gateway that forwards its bytes could make it pass.

Each line was found by running the judge against the server without a gateway (`run.py --direct`).
"""

SKIPPED = {
    "responses": "llama.cpp's usage has no output_tokens_details; text and total are judged instead",
    "responses.stream helper": "llama.cpp's events lack output_index, which the helper needs; the raw stream is judged",
    "responses tools streamed": "the same helper; the raw stream is judged instead",
    "responses structured output": "llama.cpp ignores text.format",
    "responses previous_response_id": "llama.cpp answers 400: it keeps no responses",
    "error bad request, messages": "llama.cpp takes any role",
}

# What is left of it where torii translates into llama.cpp's Chat Completions: what the model cannot say.
TRANSLATED = {
    "responses.stream helper": "it knows no response.incomplete, which is how a model ends that talks on and on",
}

# llama.cpp promises to keep a connection and yet closes it right after a stream, so that a quick next request on it is
# lost, one in six in a loop of streams. Who speaks to it without a gateway keeps no connections.
UNKEPT = {"Connection": "close"}

# What a gateway adds: the server alone answers these with 200.
GATEWAY_ONLY = {
    "error unknown model, openai": "llama.cpp answers any model name",
    "error unknown model, anthropic": "llama.cpp answers any model name",
}
