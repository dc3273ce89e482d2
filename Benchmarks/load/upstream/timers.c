#include "upstream.h"

#include <stdlib.h>

static connection **heap;
static int count, capacity;

static void place(int at, connection *c) {
  heap[at] = c;
  c->timer = at;
}

static void rise(int at) {
  connection *c = heap[at];
  while (at > 0) {
    int parent = (at - 1) / 2;
    if (heap[parent]->deadline <= c->deadline)
      break;
    place(at, heap[parent]);
    at = parent;
  }
  place(at, c);
}

static void sink(int at) {
  connection *c = heap[at];
  for (;;) {
    int child = 2 * at + 1;
    if (child >= count)
      break;
    if (child + 1 < count && heap[child + 1]->deadline < heap[child]->deadline)
      child++;
    if (heap[child]->deadline >= c->deadline)
      break;
    place(at, heap[child]);
    at = child;
  }
  place(at, c);
}

void timer_clear(connection *c) {
  int at = c->timer;
  if (at < 0)
    return;
  c->timer = -1;
  connection *last = heap[--count];
  if (last == c)
    return;
  place(at, last);
  rise(at);
  sink(last->timer);
}

void timer_set(connection *c, uint64_t deadline) {
  timer_clear(c);
  if (count == capacity) {
    capacity = capacity ? capacity * 2 : 256;
    heap = realloc(heap, capacity * sizeof *heap);
  }
  c->deadline = deadline;
  place(count, c);
  count++;
  rise(count - 1);
}

connection *timer_first(void) { return count ? heap[0] : NULL; }
