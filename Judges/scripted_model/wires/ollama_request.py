"""Reads a request of Ollama's native API, and refuses what Ollama would refuse."""

from scripted_model.conversation import Conversation, Refused, Tool, need
from scripted_model.wires.common import NAME128, check_tool_name, only

PARAMETERS = (
    "model messages tools format options stream think keep_alive logprobs top_logprobs truncate shift"
).split()
ROLES = ("system", "user", "assistant", "tool")
LEVELS = (None, True, False, "low", "medium", "high", "max")


def is_bare_base64(image):
    return isinstance(image, str) and not image.startswith(("data:", "http"))


class OllamaRequest:
    def __init__(self, body, lenient):
        only(body, PARAMETERS, "ollama", lenient)
        self.body = body
        self.conversation = Conversation(body.get("model"))
        self.made = []  # (id, name, arguments) of every call
        messages = body.get("messages")
        need(isinstance(messages, list) and messages, "ollama: messages must be a non-empty array")
        for number, message in enumerate(messages):
            self._message(message, f"ollama: messages[{number}]")
        self._tools()
        self._options()

    def _message(self, message, at):
        role, text, images = message.get("role"), message.get("content", ""), message.get("images")
        need(role in ROLES, f"{at}: role {role!r}; allowed are {', '.join(ROLES)}")
        need(isinstance(text, str), f"{at}: cannot unmarshal {type(text).__name__} into content of type string")
        need(all(map(is_bare_base64, images or [])), f"{at}: images must be bare base64 strings")
        self.conversation.images += len(images or [])
        if role == "assistant":
            self._assistant(message, text, at)
        elif role == "tool":
            self._result(message, text, at)
        elif role == "user":
            self.conversation.say("user", text)
        else:
            self.conversation.system += text + "\n"

    def _assistant(self, message, text, at):
        if text:
            self.conversation.say("assistant", text)
        turn = self.conversation.turn("assistant")
        turn.thoughts += bool(message.get("thinking"))
        for call in message.get("tool_calls") or []:
            function = call.get("function") or {}
            name, arguments = function.get("name"), function.get("arguments")
            need(isinstance(name, str) and name, f"{at}: tool_calls need function.name")
            kind = type(arguments).__name__
            need(isinstance(arguments, dict), f"{at}: function.arguments must be an object, not {kind}")
            self.made.append((call.get("id") or f"nth{len(self.made)}", name, arguments))
            turn.calls.append(self.made[-1])

    def _result(self, message, text, at):
        done = sum(len(turn.results) for turn in self.conversation.turns)
        need(done < len(self.made), f"{at}: a tool message that answers no call")
        name, ident = message.get("tool_name"), message.get("tool_call_id")
        if name and name not in [called for _, called, _ in self.made]:
            raise Refused(f"{at}: tool_name {name!r} was never called")
        if not name and not ident:
            self.conversation.notes.append(f"{at}: neither tool_name nor tool_call_id")
        self.conversation.result(ident or self.made[done][0], text)

    def _tools(self):
        seen = set()
        for number, tool in enumerate(self.body.get("tools") or []):
            at, function = f"ollama: tools[{number}]", tool.get("function")
            right = tool.get("type") == "function" and isinstance(function, dict)
            need(right, f"{at}: type {tool.get('type')!r}, function expected")
            check_tool_name(function.get("name"), NAME128, at, seen)
            need(isinstance(function.get("parameters", {}), dict), f"{at}: parameters must be an object")
            self.conversation.tools.append(Tool(function["name"], function.get("parameters")))

    def _options(self):
        body, conversation = self.body, self.conversation
        form, think, options = body.get("format"), body.get("think"), body.get("options")
        need(form in (None, "", "json") or isinstance(form, dict), f"ollama: format {form!r}")
        if isinstance(form, dict):
            conversation.schema = form
        need(think in LEVELS, f"ollama: think {think!r}")
        conversation.reasoning = None if think is False else bool(think)
        need(isinstance(options, (dict, type(None))), "ollama: options must be an object")
        conversation.stream = body.get("stream") is not False
        limit = (options or {}).get("num_predict")
        conversation.max_tokens = limit if isinstance(limit, int) and limit > 0 else None
