// A fast, honest fake model server: HTTP/1.1, keep-alive, chunked server-sent events, one thread, epoll.
// upstream.c says what it serves and how a model's name steers it.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum wire { WIRE_CHAT, WIRE_RESPONSES, WIRE_MESSAGES };
enum state { READING, WAITING, ANSWERING };

typedef struct connection {
  int fd, wants_write, dead, closes_after;
  enum state state;
  enum wire wire;

  char *in; // bytes received and not yet used
  size_t in_length, in_capacity;
  char *out; // bytes the socket would not take yet
  size_t out_length, out_sent, out_capacity;

  uint64_t deadline; // of the next step, in nanoseconds
  int timer;         // place in the heap, -1 while not queued

  // What the request asked for.
  int stream, wants_usage;
  int delay_ms, chunk_ms, chunks, cut_after, status, hangs;
  char model[96];
  long input_tokens;

  // How far the answer is.
  unsigned long id;
  int phase, sent_chunks, sequence;
  char *text; // all delta text so far: the Responses API repeats it at the end
  size_t text_length, text_capacity;
} connection;

typedef struct settings {
  int port, delay_ms, chunk_ms, chunks;
  const char *key; // the bearer token demanded, or NULL
  char padding[4096];
} settings;

typedef struct statistics {
  unsigned long accepted, requests, completed, aborted, bad, unauthorised, streams, chunks, bytes_in, bytes_out;
  long connections, active, last_abort_chunk;
} statistics;

extern settings configured;
extern statistics counted;
extern int epoll_fd;

uint64_t now_ns(void);

// timers.c: a heap by deadline.
void timer_set(connection *c, uint64_t deadline);
void timer_clear(connection *c);
connection *timer_first(void);

// connection.c
connection *connection_new(int fd);
void connection_kill(connection *c); // freed by connection_bury
void connection_bury(void);
void connection_send(connection *c, const char *bytes, size_t length);
void connection_flush(connection *c);
void connection_receive(connection *c);
int connection_pending(const connection *c);

// json_scan.c: validates nesting and strings, and finds the members that steer the answer.
typedef struct body_facts {
  int valid, stream, include_usage;
  char model[96];
} body_facts;
void scan_body(const char *body, size_t length, body_facts *facts);

// answers.c
void answer_json(connection *c, int status, const char *extra_headers, const char *body, size_t length);
void answer_error(connection *c, int status, const char *type, const char *message);
void answer_whole(connection *c);

// streams.c
void stream_begin(connection *c);
int stream_step(connection *c); // sends the next event; 1 when that was the last
int stream_between_chunks(const connection *c);

// requests.c
void requests_process(connection *c);
void answer_begin(connection *c); // the delay is over
void answer_continue(connection *c);
