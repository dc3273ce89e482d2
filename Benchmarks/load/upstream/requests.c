#define _GNU_SOURCE
#include "upstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { MAXIMUM_HEAD = 65536 };
static const uint64_t millisecond = 1000000;

typedef struct request {
  char method[8], path[256];
  char *body, *authorization;
  size_t body_length;
} request;

// ---- Answering.

static void answer_done(connection *c) {
  counted.completed++;
  counted.active--;
  c->state = READING;
  if (c->closes_after && !connection_pending(c))
    connection_kill(c);
}

static void cut(connection *c) {
  struct linger reset = {1, 0};
  setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  counted.completed++;
  counted.active--;
  c->state = READING; // the client did not leave: it is thrown out
  connection_kill(c);
}

// Advances a stream as far as time and the socket allow.
static void stream_pump(connection *c) {
  while (!c->dead && c->state == ANSWERING) {
    if (c->chunk_ms == 0 && connection_pending(c))
      return;
    if (c->cut_after >= 0 && c->sent_chunks >= c->cut_after) {
      cut(c);
      return;
    }
    int between = stream_between_chunks(c);
    if (stream_step(c)) {
      if (!c->dead)
        answer_done(c);
      return;
    }
    if (!c->dead && c->chunk_ms && between && stream_between_chunks(c)) {
      timer_set(c, c->deadline + c->chunk_ms * millisecond);
      return;
    }
  }
}

void answer_begin(connection *c) {
  c->state = ANSWERING;
  if (c->stream && !c->status) {
    counted.streams++;
    stream_begin(c);
    c->deadline = now_ns();
    stream_pump(c);
    return;
  }
  if (c->status) {
    char message[64];
    snprintf(message, sizeof message, "rig injected status %d", c->status);
    answer_error(c, c->status, c->status == 429 ? "rate_limit_exceeded" : "server_error", message);
  } else {
    answer_whole(c);
  }
  if (!c->dead)
    answer_done(c);
}

void answer_continue(connection *c) {
  if (!c->dead && c->state == ANSWERING && (c->chunk_ms == 0 || c->timer < 0))
    stream_pump(c);
  if (!c->dead && c->state == READING && c->closes_after && !connection_pending(c))
    connection_kill(c);
}

// ---- Routing.

// rig-d100-c20-n250-e429-x5-z: see upstream.c.
static void obey_model_name(connection *c) {
  char *at = strstr(c->model, "rig");
  if (!at)
    return;
  for (at += 3; *at == '-';) {
    char *end;
    long value = strtol(at + 2, &end, 10);
    switch (at[1]) {
    case 'd': c->delay_ms = value; break;
    case 'c': c->chunk_ms = value; break;
    case 'n': c->chunks = value; break;
    case 'e': c->status = value; break;
    case 'x': c->cut_after = value; break;
    case 'z': c->hangs = 1; break;
    default: return;
    }
    at = end;
  }
}

static int wire_of(const char *path) {
  if (!strcmp(path, "/v1/chat/completions"))
    return WIRE_CHAT;
  if (!strcmp(path, "/v1/responses"))
    return WIRE_RESPONSES;
  return strcmp(path, "/v1/messages") ? -1 : WIRE_MESSAGES;
}

static int authorised(const char *given) {
  if (!configured.key)
    return 1;
  size_t length = strlen(configured.key);
  return given && !strncasecmp(given, "Bearer ", 7) && !strncmp(given + 7, configured.key, length) &&
         (given[7 + length] == '\r' || given[7 + length] == '\n');
}

static void answer_statistics(connection *c) {
  counted.requests--; // asking is not counted
  char body[512];
  int length = snprintf(body, sizeof body,
                        "{\"accepted\":%lu,\"connections\":%ld,\"requests\":%lu,\"completed\":%lu,\"streams\":%lu,"
                        "\"chunks\":%lu,\"active\":%ld,\"aborted\":%lu,\"last_abort_chunk\":%ld,\"bad_json\":%lu,"
                        "\"unauthorized\":%lu,\"bytes_in\":%lu,\"bytes_out\":%lu}\n",
                        counted.accepted, counted.connections, counted.requests, counted.completed,
                        counted.streams, counted.chunks, counted.active, counted.aborted,
                        counted.last_abort_chunk, counted.bad, counted.unauthorised, counted.bytes_in,
                        counted.bytes_out);
  answer_json(c, 200, "", body, length);
}

static void start_inference(connection *c, int wire, const request *r) {
  body_facts facts;
  scan_body(r->body, r->body_length, &facts);
  if (!facts.valid) {
    counted.bad++;
    answer_error(c, 400, "invalid_request_error", "body is not a JSON object with a model");
    return;
  }
  memcpy(c->model, facts.model, sizeof c->model);
  c->wire = wire;
  c->stream = facts.stream;
  c->wants_usage = facts.include_usage;
  c->input_tokens = r->body_length / 4;
  c->delay_ms = configured.delay_ms;
  c->chunk_ms = configured.chunk_ms;
  c->chunks = configured.chunks;
  c->cut_after = -1;
  c->status = c->hangs = c->sent_chunks = c->sequence = c->phase = 0;
  c->text_length = 0;
  obey_model_name(c);
  counted.active++;
  c->state = WAITING;
  if (c->hangs)
    return;
  if (c->delay_ms > 0)
    timer_set(c, now_ns() + c->delay_ms * millisecond);
  else
    answer_begin(c);
}

