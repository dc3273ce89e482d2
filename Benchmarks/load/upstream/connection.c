#define _GNU_SOURCE
#include "upstream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static connection **graves; // killed in this round of events, freed after it
static int grave_count, grave_capacity;

connection *connection_new(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connection *c = calloc(1, sizeof *c);
  c->fd = fd;
  c->timer = -1;
  c->in_capacity = 8192;
  c->in = malloc(c->in_capacity);
  counted.accepted++;
  counted.connections++;
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
  return c;
}

void connection_kill(connection *c) {
  if (c->dead)
    return;
  c->dead = 1;
  if (c->state != READING) { // the client left before its answer was whole
    counted.aborted++;
    counted.active--;
    counted.last_abort_chunk = c->sent_chunks;
  }
  timer_clear(c);
  close(c->fd);
  counted.connections--;
  if (grave_count == grave_capacity) {
    grave_capacity = grave_capacity ? grave_capacity * 2 : 256;
    graves = realloc(graves, grave_capacity * sizeof *graves);
  }
  graves[grave_count++] = c;
}

void connection_bury(void) {
  for (int i = 0; i < grave_count; i++) {
    free(graves[i]->in);
    free(graves[i]->out);
    free(graves[i]->text);
    free(graves[i]);
  }
  grave_count = 0;
}

static void watch_writes(connection *c, int wanted) {
  if (c->wants_write == wanted)
    return;
  c->wants_write = wanted;
  uint32_t events = EPOLLIN | EPOLLRDHUP | (wanted ? EPOLLOUT : 0);
  struct epoll_event event = {.events = events, .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

int connection_pending(const connection *c) { return c->out_length > c->out_sent; }

void connection_send(connection *c, const char *bytes, size_t length) {
  if (c->dead)
    return;
  counted.bytes_out += length;
  if (!connection_pending(c)) {
    ssize_t sent = send(c->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
      connection_kill(c);
      return;
    }
    if (sent < 0)
      sent = 0;
    if ((size_t)sent == length)
      return;
    bytes += sent;
    length -= sent;
    c->out_length = c->out_sent = 0;
  }
  if (c->out_length + length > c->out_capacity) {
    c->out_capacity = (c->out_length + length) * 2;
    c->out = realloc(c->out, c->out_capacity);
  }
  memcpy(c->out + c->out_length, bytes, length);
  c->out_length += length;
  watch_writes(c, 1);
}

void connection_flush(connection *c) {
  while (connection_pending(c)) {
    ssize_t sent = send(c->fd, c->out + c->out_sent, c->out_length - c->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) {
      if (errno != EAGAIN)
        connection_kill(c);
      return;
    }
    c->out_sent += sent;
  }
  c->out_length = c->out_sent = 0;
  watch_writes(c, 0);
  answer_continue(c);
}

void connection_receive(connection *c) {
  for (;;) {
    if (c->in_capacity - c->in_length < 4096) {
      c->in_capacity *= 2;
      c->in = realloc(c->in, c->in_capacity);
    }
    size_t room = c->in_capacity - c->in_length;
    ssize_t got = recv(c->fd, c->in + c->in_length, room, MSG_DONTWAIT);
    if (got > 0) {
      c->in_length += got;
      counted.bytes_in += got;
      if ((size_t)got == room)
        continue;
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      connection_kill(c);
    }
    break;
  }
  if (!c->dead)
    requests_process(c);
}
