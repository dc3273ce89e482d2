"""Reads a Chat Completions request, and refuses what the hosted API would refuse."""

from scripted_model.conversation import Conversation, Refused, Tool, need
from scripted_model.wires.common import NAME64, check_tool_name, only, parsed

PARAMETERS = (
    "model messages stream stream_options temperature top_p n stop max_tokens max_completion_tokens "
    "presence_penalty frequency_penalty logit_bias logprobs top_logprobs user seed tools tool_choice "
    "parallel_tool_calls response_format reasoning_effort verbosity metadata store service_tier prediction "
    "modalities audio web_search_options prompt_cache_key prompt_cache_retention safety_identifier functions "
    "function_call reasoning "
    # Not the hosted service's, but known to the servers that speak this wire alone.
    "top_k"
).split()
ROLES = ("system", "developer", "user", "assistant", "tool")
FIELDS = (
    "role content name refusal audio tool_calls tool_call_id function_call reasoning_content reasoning annotations"
).split()
PARTS = {"user": ("text", "image_url", "input_audio", "file"), "assistant": ("text", "refusal")}


class ChatRequest:
    def __init__(self, body, lenient):
        only(body, PARAMETERS, "chat", lenient)
        self.body = body
        self.conversation = Conversation(body.get("model"))
        self.open_calls = []
        if "reasoning" in body:
            self.conversation.notes.append("reasoning is not a parameter of chat completions")
        self._messages()
        names = self._tools()
        self._tool_choice(names)
        self._options()

    def _messages(self):
        messages = self.body.get("messages")
        need(isinstance(messages, list) and messages, "chat: messages must be a non-empty array")
        for number, message in enumerate(messages):
            at = f"chat: messages[{number}]"
            role = message.get("role") if isinstance(message, dict) else message
            need(isinstance(message, dict) and role in ROLES, f"{at}: role {role!r} is not one of chat's")
            if self.open_calls and role != "tool":
                raise Refused(f"{at}: tool_call_ids without a tool message: {', '.join(self.open_calls)}")
            strange = set(message) - set(FIELDS)
            if strange:
                self.conversation.notes.append(f"{at}: unknown fields {sorted(strange)}")
            self._message(message, role, at)
        missing = ", ".join(self.open_calls)
        need(not self.open_calls, f"chat: tool_call_ids without a tool message: {missing}")

    def _message(self, message, role, at):
        text = self._content(message.get("content"), role, at)
        if role == "assistant":
            self._assistant(message, text, at)
        elif role == "tool":
            ident = message.get("tool_call_id")
            need(isinstance(ident, str), f"{at}: tool_call_id missing")
            need(ident in self.open_calls, f"{at}: tool_call_id {ident!r} answers no preceding tool call")
            self.open_calls.remove(ident)
            self.conversation.result(ident, text)
        elif role == "user":
            self.conversation.say("user", text)
        else:
            self.conversation.system += text + "\n"

    def _assistant(self, message, text, at):
        calls = message.get("tool_calls")
        need(message.get("content") is not None or calls, f"{at}: assistant message without content or tool_calls")
        need(calls is None or (isinstance(calls, list) and calls), f"{at}: tool_calls must be a non-empty array")
        turn = self.conversation.turn("assistant")
        turn.text += text
        turn.thoughts += bool(message.get("reasoning_content") or message.get("reasoning"))
        for number, call in enumerate(calls or []):
            where = f"{at}.tool_calls[{number}]"
            need(isinstance(call.get("id"), str) and call["id"], f"{where}: id missing")
            kind, function = call.get("type"), call.get("function") or {}
            need(kind == "function", f"{where}: type {kind!r}, chat upstreams know function only")
            name, arguments = function.get("name"), function.get("arguments")
            need(isinstance(name, str) and NAME64.match(name), f"{where}: function.name {name!r}")
            need(isinstance(arguments, str), f"{where}: function.arguments must be a string")
            turn.calls.append((call["id"], name, parsed(arguments, f"{where}: function.arguments")))
            self.open_calls.append(call["id"])

    def _content(self, content, role, at):
        if content is None or isinstance(content, str):
            return content or ""
        need(isinstance(content, list) and content, f"{at}: content must be a string or a non-empty array of parts")
        texts = []
        for part in content:
            kind = part.get("type") if isinstance(part, dict) else part
            allowed = isinstance(part, dict) and kind in PARTS.get(role, ("text",))
            need(allowed, f"{at}: content part {kind!r} is not allowed for {role}")
            if kind == "text":
                need(isinstance(part.get("text"), str), f"{at}: text part without text")
                texts.append(part["text"])
            elif kind == "image_url":
                image = part.get("image_url")
                right = isinstance(image, dict) and isinstance(image.get("url"), str)
                need(right, f"{at}: image_url must be an object with url")
                self.conversation.images += 1
        return "\n".join(texts)

    def _tools(self):
        tools, seen = self.body.get("tools"), set()
        need("tools" not in self.body or (isinstance(tools, list) and tools), "chat: tools must be a non-empty array")
        for number, tool in enumerate(tools or []):
            at, kind = f"chat: tools[{number}]", tool.get("type")
            need(kind == "function", f"{at}: type {kind!r}, chat upstreams know function only")
            function = tool.get("function")
            need(isinstance(function, dict), f"{at}: function missing")
            check_tool_name(function.get("name"), NAME64, at, seen)
            schema = function.get("parameters")
            right = schema is None or (isinstance(schema, dict) and (not schema or schema.get("type") == "object"))
            need(right, f"{at}: parameters must be a JSON schema of type object")
            self.conversation.tools.append(Tool(function["name"], schema))
        return seen

    def _tool_choice(self, names):
        choice, conversation = self.body.get("tool_choice"), self.conversation
        if isinstance(choice, dict):
            name = (choice.get("function") or {}).get("name")
            right = choice.get("type") == "function" and name in names
            need(right, f"chat: tool_choice {choice} names no offered function")
            conversation.choice = ("tool", name)
        elif choice is not None:
            need(choice in ("auto", "none", "required"), f"chat: tool_choice {choice!r}")
            need(conversation.tools or choice == "none", "chat: tool_choice without tools")
            conversation.choice = choice
        parallel = self.body.get("parallel_tool_calls")
        need("parallel_tool_calls" not in self.body or conversation.tools, "chat: parallel_tool_calls without tools")
        conversation.parallel = parallel is not False

    def _options(self):
        body, conversation = self.body, self.conversation
        form = body.get("response_format") or {}
        kind = form.get("type", "text")
        need(kind in ("text", "json_object", "json_schema"), f"chat: response_format {kind!r}")
        if kind == "json_schema":
            schema = form.get("json_schema") or {}
            right = isinstance(schema.get("name"), str) and isinstance(schema.get("schema"), dict)
            need(right, "chat: response_format.json_schema needs name and schema")
            conversation.schema = schema["schema"]
        elif kind == "json_object":
            conversation.schema = {"type": "object"}
        effort = body.get("reasoning_effort", (body.get("reasoning") or {}).get("effort"))
        conversation.reasoning = effort not in (None, "none")
        need(isinstance(body.get("stream"), (bool, type(None))), "chat: stream must be a boolean")
        conversation.stream = bool(body.get("stream"))
        options = body.get("stream_options")
        need(options is None or conversation.stream, "chat: stream_options without stream")
        conversation.wants_usage = not conversation.stream or bool((options or {}).get("include_usage"))
        limit = body.get("max_completion_tokens") or body.get("max_tokens")
        right = limit is None or (isinstance(limit, int) and limit > 0)
        need(right, "chat: max_tokens must be a positive integer")
        conversation.max_tokens = limit
