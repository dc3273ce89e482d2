#define _GNU_SOURCE
#include "upstream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void stream_begin(connection *c) {
  char head[256];
  int length = snprintf(head, sizeof head,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
                        "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\nx-request-id: req_rig%lu\r\n%s\r\n",
                        c->id, c->closes_after ? "Connection: close\r\n" : "");
  connection_send(c, head, length);
}

// One event is one chunk of the body and one send(). The chunk's size is written in front of the finished event.
static void put(connection *c, int last, const char *format, ...) {
  enum { SIZE_LINE = 16, END = 8 };
  char small[8192], *large = NULL, *room = small;
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(room + SIZE_LINE, sizeof small - SIZE_LINE - END, format, arguments);
  va_end(arguments);
  if (length >= (int)sizeof small - SIZE_LINE - END) {
    room = large = malloc(length + SIZE_LINE + END);
    va_start(arguments, format);
    vsnprintf(room + SIZE_LINE, length + 1, format, arguments);
    va_end(arguments);
  }
  char size_line[SIZE_LINE];
  int size_length = snprintf(size_line, sizeof size_line, "%x\r\n", length);
  char *start = room + SIZE_LINE - size_length, *end = room + SIZE_LINE + length;
  const char *closing = last ? "\r\n0\r\n\r\n" : "\r\n";
  size_t closing_length = strlen(closing);
  memcpy(start, size_line, size_length);
  memcpy(end, closing, closing_length);
  connection_send(c, start, end + closing_length - start);
  free(large);
}

// The stamp lets a client on the same machine tell how long this very chunk was under way.
static const char *stamped_text(char *room, size_t size) {
  snprintf(room, size, "ts=%020lu.%s", now_ns(), configured.padding);
  return room;
}

static void sent_chunk(connection *c) {
  c->sent_chunks++;
  counted.chunks++;
}

// Chat Completions: role, chunks, finish, usage if asked for, [DONE].

static void chat_chunk(connection *c, const char *delta, const char *finish) {
  put(c, 0,
      "data: {\"id\":\"chatcmpl-rig%lu\",\"object\":\"chat.completion.chunk\",\"created\":%ld,\"model\":\"%s\","
      "\"system_fingerprint\":\"fp_rig\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]%s}\n\n",
      c->id, (long)time(NULL), c->model, delta, finish, c->wants_usage ? ",\"usage\":null" : "");
}

static void chat_usage(connection *c) {
  put(c, 0,
      "data: {\"id\":\"chatcmpl-rig%lu\",\"object\":\"chat.completion.chunk\",\"created\":%ld,\"model\":\"%s\","
      "\"system_fingerprint\":\"fp_rig\",\"choices\":[],\"usage\":{\"prompt_tokens\":%ld,"
      "\"completion_tokens\":%d,\"total_tokens\":%ld,\"prompt_tokens_details\":{\"cached_tokens\":0},"
      "\"completion_tokens_details\":{\"reasoning_tokens\":0}}}\n\n",
      c->id, (long)time(NULL), c->model, c->input_tokens, c->chunks, c->input_tokens + c->chunks);
}

static int chat_step(connection *c) {
  char text[4200], delta[4400];
  switch (c->phase) {
  case 0:
    chat_chunk(c, "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null");
    c->phase = 1;
    return 0;
  case 1:
    if (c->sent_chunks < c->chunks) {
      snprintf(delta, sizeof delta, "{\"content\":\"%s\"}", stamped_text(text, sizeof text));
      chat_chunk(c, delta, "null");
      sent_chunk(c);
      return 0;
    }
    chat_chunk(c, "{}", "\"stop\"");
    c->phase = c->wants_usage ? 2 : 3;
    return 0;
  case 2:
    chat_usage(c);
    c->phase = 3;
    return 0;
  default:
    put(c, 1, "data: [DONE]\n\n");
    return 1;
  }
}

// Responses: every event typed and numbered; the closing ones repeat the whole text.

static const char *remember(connection *c) {
  if (c->text_length + 4200 > c->text_capacity) {
    c->text_capacity = (c->text_capacity + 4200) * 2;
    c->text = realloc(c->text, c->text_capacity);
  }
  char *delta = c->text + c->text_length;
  stamped_text(delta, 4200);
  c->text_length += strlen(delta);
  return delta;
}

static void responses_event(connection *c, const char *kind, const char *format, ...) {
  char *rest;
  va_list arguments;
  va_start(arguments, format);
  if (vasprintf(&rest, format, arguments) < 0)
    abort();
  va_end(arguments);
  put(c, !strcmp(kind, "response.completed"), "event: %s\ndata: {\"type\":\"%s\",\"sequence_number\":%d,%s}\n\n",
      kind, kind, c->sequence++, rest);
  free(rest);
}

