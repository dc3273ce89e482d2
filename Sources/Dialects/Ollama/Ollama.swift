/// Ollama's native API, which has what its OpenAI routes lack: the context's length, keep-alive, and errors in streams.
enum Ollama {}
