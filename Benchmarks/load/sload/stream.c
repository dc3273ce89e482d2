#define _GNU_SOURCE
#include "stream.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

void stream_start(stream *s) {
  memset(s, 0, sizeof *s);
  s->left = -1;
  s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  s->started = now_ns();
  connect(s->fd, (void *)&loading.address, sizeof loading.address);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = s};
  epoll_ctl(loading.epoll_fd, EPOLL_CTL_ADD, s->fd, &event);
  loading.active++;
}

void stream_finish(stream *s, enum ending how) {
  if (s->fd < 0)
    return;
  close(s->fd);
  s->fd = -1;
  loading.active--;
  if (s->status && s->status != 200) {
    measured.bad_status++;
    if (!measured.first_bad_status)
      measured.first_bad_status = s->status;
    return;
  }
  switch (how) {
  case WHOLE:
    measured.whole++;
    samples_add(&measured.duration, (now_ns() - s->started) / 1000);
    break;
  case EARLY: measured.ended_early++; break;
  case NOT_CONNECTED: measured.connect_errors++; break;
  case TIMED_OUT: measured.timeouts++; break;
  }
}

// ---- The body.

static void note_stamp(stream *s, uint64_t now) {
  if (s->stamp <= s->last_stamp) // the Responses API repeats old text at its end: that is no new chunk
    return;
  s->last_stamp = s->stamp;
  measured.chunks++;
  samples_add(&measured.one_way, now > s->stamp ? (now - s->stamp) / 100 : 0);
  if (s->previous_chunk)
    samples_add(&measured.gaps, (now - s->previous_chunk) / 100);
  s->previous_chunk = now;
}

// Finds "ts=<20 digits>." although it may be split over reads.
static void find_stamps(stream *s, const char *bytes, size_t length, uint64_t now) {
  for (size_t i = 0; i < length; i++) {
    char c = bytes[i];
    if (s->matched < 3) {
      s->matched = c == "ts="[s->matched] ? s->matched + 1 : c == 't';
      s->digits = 0;
      s->stamp = s->matched == 3 ? 0 : s->stamp;
    } else if (c >= '0' && c <= '9' && s->digits < 20) {
      s->stamp = s->stamp * 10 + (c - '0');
      s->digits++;
    } else {
      if (c == '.' && s->digits == 20)
        note_stamp(s, now);
      s->matched = c == 't';
    }
  }
}

static void keep_tail(stream *s, const char *bytes, size_t length) {
  size_t added = length < TAIL - 1 ? length : TAIL - 1, kept = TAIL - 1 - added;
  memmove(s->tail, s->tail + TAIL - 1 - kept, kept);
  memcpy(s->tail + kept, bytes + length - added, added);
}

static void payload(stream *s, const char *bytes, size_t length, uint64_t now) {
  find_stamps(s, bytes, length, now);
  keep_tail(s, bytes, length);
}

static int ended_with_terminal(const stream *s) {
  return s->saw_terminal || memmem(s->tail, TAIL - 1, "[DONE]", 6) != NULL;
}

static void look_for_terminal(stream *s, const char *bytes, size_t length) {
  static const char *const events[] = {"response.completed", "message_stop", "data: [DONE]"};
  for (int i = 0; !s->saw_terminal && i < 3; i++)
    s->saw_terminal = memmem(bytes, length, events[i], strlen(events[i])) != NULL;
}

static void size_digit(stream *s, char c) {
  if (c == '\r')
    return;
  if (c == '\n') {
    s->is_done = s->chunk_left == 0;
    s->framing = CHUNK;
    return;
  }
  int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
  if (digit >= 0 && digit < 16)
    s->chunk_left = s->chunk_left * 16 + digit;
}

