"""Reads requests of Ollama's native API, and refuses what Ollama would refuse."""

from scripted_model.conversation import Conversation, Refused, Tool, need
from scripted_model.wires.common import NAME128, check_tool_name, only

SHARED = "model format options stream think keep_alive logprobs top_logprobs truncate shift".split()
ROLES = ("system", "user", "assistant", "tool")
LEVELS = (None, True, False, "low", "medium", "high", "max")
INTEGERS = "num_ctx num_predict num_keep num_batch num_gpu num_thread main_gpu seed top_k repeat_last_n".split()
NUMBERS = "temperature top_p min_p typical_p repeat_penalty presence_penalty frequency_penalty".split()


def is_bare_base64(image):
    return isinstance(image, str) and not image.startswith(("data:", "http"))


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class OllamaRequest:
    """What `/api/chat` and `/api/generate` have in common."""

    parameters = ()

    def __init__(self, body, lenient):
        only(body, [*SHARED, *self.parameters], "ollama", lenient)
        self.body = body
        self.conversation = Conversation(body.get("model"))
        self.prompt()
        if not self.conversation.turns and not self.conversation.system:
            self.conversation.idle = "unload" if body.get("keep_alive") in (0, "0", "0s") else "load"
        self._format()
        self._options()

    def prompt(self):
        """Reads what is asked into the conversation; nothing asked means that the model is to be loaded."""
        raise NotImplementedError

    def images(self, images, at):
        need(all(map(is_bare_base64, images or [])), f"{at}: images must be bare base64 strings")
        self.conversation.images += len(images or [])

    def _format(self):
        form, think, conversation = self.body.get("format"), self.body.get("think"), self.conversation
        need(form in (None, "", "json") or isinstance(form, dict), f"ollama: format {form!r}")
        if form:
            conversation.schema = form if isinstance(form, dict) else {"type": "object"}
        need(think in LEVELS, f"ollama: think {think!r}")
        conversation.reasoning = None if think is False else bool(think)

    def _options(self):
        options, conversation = self.body.get("options") or {}, self.conversation
        need(isinstance(options, dict), "ollama: options must be an object")
        for name in INTEGERS:
            need(isinstance(options.get(name, 0), int), f"ollama: option {name!r} must be of type integer")
        for name in NUMBERS:
            need(is_number(options.get(name, 0)), f"ollama: option {name!r} must be of type float32")
        stop = options.get("stop", [])
        right = isinstance(stop, list) and all(isinstance(word, str) for word in stop)
        need(right, "ollama: option 'stop' must be an array of strings")
        conversation.stream = self.body.get("stream") is not False
        limit = options.get("num_predict", 0)
        conversation.max_tokens = limit if limit > 0 else None


class ChatRequest(OllamaRequest):
    parameters = ("messages", "tools")

    def prompt(self):
        self.made = []  # (id, name, arguments) of every call
        messages = self.body.get("messages") or []
        need(isinstance(messages, list), "ollama: messages must be an array")
        for number, message in enumerate(messages):
            self._message(message, f"ollama: messages[{number}]")
        self._tools()

    def _message(self, message, at):
        role, text = message.get("role"), message.get("content", "")
        need(role in ROLES, f"{at}: role {role!r}; allowed are {', '.join(ROLES)}")
        need(isinstance(text, str), f"{at}: cannot unmarshal {type(text).__name__} into content of type string")
        self.images(message.get("images"), at)
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


class GenerateRequest(OllamaRequest):
    parameters = ("prompt", "suffix", "images", "system", "template", "raw", "context")

    def prompt(self):
        body = self.body
        for name in ("prompt", "suffix", "system", "template"):
            given = body.get(name, "")
            need(isinstance(given, str), f"ollama: cannot unmarshal {type(given).__name__} into {name} of type string")
        raw = bool(body.get("raw"))
        clash = raw and (body.get("template") or body.get("system") or body.get("context"))
        need(not clash, "ollama: raw mode does not support template, system, or context")
        self.conversation.raw = raw
        self.images(body.get("images"), "ollama")
        if body.get("prompt"):
            self.conversation.system = body.get("system", "")
            self.conversation.say("user", body["prompt"])
