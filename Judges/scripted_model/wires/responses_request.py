"""Reads a Responses request, and refuses what the hosted API would refuse."""

from scripted_model.conversation import Conversation, Refused, Tool, need
from scripted_model.summary import unseal
from scripted_model.wires.common import NAME128, check_tool_name, only, parsed

PARAMETERS = (
    "model input instructions stream stream_options tools tool_choice parallel_tool_calls reasoning text store "
    "include previous_response_id conversation max_output_tokens max_tool_calls temperature top_p top_logprobs "
    "truncation user metadata service_tier background prompt prompt_cache_key prompt_cache_retention "
    "safety_identifier client_metadata context_management"
).split()
TOOL_TYPES = (
    "function custom namespace tool_search web_search web_search_preview file_search code_interpreter "
    "image_generation computer_use_preview mcp local_shell shell apply_patch"
).split()
CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
OUTPUTS = ("function_call_output", "custom_tool_call_output")
SILENT = ("web_search_call item_reference").split()
CHOICES = ("function", "custom", "allowed_tools", "mcp", "web_search_preview")
PARTS = {"assistant": ("output_text", "refusal")}
INPUT_PARTS = ("input_text", "input_image", "input_file")


class ResponsesRequest:
    def __init__(self, body, stored, lenient):
        """`stored` finds the items of an earlier response, or None."""
        only(body, PARAMETERS, "responses", lenient)
        self.body = body
        self.conversation = Conversation(body.get("model"))
        self.calls, self.more_tools = {}, []
        self.own_items = self._input()
        self.items = self._earlier(stored) + self.own_items
        need(self.items, "responses: input is empty")
        self.conversation.system = body.get("instructions") or ""
        need(isinstance(self.conversation.system, str), "responses: instructions must be a string")
        for number, item in enumerate(self.items):
            at = f"responses: input[{number}]"
            need(isinstance(item, dict), f"{at}: not an object")
            self._item(item, item.get("type", "message" if "role" in item else None), at)
        left = ", ".join(self.conversation.unanswered())
        need(not left, f"No tool output found for function call {left}.")
        names = self._tools()
        self._tool_choice(names)
        self._options()

    def _input(self):
        items = self.body.get("input", [])
        need(isinstance(items, (str, list)), "responses: input must be a string or an array")
        return [{"role": "user", "content": items}] if isinstance(items, str) else items

    def _earlier(self, stored):
        ident = self.body.get("previous_response_id")
        items = stored(ident) if ident else []
        if items is None:
            message = f"Previous response with id '{ident}' not found."
            raise Refused(message, 404, "previous_response_not_found")
        return items

    def _item(self, item, kind, at):
        if kind == "message":
            self._message(item, at)
        elif kind in CALLS:
            self._call(item, kind, at)
        elif kind in OUTPUTS:
            self._output(item, kind, at)
        elif kind == "tool_search_call":
            need(isinstance(item.get("arguments"), dict), f"{at}: arguments must be an object")
            self.conversation.turn("assistant").calls.append((item.get("call_id"), "tool_search", item["arguments"]))
        elif kind == "tool_search_output":
            self.more_tools += item.get("tools") or []
            self.conversation.result(item.get("call_id"), f"{len(item.get('tools') or [])} tools")
        elif kind == "reasoning":
            need(isinstance(item.get("summary"), list), f"{at}: reasoning without summary")
            sealed = item.get("encrypted_content")
            ours = sealed is None or (isinstance(sealed, str) and sealed.startswith("enc."))
            need(ours, f"{at}: encrypted_content was not issued here")
            self.conversation.turn("assistant").thoughts += bool(sealed or item["summary"])
        elif kind == "compaction":
            told = unseal(item.get("encrypted_content"))
            need(told, f"{at}: encrypted_content was not issued here")
            self.conversation.say("user", told)
        elif kind == "compaction_trigger":
            need(item is self.items[-1], f"{at}: compaction_trigger has to be the last item")
            self.conversation.compacts = True
        elif kind == "additional_tools":
            self.more_tools += item.get("tools") or []
        else:
            need(kind in SILENT, f"{at}: unknown item type {kind!r}")

    def _message(self, item, at):
        role = item.get("role")
        need(role in ("user", "assistant", "system", "developer"), f"{at}: role {role!r}")
        text = self._content(item.get("content"), role, at)
        if role in ("user", "assistant"):
            self.conversation.say(role, text)
        else:
            self.conversation.system += "\n" + text

    def _call(self, item, kind, at):
        ident, name, key = item.get("call_id"), item.get("name"), CALLS[kind]
        need(isinstance(ident, str) and ident, f"{at}: call_id missing")
        need(isinstance(name, str) and NAME128.match(name), f"{at}: name {name!r}")
        need(isinstance(item.get(key), str), f"{at}: {key} must be a string")
        value = parsed(item[key], f"{at}: arguments") if kind == "function_call" else item[key]
        self.conversation.turn("assistant").calls.append((ident, name, value))
        self.calls[ident] = kind

    def _output(self, item, kind, at):
        ident, output = item.get("call_id"), item.get("output")
        need(isinstance(ident, str), f"{at}: call_id missing")
        made = self.calls.get(ident)
        need(made, f"No tool call found for {kind} with call_id {ident}.")
        need(kind.startswith(made), f"{at}: {kind} answers a {made}")
        need(isinstance(output, (str, list)), f"{at}: output must be a string or an array")
        self.conversation.result(ident, self._content(output, "user", at))

    def _content(self, content, role, at):
        if isinstance(content, str):
            return content
        need(isinstance(content, list), f"{at}: content must be a string or an array")
        texts = []
        for part in content:
            kind = part.get("type") if isinstance(part, dict) else part
            allowed = isinstance(part, dict) and kind in PARTS.get(role, INPUT_PARTS)
            need(allowed, f"{at}: content part {kind!r} is not allowed for {role}")
            if kind in ("input_text", "output_text"):
                need(isinstance(part.get("text"), str), f"{at}: {kind} without text")
                texts.append(part["text"])
            self.conversation.images += kind == "input_image"
        return "\n".join(texts)

    def _tools(self):
        seen, tools = set(), self.conversation.tools
        for number, tool in enumerate([*(self.body.get("tools") or []), *self.more_tools]):
            at, kind, name = f"responses: tools[{number}]", tool.get("type"), tool.get("name")
            need(kind in TOOL_TYPES, f"{at}: unknown tool type {kind!r}")
            if kind in ("function", "custom"):
                check_tool_name(name, NAME128, at, seen)
                schema = tool.get("parameters")
                right = kind == "custom" or schema is None or isinstance(schema, dict)
                need(right, f"{at}: parameters must be an object")
                tools.append(Tool(name, schema, kind))
            elif kind == "tool_search":
                tools.append(Tool("tool_search", tool.get("parameters"), kind))
            elif kind == "namespace":
                inner = tool.get("tools")
                need(isinstance(name, str) and isinstance(inner, list), f"{at}: namespace needs name and tools")
                tools += [Tool(x["name"], x.get("parameters"), x.get("type", "function"), name) for x in inner]
        return seen

    def _tool_choice(self, names):
        choice = self.body.get("tool_choice")
        if isinstance(choice, dict):
            need(choice.get("type") in CHOICES, f"responses: tool_choice {choice}")
            if choice["type"] in ("function", "custom"):
                name = choice.get("name")
                need(name in names, f"responses: tool_choice names no offered tool: {choice}")
                self.conversation.choice = ("tool", name)
        elif choice is not None:
            need(choice in ("auto", "none", "required"), f"responses: tool_choice {choice!r}")
            self.conversation.choice = choice
        self.conversation.parallel = self.body.get("parallel_tool_calls") is not False

    def _options(self):
        body, conversation = self.body, self.conversation
        form = (body.get("text") or {}).get("format") or {}
        kind = form.get("type", "text")
        need(kind in ("text", "json_object", "json_schema"), f"responses: text.format {kind!r}")
        if kind == "json_schema":
            right = isinstance(form.get("name"), str) and isinstance(form.get("schema"), dict)
            need(right, "responses: text.format needs name and schema")
            conversation.schema = form["schema"]
        elif kind == "json_object":
            conversation.schema = {"type": "object"}
        reasoning = body.get("reasoning")
        asked = isinstance(reasoning, dict) and reasoning.get("effort") != "none"
        conversation.reasoning = asked and any(reasoning.values())
        conversation.stream = bool(body.get("stream"))
        conversation.max_tokens = body.get("max_output_tokens")
        conversation.seals = "reasoning.encrypted_content" in (body.get("include") or [])
        conversation.store = body.get("store") is not False
        conversation.items, conversation.own_items, conversation.body = self.items, self.own_items, body