static void responses_object(connection *c, const char *kind, const char *status, const char *item,
                             const char *usage) {
  responses_event(c, kind,
                  "\"response\":{\"id\":\"resp_rig%lu\",\"object\":\"response\",\"created_at\":%ld,"
                  "\"status\":\"%s\",\"error\":null,\"incomplete_details\":null,\"instructions\":null,"
                  "\"model\":\"%s\",\"output\":[%s],\"parallel_tool_calls\":true,\"tool_choice\":\"auto\","
                  "\"tools\":[],\"usage\":%s}",
                  c->id, (long)time(NULL), status, c->model, item, usage);
}

static void responses_part(connection *c, const char *kind, const char *member, const char *text) {
  int is_part = !strcmp(member, "part");
  responses_event(c, kind,
                  "\"item_id\":\"msg_rig%lu\",\"output_index\":0,\"content_index\":0,\"%s\":%s%s%s", c->id, member,
                  is_part ? "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"" : "\"", text,
                  is_part ? "\"}" : "\",\"logprobs\":[]");
}

static char *responses_item(const connection *c, const char *status, int with_text) {
  char *item;
  const char *text = c->text ? c->text : "";
  int made = asprintf(&item,
                      "{\"id\":\"msg_rig%lu\",\"type\":\"message\",\"status\":\"%s\",\"content\":[%s%s%s],"
                      "\"role\":\"assistant\"}",
                      c->id, status,
                      with_text ? "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"" : "",
                      with_text ? text : "", with_text ? "\"}" : "");
  if (made < 0)
    abort();
  return item;
}

static void responses_completed(connection *c) {
  char usage[256];
  snprintf(usage, sizeof usage,
           "{\"input_tokens\":%ld,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":%d,"
           "\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":%ld}",
           c->input_tokens, c->chunks, c->input_tokens + c->chunks);
  char *item = responses_item(c, "completed", 1);
  responses_object(c, "response.completed", "completed", item, usage);
  free(item);
}

static void responses_item_event(connection *c, const char *kind, const char *status, int with_text) {
  char *item = responses_item(c, status, with_text);
  responses_event(c, kind, "\"output_index\":0,\"item\":%s", item);
  free(item);
}

static int responses_step(connection *c) {
  const char *text = c->text ? c->text : "";
  switch (c->phase) {
  case 0: responses_object(c, "response.created", "in_progress", "", "null"); break;
  case 1: responses_object(c, "response.in_progress", "in_progress", "", "null"); break;
  case 2: responses_item_event(c, "response.output_item.added", "in_progress", 0); break;
  case 3: responses_part(c, "response.content_part.added", "part", ""); break;
  case 4:
    responses_part(c, "response.output_text.delta", "delta", remember(c));
    sent_chunk(c);
    if (c->sent_chunks < c->chunks)
      return 0;
    break;
  case 5: responses_part(c, "response.output_text.done", "text", text); break;
  case 6: responses_part(c, "response.content_part.done", "part", text); break;
  case 7: responses_item_event(c, "response.output_item.done", "completed", 1); break;
  default: responses_completed(c); return 1;
  }
  c->phase++;
  return 0;
}

// Messages.

static void messages_start(connection *c) {
  put(c, 0,
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_rig%lu\","
      "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"%s\",\"content\":[],\"stop_reason\":null,"
      "\"stop_sequence\":null,\"usage\":{\"input_tokens\":%ld,\"cache_creation_input_tokens\":0,"
      "\"cache_read_input_tokens\":0,\"output_tokens\":1}}}\n\n",
      c->id, c->model, c->input_tokens);
}

static int messages_step(connection *c) {
  char text[4200];
  switch (c->phase) {
  case 0: messages_start(c); break;
  case 1:
    put(c, 0,
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
        "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n");
    break;
  case 2:
    put(c, 0,
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
        "\"delta\":{\"type\":\"text_delta\",\"text\":\"%s\"}}\n\n",
        stamped_text(text, sizeof text));
    sent_chunk(c);
    if (c->sent_chunks < c->chunks)
      return 0;
    break;
  case 3: put(c, 0, "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"); break;
  case 4:
    put(c, 0,
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\","
        "\"stop_sequence\":null},\"usage\":{\"output_tokens\":%d}}\n\n",
        c->chunks);
    break;
  default: put(c, 1, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"); return 1;
  }
  c->phase++;
  return 0;
}

int stream_step(connection *c) {
  switch (c->wire) {
  case WIRE_CHAT: return chat_step(c);
  case WIRE_RESPONSES: return responses_step(c);
  default: return messages_step(c);
  }
}

int stream_between_chunks(const connection *c) {
  static const int phase[] = {[WIRE_CHAT] = 1, [WIRE_RESPONSES] = 4, [WIRE_MESSAGES] = 2};
  return c->phase == phase[c->wire] && c->sent_chunks < c->chunks;
}
