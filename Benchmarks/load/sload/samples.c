#include "stream.h"

#include <stdlib.h>

void samples_add(samples *all, uint64_t value) {
  if (all->count == all->capacity) {
    all->capacity = all->capacity ? all->capacity * 2 : 4096;
    all->values = realloc(all->values, all->capacity * sizeof *all->values);
  }
  all->values[all->count++] = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static int ascending(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return a < b ? -1 : a > b;
}

void samples_sort(samples *all) {
  if (all->count)
    qsort(all->values, all->count, sizeof *all->values, ascending);
}

double samples_at(const samples *all, double quantile, double unit) {
  if (!all->count)
    return -1;
  size_t at = (size_t)(quantile * (all->count - 1) + 0.5);
  return all->values[at] / unit;
}