static void chunked_body(stream *s, const char *bytes, size_t length, uint64_t now) {
  while (length && !s->is_done) {
    size_t used = 1;
    switch (s->framing) {
    case SIZE_LINE: size_digit(s, *bytes); break;
    case CHUNK:
      used = length < (size_t)s->chunk_left ? length : (size_t)s->chunk_left;
      payload(s, bytes, used, now);
      s->chunk_left -= used;
      if (!s->chunk_left)
        s->framing = CHUNK_END;
      break;
    case CHUNK_END:
      if (*bytes == '\n')
        s->framing = SIZE_LINE;
      break;
    }
    bytes += used;
    length -= used;
  }
}

static void body(stream *s, const char *bytes, size_t length, uint64_t now) {
  if (!s->first_byte) {
    s->first_byte = now;
    samples_add(&measured.first_byte, (now - s->started) / 100);
  }
  measured.bytes += length;
  look_for_terminal(s, bytes, length);
  if (s->is_chunked) {
    chunked_body(s, bytes, length, now);
    return;
  }
  payload(s, bytes, length, now);
  if (s->left >= 0) {
    s->left -= length;
    s->is_done = s->left <= 0;
  }
}

// ---- The head.

// Takes bytes into the head until it is whole. Returns how many it took; the state says whether it is whole.
static size_t head(stream *s, const char *bytes, size_t length) {
  size_t room = sizeof s->head - 1 - s->head_length, taken = length < room ? length : room;
  memcpy(s->head + s->head_length, bytes, taken);
  s->head[s->head_length + taken] = 0;
  char *end = strstr(s->head, "\r\n\r\n");
  if (!end) {
    s->head_length += taken;
    return taken;
  }
  taken = end + 4 - s->head - s->head_length;
  *end = 0;
  s->state = READING_BODY;
  s->status = atoi(s->head + 9);
  s->is_chunked = strcasestr(s->head, "\r\ntransfer-encoding: chunked") != NULL;
  char *given = strcasestr(s->head, "\r\ncontent-length:");
  if (given) {
    s->left = atol(given + 17);
    s->is_done = s->left == 0;
  }
  return taken;
}

// ---- The socket.

static void receive(stream *s) {
  static char buffer[262144];
  for (;;) {
    ssize_t got = recv(s->fd, buffer, sizeof buffer, 0);
    uint64_t now = now_ns();
    if (got < 0) {
      if (errno != EAGAIN)
        stream_finish(s, EARLY);
      return;
    }
    if (got == 0) {
      int whole = ended_with_terminal(s) && !s->is_chunked && s->left < 0;
      stream_finish(s, whole ? WHOLE : EARLY);
      return;
    }
    size_t used = s->state == READING_HEAD ? head(s, buffer, got) : 0;
    if (s->state == READING_HEAD && s->head_length == sizeof s->head - 1) {
      stream_finish(s, EARLY);
      return;
    }
    if ((size_t)got > used)
      body(s, buffer + used, got - used, now);
    if (s->is_done) {
      stream_finish(s, ended_with_terminal(s) ? WHOLE : EARLY);
      return;
    }
    if ((size_t)got < sizeof buffer)
      return;
  }
}

static void send_request(stream *s) {
  int failure = 0;
  socklen_t length = sizeof failure;
  getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &failure, &length);
  while (!failure && s->sent < loading.request_length) {
    ssize_t sent = send(s->fd, loading.request + s->sent, loading.request_length - s->sent, MSG_NOSIGNAL);
    if (sent < 0) {
      failure = errno == EAGAIN ? 0 : errno;
      break;
    }
    s->sent += sent;
  }
  if (failure) {
    stream_finish(s, NOT_CONNECTED);
  } else if (s->sent == loading.request_length) {
    s->state = READING_HEAD;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
    epoll_ctl(loading.epoll_fd, EPOLL_CTL_MOD, s->fd, &event);
  }
}

void stream_ready(stream *s, uint32_t events) {
  if (s->fd < 0)
    return;
  if (s->state == SENDING && (events & EPOLLOUT))
    send_request(s);
  else if (s->state == SENDING && (events & (EPOLLERR | EPOLLHUP)))
    stream_finish(s, NOT_CONNECTED);
  if (s->fd >= 0 && s->state != SENDING && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
    receive(s);
}
