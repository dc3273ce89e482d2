"""Finds, among the tools a client offers, one that does the job, and fills in its arguments."""

import os

from scripted_model.plan import Call, sample

SHELLS = ("exec_command shell_command shell bash run_shell_command run_terminal_cmd execute_command terminal").split()


def fill(tool, **known):
    """Known values where the tool has such a property; where its schema asks for more, the least it allows."""
    value = {key: known[key] for key in known if key in tool.properties}
    for key in tool.schema.get("required", []):
        if key not in value:
            value[key] = sample(tool.properties.get(key, {}), tool.schema)
    return value


def named(conversation, *names):
    return next((tool for name in names for tool in conversation.tools if tool.leaf.lower() == name), None)


def shell(conversation, command):
    for name in SHELLS:
        for tool in conversation.tools:
            if tool.leaf.lower() != name or tool.kind != "function":
                continue
            for key in ("cmd", "command", "script", "input"):
                if key in tool.properties:
                    listed = tool.properties[key].get("type") == "array"
                    return Call(tool, fill(tool, **{key: ["bash", "-c", command] if listed else command}))
    return None


def patch(conversation, text):
    tool = next((tool for tool in conversation.tools if tool.leaf == "apply_patch"), None)
    if not tool:
        return None
    if tool.kind == "custom":
        return Call(tool, text)
    texts = [key for key, schema in tool.properties.items() if schema.get("type") == "string"]
    keys = [key for key in ("input", "patch") if key in tool.properties] + texts + ["input"]
    return Call(tool, {keys[0]: text})


def place(words):
    """The directive's file: its name, and its path."""
    name = words.get("file", "result.txt")
    return name, os.path.join(words["dir"], name) if "dir" in words else name


def draft(conversation, words):
    """The calls that write two lines."""
    _, path = place(words)
    call = shell(conversation, f"printf 'first\\nsecond\\n' > '{path}'")
    return [call] if call else written(conversation, path, "first\nsecond\n")


def change(conversation, words):
    """The calls that change the second line into the directive's token."""
    name, path = place(words)
    token = words.get("token", "TOKEN-0")
    lines = f"*** Update File: {name}\n@@\n first\n-second\n+{token}\n"
    call = patch(conversation, f"*** Begin Patch\n{lines}*** End Patch\n")
    editor = named(conversation, "edit", "str_replace")
    if not call and editor:
        call = Call(editor, fill(editor, file_path=path, path=path, old_string="second", new_string=token))
    return [call] if call else []


def written(conversation, path, content):
    """The call of a tool that writes files."""
    tool = named(conversation, "write", "write_file", "create_file")
    paths = dict(file_path=path, path=path, filePath=path)
    return [Call(tool, fill(tool, **paths, content=content, contents=content))] if tool else []


def write(conversation, words):
    """The calls that write the directive's token into its file."""
    name, path = place(words)
    content = words.get("token", "TOKEN-0")
    via, call = words.get("via", "auto"), None
    if via in ("auto", "shell"):
        call = shell(conversation, f"printf '%s\\n' '{content}' > '{path}'")
    if not call and via in ("auto", "patch"):
        call = patch(conversation, f"*** Begin Patch\n*** Add File: {name}\n+{content}\n*** End Patch\n")
    if not call and via in ("auto", "write"):
        return written(conversation, path, content)
    return [call] if call else []


def read(conversation, words):
    """The calls that read the file and the secret back."""
    names = [name for name in (words.get("file", "result.txt"), words.get("secret")) if name]
    paths = [os.path.join(words.get("dir", ""), name) for name in names]
    call = shell(conversation, "cat " + " ".join(f"'{path}'" for path in paths))
    if call:
        return [call]
    tool = named(conversation, "read", "read_file", "view")
    return [Call(tool, fill(tool, file_path=path, path=path, filePath=path)) for path in paths] if tool else []