static void route(connection *c, request *r) {
  counted.requests++;
  c->id = counted.requests;
  char *query = strchr(r->path, '?');
  if (query)
    *query = 0;
  int is_get = !strcmp(r->method, "GET");
  if (!strcmp(r->path, "/__stats")) {
    answer_statistics(c);
  } else if (!strcmp(r->method, "HEAD")) {
    const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    connection_send(c, head, strlen(head));
  } else if (is_get && (!strcmp(r->path, "/health") || !strcmp(r->path, "/"))) {
    answer_json(c, 200, "", "{\"status\":\"ok\"}", 15);
  } else if (!authorised(r->authorization)) {
    counted.unauthorised++;
    answer_error(c, 401, "invalid_api_key", "Incorrect API key provided");
  } else if (wire_of(r->path) < 0) { // it does not list its models either: every name is welcome
    answer_error(c, 404, "not_found", "unknown path");
  } else if (strcmp(r->method, "POST")) {
    answer_error(c, 405, "invalid_request_error", "use POST");
  } else {
    start_inference(c, wire_of(r->path), r);
  }
}

// ---- Reading.

// The start of a header's value, or NULL; `head` to `end` is the block of headers.
static char *header(char *head, char *end, const char *name) {
  size_t length = strlen(name);
  for (char *line = head; line < end;) {
    char *next = memchr(line, '\n', end - line);
    if (!next)
      break;
    if ((size_t)(next - line) > length && !strncasecmp(line, name, length) && line[length] == ':') {
      char *value = line + length + 1;
      while (*value == ' ')
        value++;
      return value;
    }
    line = next + 1;
  }
  return NULL;
}

// Decodes a chunked body in place. Returns the bytes it took on the wire, 0 while it is not all there.
static size_t decode_chunked(char *body, size_t available, size_t *decoded) {
  char *at = body, *end = body + available;
  for (;;) {
    char *line = memmem(at, end - at, "\r\n", 2);
    if (!line)
      return 0;
    size_t size = strtoul(at, NULL, 16);
    if ((size_t)(end - line - 2) < size + 2)
      return 0;
    at = line + 2 + size + 2;
    if (size == 0)
      break;
  }
  size_t taken = at - body;
  char *from = body, *to = body;
  for (;;) {
    char *line = memmem(from, end - from, "\r\n", 2);
    size_t size = strtoul(from, NULL, 16);
    if (size == 0)
      break;
    memmove(to, line + 2, size);
    to += size;
    from = line + 2 + size + 2;
  }
  *decoded = to - body;
  return taken;
}

static void make_room(connection *c, size_t needed) {
  if (needed <= c->in_capacity)
    return;
  c->in_capacity = needed + 64;
  c->in = realloc(c->in, c->in_capacity);
}

// Copies a word of the request line, as far as there is room; returns where the next one starts.
static const char *take_word(const char *at, char *word, size_t room) {
  size_t length = strcspn(at, " \r\n"), kept = length < room ? length : room - 1;
  memcpy(word, at, kept);
  word[kept] = 0;
  return at[length] == ' ' ? at + length + 1 : at + length;
}

// Reads one request from the front of the buffer. Returns the bytes it took, 0 while it is not all there.
static size_t read_request(connection *c, request *r) {
  size_t searched = c->in_length < MAXIMUM_HEAD ? c->in_length : MAXIMUM_HEAD;
  char *end = memmem(c->in, searched, "\r\n\r\n", 4);
  if (!end) {
    if (c->in_length > MAXIMUM_HEAD)
      connection_kill(c);
    return 0;
  }
  r->body = end + 4;
  char *head = (char *)memchr(c->in, '\n', r->body - c->in) + 1;
  size_t head_length = r->body - c->in, available = c->in_length - head_length, taken = 0;
  char *length = header(head, end + 2, "content-length");
  char *coding = header(head, end + 2, "transfer-encoding");
  char *expect = header(head, end + 2, "expect");
  if (coding && !strncasecmp(coding, "chunked", 7)) {
    taken = decode_chunked(r->body, available, &r->body_length);
  } else {
    r->body_length = length ? strtoul(length, NULL, 10) : 0;
    taken = available >= r->body_length ? r->body_length : 0;
  }
  int whole = taken > 0 || (!coding && r->body_length == 0);
  if (!whole) {
    if (expect && available == 0)
      connection_send(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    if (!coding)
      make_room(c, head_length + r->body_length);
    return 0;
  }
  char version[12];
  const char *at = take_word(c->in, r->method, sizeof r->method);
  at = take_word(at, r->path, sizeof r->path);
  take_word(at, version, sizeof version);
  char *keep = header(head, end + 2, "connection");
  int old = !strcmp(version, "HTTP/1.0") && !(keep && !strncasecmp(keep, "keep", 4));
  c->closes_after = old || (keep && !strncasecmp(keep, "close", 5));
  r->authorization = header(head, end + 2, "authorization");
  return head_length + taken;
}

void requests_process(connection *c) {
  while (!c->dead && c->state == READING && c->in_length) {
    request r = {0};
    size_t taken = read_request(c, &r);
    if (!taken)
      return;
    route(c, &r);
    if (c->dead)
      return;
    memmove(c->in, c->in + taken, c->in_length - taken);
    c->in_length -= taken;
    if (c->state == READING && c->closes_after && !connection_pending(c))
      connection_kill(c);
  }
}
