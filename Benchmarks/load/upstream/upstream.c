// A fast, honest fake model server.
//
//   POST /v1/chat/completions, /v1/responses, /v1/messages     whole (about 1 KB) or streamed
//   GET  /health, /__stats
//
// Honest: the whole body is received and scanned as JSON; a malformed one gets 400; `model`, `stream` and
// `stream_options.include_usage` are obeyed; every event is a send() of its own on a TCP_NODELAY socket; a
// client that goes away is counted.
//
// Environment: PORT (0: the system's choice, told on stderr), DELAY_MS, CHUNK_MS, CHUNKS (64), PAD (16 bytes
// of text in a chunk), REQUIRE_KEY (401 for any other bearer token).
//
// Words in the model's name after "rig" steer one request, in any order:
//   rig-d100 (delay, ms) -c20 (ms per chunk) -n250 (chunks) -e429 (answer with that status)
//   -x5 (cut the connection after 5 chunks) -z (never answer)
//
// Every chunk of text carries  ts=<CLOCK_MONOTONIC in ns, 20 digits>.  for sload.c.
#define _GNU_SOURCE
#include "upstream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

settings configured;
statistics counted = {.last_abort_chunk = -1};
int epoll_fd;

uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
}

static int number(const char *name, int otherwise) {
  const char *value = getenv(name);
  return value && *value ? atoi(value) : otherwise;
}

static void read_settings(void) {
  static const char lorem[] = " tokens flow on, chunk by chunk by chunk";
  configured.port = number("PORT", 0);
  configured.delay_ms = number("DELAY_MS", 0);
  configured.chunk_ms = number("CHUNK_MS", 0);
  configured.chunks = number("CHUNKS", 64);
  configured.key = getenv("REQUIRE_KEY");
  if (configured.key && !*configured.key)
    configured.key = NULL;
  int padding = number("PAD", 16);
  if (padding > 4000)
    padding = 4000;
  for (int i = 0; i < padding; i++)
    configured.padding[i] = lorem[i % 40];
}

static int start_listening(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(configured.port)};
  socklen_t length = sizeof address;
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (void *)&address, sizeof address) || listen(fd, 8192)) {
    perror("upstream");
    exit(1);
  }
  getsockname(fd, (void *)&address, &length);
  fprintf(stderr, "listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
  return fd;
}

static void accept_all(int listener) {
  for (int i = 0; i < 256; i++) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
      return;
    connection_new(fd);
  }
}

static void serve_event(const struct epoll_event *event) {
  connection *c = event->data.ptr;
  if (!c->dead && (event->events & EPOLLOUT))
    connection_flush(c);
  if (!c->dead && (event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
    connection_receive(c);
}

static void serve_timers(void) {
  uint64_t now = now_ns();
  connection *c;
  for (int budget = 1024; budget && (c = timer_first()) && c->deadline <= now; budget--) {
    timer_clear(c);
    if (c->state == WAITING)
      answer_begin(c);
    else
      answer_continue(c);
    if (!c->dead && c->state == READING)
      requests_process(c);
  }
}

static struct timespec *until_next_timer(struct timespec *wait) {
  connection *first = timer_first();
  if (!first)
    return NULL;
  uint64_t now = now_ns(), left = first->deadline > now ? first->deadline - now : 0;
  *wait = (struct timespec){left / 1000000000u, left % 1000000000u};
  return wait;
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  read_settings();

  int listener = start_listening();
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event accepting = {.events = EPOLLIN, .data.ptr = NULL}, events[512];
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &accepting);
  for (;;) {
    struct timespec wait;
    int count = epoll_pwait2(epoll_fd, events, 512, until_next_timer(&wait), NULL);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr)
        serve_event(&events[i]);
      else
        accept_all(listener);
    }
    serve_timers();
    connection_bury();
  }
}
