/// OpenAI's Responses, as the Open Responses specification describes it.
enum Responses {}
