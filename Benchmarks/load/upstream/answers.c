#define _GNU_SOURCE
#include "upstream.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *reason(int status) {
  switch (status) {
  case 200: return "OK";
  case 400: return "Bad Request";
  case 401: return "Unauthorized";
  case 404: return "Not Found";
  case 405: return "Method Not Allowed";
  case 429: return "Too Many Requests";
  case 503: return "Service Unavailable";
  default: return status >= 500 ? "Internal Server Error" : "Error";
  }
}

void answer_json(connection *c, int status, const char *extra_headers, const char *body, size_t length) {
  char whole[16384];
  int head = snprintf(whole, sizeof whole,
                      "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                      "x-request-id: req_rig%lu\r\n%s%s\r\n",
                      status, reason(status), length, c->id, extra_headers,
                      c->closes_after ? "Connection: close\r\n" : "");
  memcpy(whole + head, body, length);
  connection_send(c, whole, head + length);
}

void answer_error(connection *c, int status, const char *type, const char *message) {
  char body[512];
  int length = snprintf(body, sizeof body,
                        "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"param\":null,\"code\":\"%s\"}}", message,
                        type, type);
  const char *extra = status == 429 ? "Retry-After: 1\r\nretry-after-ms: 500\r\n" : "";
  answer_json(c, status, extra, body, length);
}

enum { OUTPUT_TOKENS = 160 };
static const char sentence[] = "The quick brown fox jumps over the lazy dog while the gateway forwards every "
                               "byte of this answer unchanged. ";

static int chat_body(const connection *c, const char *text, long now, char *body, size_t room) {
  return snprintf(
      body, room,
      "{\"id\":\"chatcmpl-rig%lu\",\"object\":\"chat.completion\",\"created\":%ld,\"model\":\"%s\","
      "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\",\"refusal\":null,"
      "\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
      "\"usage\":{\"prompt_tokens\":%ld,\"completion_tokens\":%d,\"total_tokens\":%ld,"
      "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"
      "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,"
      "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}},"
      "\"service_tier\":\"default\",\"system_fingerprint\":\"fp_rig\"}",
      c->id, now, c->model, text, c->input_tokens, OUTPUT_TOKENS, c->input_tokens + OUTPUT_TOKENS);
}

static int responses_body(const connection *c, const char *text, long now, char *body, size_t room) {
  return snprintf(
      body, room,
      "{\"id\":\"resp_rig%lu\",\"object\":\"response\",\"created_at\":%ld,\"status\":\"completed\","
      "\"error\":null,\"incomplete_details\":null,\"instructions\":null,\"model\":\"%s\","
      "\"output\":[{\"type\":\"message\",\"id\":\"msg_rig%lu\",\"status\":\"completed\",\"role\":\"assistant\","
      "\"content\":[{\"type\":\"output_text\",\"text\":\"%s\",\"annotations\":[]}]}],"
      "\"parallel_tool_calls\":true,\"tool_choice\":\"auto\",\"tools\":[],"
      "\"usage\":{\"input_tokens\":%ld,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":%d,"
      "\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":%ld}}",
      c->id, now, c->model, c->id, text, c->input_tokens, OUTPUT_TOKENS, c->input_tokens + OUTPUT_TOKENS);
}

static int messages_body(const connection *c, const char *text, char *body, size_t room) {
  return snprintf(
      body, room,
      "{\"id\":\"msg_rig%lu\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"%s\","
      "\"content\":[{\"type\":\"text\",\"text\":\"%s\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,"
      "\"usage\":{\"input_tokens\":%ld,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"
      "\"output_tokens\":%d}}",
      c->id, c->model, text, c->input_tokens, OUTPUT_TOKENS);
}

void answer_whole(connection *c) {
  char text[sizeof sentence * 6], body[8192];
  size_t said = 0;
  int length = 0;
  while (said < 540)
    said += snprintf(text + said, sizeof text - said, "%s", sentence);
  long now = time(NULL);
  switch (c->wire) {
  case WIRE_CHAT: length = chat_body(c, text, now, body, sizeof body); break;
  case WIRE_RESPONSES: length = responses_body(c, text, now, body, sizeof body); break;
  case WIRE_MESSAGES: length = messages_body(c, text, body, sizeof body); break;
  }
  answer_json(c, 200, "openai-processing-ms: 1\r\n", body, length);
}
