"""The four wires. Each has a module that reads requests strictly and one that writes answers."""

from scripted_model.wires.chat import Chat
from scripted_model.wires.messages import Messages
from scripted_model.wires.ollama import Ollama
from scripted_model.wires.responses import Responses

WIRES = {"chat": Chat, "responses": Responses, "messages": Messages, "ollama": Ollama}
