// One streamed request after another over one connection slot, and what was measured on the way.
#pragma once

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

typedef struct samples {
  uint32_t *values;
  size_t count, capacity;
} samples;

void samples_add(samples *all, uint64_t value);
void samples_sort(samples *all);
double samples_at(const samples *all, double quantile, double unit); // -1 where there are none

typedef struct results {
  samples one_way, gaps, first_byte; // in tenths of a microsecond
  samples duration;                  // in microseconds
  long whole, bad_status, first_bad_status, ended_early, connect_errors, timeouts, chunks, bytes;
} results;

typedef struct load {
  char *request;
  size_t request_length;
  struct sockaddr_in address;
  int epoll_fd, active;
} load;

enum state { SENDING, READING_HEAD, READING_BODY };
enum framing { SIZE_LINE, CHUNK, CHUNK_END };
enum ending { WHOLE, EARLY, NOT_CONNECTED, TIMED_OUT };
enum { TAIL = 32 };

typedef struct stream {
  int fd;
  enum state state;
  size_t sent;

  char head[4096];
  int head_length, status, is_chunked;
  long left; // of a body with Content-Length, else -1
  enum framing framing;
  long chunk_left;
  int is_done, saw_terminal;
  char tail[TAIL]; // the last bytes of the body, to find a terminal event that was split

  int matched, digits; // of "ts=" and the stamp behind it
  uint64_t stamp, last_stamp;

  uint64_t started, first_byte, previous_chunk;
} stream;

extern load loading;
extern results measured;

uint64_t now_ns(void);
void stream_start(stream *s);
void stream_ready(stream *s, uint32_t events);
void stream_finish(stream *s, enum ending how);
