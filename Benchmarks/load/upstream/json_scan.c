#define _GNU_SOURCE
#include "upstream.h"

#include <ctype.h>
#include <string.h>

enum { MAXIMUM_DEPTH = 256 };

static const char *skip_space(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
    at++;
  return at;
}

// From behind the opening quote to behind the closing one, or NULL.
static const char *skip_string(const char *at, const char *end) {
  while (at < end) {
    const char *quote = memchr(at, '"', end - at);
    if (!quote)
      return NULL;
    const char *slashes = quote;
    while (slashes > at && slashes[-1] == '\\')
      slashes--;
    if (((quote - slashes) & 1) == 0)
      return quote + 1;
    at = quote + 1;
  }
  return NULL;
}

static const char *skip_container(const char *at, const char *end) {
  char open[MAXIMUM_DEPTH];
  int depth = 0;
  while (at < end) {
    char c = *at++;
    if (c == '"') {
      at = skip_string(at, end);
      if (!at)
        return NULL;
    } else if (c == '{' || c == '[') {
      if (depth == MAXIMUM_DEPTH)
        return NULL;
      open[depth++] = c;
    } else if (c == '}' || c == ']') {
      if ((open[depth - 1] == '{') != (c == '}'))
        return NULL;
      if (--depth == 0)
        return at;
    }
  }
  return NULL;
}

static const char *skip_value(const char *at, const char *end) {
  at = skip_space(at, end);
  if (at >= end)
    return NULL;
  if (*at == '"')
    return skip_string(at + 1, end);
  if (*at == '{' || *at == '[')
    return skip_container(at, end);
  const char *start = at;
  while (at < end && (isalnum((unsigned char)*at) || strchr("+-.", *at)))
    at++;
  return at > start ? at : NULL;
}

static int is(const char *key, size_t length, const char *name) {
  return length == strlen(name) && !memcmp(key, name, length);
}

static void copy_model(body_facts *facts, const char *value, const char *end) {
  size_t length = end - value - 2;
  if (length > sizeof facts->model - 1)
    length = sizeof facts->model - 1;
  memcpy(facts->model, value + 1, length);
  facts->model[length] = 0;
  for (char *c = facts->model; *c; c++)
    if (*c == '\\' || (unsigned char)*c < 32)
      *c = '_';
}

static int scan_object(const char *at, const char *end, body_facts *facts, int outermost);

static void note_member(const char *key, size_t length, const char *value, const char *end, body_facts *facts,
                        int outermost) {
  if (!outermost) {
    if (is(key, length, "include_usage"))
      facts->include_usage = *value == 't';
  } else if (is(key, length, "stream")) {
    facts->stream = *value == 't';
  } else if (is(key, length, "model") && *value == '"') {
    copy_model(facts, value, end);
  } else if (is(key, length, "stream_options") && *value == '{') {
    scan_object(value, end, facts, 0);
  }
}

static int scan_object(const char *at, const char *end, body_facts *facts, int outermost) {
  at = skip_space(at, end);
  if (at >= end || *at != '{')
    return 0;
  at = skip_space(at + 1, end);
  if (at < end && *at == '}')
    return 1;
  for (;;) {
    at = skip_space(at, end);
    if (at >= end || *at != '"')
      return 0;
    const char *key = at + 1;
    at = skip_string(key, end);
    if (!at)
      return 0;
    size_t key_length = at - 1 - key;
    at = skip_space(at, end);
    if (at >= end || *at != ':')
      return 0;
    const char *value = skip_space(at + 1, end);
    at = skip_value(value, end);
    if (!at)
      return 0;
    note_member(key, key_length, value, at, facts, outermost);
    at = skip_space(at, end);
    if (at >= end)
      return 0;
    if (*at == '}')
      return !outermost || skip_space(at + 1, end) == end;
    if (*at++ != ',')
      return 0;
  }
}

void scan_body(const char *body, size_t length, body_facts *facts) {
  memset(facts, 0, sizeof *facts);
  facts->valid = scan_object(body, body + length, facts, 1) && facts->model[0];
}
