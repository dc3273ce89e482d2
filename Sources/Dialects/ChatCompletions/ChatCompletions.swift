/// OpenAI's Chat Completions, as it and the many servers that follow it speak it.
enum ChatCompletions {}
