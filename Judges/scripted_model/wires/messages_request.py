"""Reads a Messages request, and refuses what the hosted API would refuse."""

import hashlib
import json
import re

from scripted_model.conversation import Conversation, Tool, need
from scripted_model.wires.common import NAME128, check_tool_name, only

PARAMETERS = (
    "model messages max_tokens system stream stop_sequences temperature top_k top_p metadata tools tool_choice "
    "thinking service_tier container mcp_servers context_management output_config output_format inference_geo "
    "cache_control speed diagnostics"
).split()
BLOCKS = {
    "user": "text image document tool_result search_result container_upload".split(),
    "assistant": (
        "text thinking redacted_thinking tool_use server_tool_use web_search_tool_result web_fetch_tool_result"
    ).split(),
}
RESULT_BLOCKS = ("text", "image", "document", "search_result", "tool_reference")
SERVER_TOOL = re.compile(
    r"^(web_search|web_fetch|bash|text_editor|computer|code_execution|memory|tool_search_tool\w*|advisor)_\d{8}$"
)
IDENT = re.compile(r"^[a-zA-Z0-9_-]+$")


def sign(text):
    """The signature that goes with a piece of thinking, and has to come back with it."""
    return "sig." + hashlib.sha1(text.encode()).hexdigest()


class MessagesRequest:
    def __init__(self, body, headers, counting, lenient):
        """`counting`: for /count_tokens, which needs no max_tokens."""
        need(headers.get("anthropic-version"), "messages: header anthropic-version is required")
        only(body, PARAMETERS, "messages", lenient)
        self.body = body
        self.conversation = Conversation(body.get("model"))
        limit = body.get("max_tokens")
        need(counting or (isinstance(limit, int) and limit > 0), "messages: max_tokens: field required")
        self.conversation.system = self._system(body.get("system") or "")
        self.waiting, self.known = [], set()  # ids of tool calls without a result, and of all
        self._messages()
        names = self._tools()
        self._tool_choice(names)
        self._options()

    def _system(self, system):
        need(isinstance(system, (str, list)), "messages: system must be a string or blocks")
        if isinstance(system, str):
            return system
        for block in system:
            right = block.get("type") == "text" and isinstance(block.get("text"), str)
            need(right, "messages: system blocks must be text")
        return "\n".join(block["text"] for block in system)

    def _messages(self):
        messages = self.body.get("messages")
        need(isinstance(messages, list) and messages, "messages: messages: at least one message is required")
        for number, message in enumerate(messages):
            at, role = f"messages: messages.{number}", message.get("role")
            right = role in BLOCKS or (role == "system" and number > 0)
            need(right, f"{at}: role {role!r}; allowed are user and assistant")
            if role == "system":
                self.conversation.system += "\n" + json.dumps(message.get("content"))
            else:
                self._message(role, self._blocks(message.get("content"), role, at), at)
        need(not self.waiting, "messages: `tool_use` ids without `tool_result` at the end")

    def _blocks(self, content, role, at):
        need(isinstance(content, (str, list)), f"{at}: content must be a string or blocks")
        if isinstance(content, str):
            content = [{"type": "text", "text": content}] if content or role == "assistant" else []
        need(content or role == "assistant", f"{at}: all messages must have non-empty content")
        return content

    def _message(self, role, blocks, at):
        if self.waiting and role == "user":
            results = [block.get("tool_use_id") for block in blocks if block.get("type") == "tool_result"]
            missing = ", ".join(ident for ident in self.waiting if ident not in results)
            message = "`tool_use` ids were found without `tool_result` blocks immediately after"
            need(not missing, f"{at}: {message}: {missing}")
            self.waiting = []
        need(not self.waiting, f"{at}: tool_use without tool_result")
        for block in blocks:
            kind = block.get("type") if isinstance(block, dict) else None
            need(kind in BLOCKS[role], f"{at}: block type {kind!r} is not allowed for {role}")
            read = getattr(self, f"_{kind}", None)
            if read:
                read(block, role, at)

    # A method per kind of block that matters here.

    def _text(self, block, role, at):
        text = block.get("text")
        need(isinstance(text, str) and text, f"{at}: text content blocks must be non-empty")
        self.conversation.say(role, text)

    def _image(self, block, role, at):
        need((block.get("source") or {}).get("type") in ("base64", "url", "file"), f"{at}: image source")
        self.conversation.images += 1

    def _thinking(self, block, role, at):
        right = block.get("signature") == sign(block.get("thinking", ""))
        need(right, f"{at}: Invalid `signature` in `thinking` block")
        self.conversation.turn(role).thoughts += 1

    def _tool_use(self, block, role, at):
        ident, name, value = block.get("id"), block.get("name"), block.get("input")
        need(isinstance(ident, str) and IDENT.match(ident), f"{at}: tool_use id {ident!r}")
        need(ident not in self.known, f"{at}: `tool_use` ids must be unique")
        need(isinstance(name, str) and NAME128.match(name), f"{at}: tool_use name {name!r}")
        need(isinstance(value, dict), f"{at}: tool_use input must be an object")
        self.conversation.turn(role).calls.append((ident, name, value))
        self.waiting.append(ident)
        self.known.add(ident)

    def _tool_result(self, block, role, at):
        ident, content = block.get("tool_use_id"), block.get("content") or ""
        need(ident in self.known, f"{at}: unexpected `tool_use_id` {ident!r} in tool_result")
        need(isinstance(content, (str, list)), f"{at}: tool_result content")
        if isinstance(content, list):
            for inner in content:
                kind = inner.get("type")
                need(kind in RESULT_BLOCKS, f"{at}: tool_result block {kind!r}")
            content = "\n".join(inner.get("text", "") for inner in content)
        self.conversation.result(ident, content)

    def _tools(self):
        seen = set()
        for number, tool in enumerate(self.body.get("tools") or []):
            at, kind = f"messages: tools.{number}", tool.get("type", "custom")
            check_tool_name(tool.get("name"), NAME128, at, seen)
            if kind in ("custom", None):
                schema = tool.get("input_schema")
                right = isinstance(schema, dict) and schema.get("type") == "object"
                need(right, f"{at}: input_schema of type object is required")
                self.conversation.tools.append(Tool(tool["name"], schema))
            else:
                need(SERVER_TOOL.match(kind), f"{at}: unknown tool type {kind!r}")
        return seen

    def _tool_choice(self, names):
        choice = self.body.get("tool_choice")
        if choice is None:
            return
        kind = choice.get("type") if isinstance(choice, dict) else None
        need(kind in ("auto", "any", "tool", "none"), f"messages: tool_choice {choice!r}")
        need(self.body.get("tools"), "messages: tool_choice may only be specified while providing tools")
        name = choice.get("name")
        need(kind != "tool" or name in names, f"messages: tool_choice names no offered tool: {choice}")
        self.conversation.choice = {"any": "required", "tool": ("tool", name)}.get(kind, kind)
        self.conversation.parallel = not choice.get("disable_parallel_tool_use")

    def _options(self):
        body, conversation = self.body, self.conversation
        form = body.get("output_format") or (body.get("output_config") or {}).get("format") or {}
        if form.get("type") == "json_schema":
            conversation.schema = form.get("schema")
        thinking = body.get("thinking") or {}
        kind = thinking.get("type", "disabled")
        need(kind in ("enabled", "disabled", "adaptive"), f"messages: thinking.type {kind!r}")
        if kind == "enabled":
            budget = thinking.get("budget_tokens")
            right = isinstance(budget, int) and 1024 <= budget < body.get("max_tokens", 1 << 30)
            need(right, "messages: thinking.budget_tokens must be >= 1024 and below max_tokens")
        conversation.reasoning = kind in ("enabled", "adaptive")
        conversation.stream, conversation.max_tokens = bool(body.get("stream")), body.get("max_tokens")
