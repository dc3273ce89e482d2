"""The cases of judge_ollama.py: the official client, and the lines that Ollama's documentation gives."""
