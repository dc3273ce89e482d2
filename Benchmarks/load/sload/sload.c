// Opens many slow streams at once and measures what a proxy adds to every chunk.
//
//   sload -u 127.0.0.1:9001 -b body.json -c 64 [-p /v1/chat/completions] [-r ramp_ms=500] [-t limit_s=30] [-k key]
//
// Each connection posts the body once and reads the stream to its end. The upstream stamps every chunk with the
// monotonic clock, and both run on one machine, so the time from its send() to our recv() is the chunk's way through
// the proxy; what a direct run takes has to be subtracted. Prints one line of JSON; the exit status is 0 when every
// stream ended with its terminal event.
#define _GNU_SOURCE
#include "stream.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

load loading;
results measured;

uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
}

typedef struct options {
  char host[64];
  const char *path, *body_file, *key;
  int port, streams, ramp_ms, limit_s;
} options;

static options read_options(int argc, char **argv) {
  options o = {.path = "/v1/chat/completions", .key = "sk-rig", .streams = 64, .ramp_ms = 500, .limit_s = 30};
  int option;
  while ((option = getopt(argc, argv, "u:p:b:c:r:t:k:")) != -1) {
    switch (option) {
    case 'u': sscanf(optarg, "%63[^:]:%d", o.host, &o.port); break;
    case 'p': o.path = optarg; break;
    case 'b': o.body_file = optarg; break;
    case 'c': o.streams = atoi(optarg); break;
    case 'r': o.ramp_ms = atoi(optarg); break;
    case 't': o.limit_s = atoi(optarg); break;
    case 'k': o.key = optarg; break;
    default: exit(2);
    }
  }
  if (!o.body_file || !o.port) {
    fprintf(stderr, "sload -u HOST:PORT -b body.json [-c streams]\n");
    exit(2);
  }
  return o;
}

static void make_request(const options *o) {
  FILE *file = fopen(o->body_file, "rb");
  if (!file) {
    perror(o->body_file);
    exit(2);
  }
  fseek(file, 0, SEEK_END);
  long length = ftell(file);
  rewind(file);
  loading.request = malloc(length + 2048);
  int head = sprintf(loading.request,
                     "POST %s HTTP/1.1\r\nHost: %s:%d\r\nAuthorization: Bearer %s\r\n"
                     "Content-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: %ld\r\n\r\n",
                     o->path, o->host, o->port, o->key, length);
  loading.request_length = head + fread(loading.request + head, 1, length, file);
  fclose(file);
  loading.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(o->port)};
  inet_pton(AF_INET, o->host, &loading.address.sin_addr);
}

static void run(const options *o) {
  stream *all = calloc(o->streams, sizeof *all);
  int started = 0;
  uint64_t began = now_ns(), end = began + (uint64_t)o->limit_s * 1000000000u;
  struct epoll_event events[512];
  while ((started < o->streams || loading.active) && now_ns() < end) {
    double elapsed_ms = (now_ns() - began) / 1e6;
    int due = o->ramp_ms ? (int)(elapsed_ms * o->streams / o->ramp_ms) + 1 : o->streams;
    while (started < due && started < o->streams)
      stream_start(&all[started++]);
    int count = epoll_wait(loading.epoll_fd, events, 512, started < o->streams ? 1 : 100);
    for (int i = 0; i < count; i++)
      stream_ready(events[i].data.ptr, events[i].events);
  }
  for (int i = 0; i < started; i++)
    stream_finish(&all[i], TIMED_OUT);
}

static void print_quantiles(const char *name, samples *all, double unit) {
  samples_sort(all);
  printf(",\"%s\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f}", name, samples_at(all, .5, unit),
         samples_at(all, .9, unit), samples_at(all, .99, unit), samples_at(all, 1, unit));
}

static void print_results(int streams) {
  printf("{\"streams\":%d,\"whole\":%ld,\"bad_status\":%ld,\"first_bad_status\":%ld,\"ended_early\":%ld,"
         "\"connect_errors\":%ld,\"timeouts\":%ld,\"chunks\":%ld,\"bytes\":%ld",
         streams, measured.whole, measured.bad_status, measured.first_bad_status, measured.ended_early,
         measured.connect_errors, measured.timeouts, measured.chunks, measured.bytes);
  print_quantiles("first_byte_ms", &measured.first_byte, 1e4);
  print_quantiles("one_way_us", &measured.one_way, 10);
  print_quantiles("gap_ms", &measured.gaps, 1e4);
  print_quantiles("duration_s", &measured.duration, 1e6);
  printf("}\n");
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  options o = read_options(argc, argv);
  make_request(&o);
  loading.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  run(&o);
  print_results(o.streams);
  return measured.whole != o.streams;
}
