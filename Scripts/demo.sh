#!/usr/bin/env bash
# The main job in half a minute: a gateway on loopback, a prompt through it, the answer streaming, the request's log line.
# Needs no model, no key and no network: the deterministic `scripted` provider answers, or Ollama if one is running here.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"

ollama=http://127.0.0.1:11434
prompt="In a few sentences: what does a gateway between coding agents and models do?"

work=$(mktemp -d)
gateway=
stop_all() {
  local status=$?
  if [[ -n $gateway ]] && kill -0 "$gateway" 2>/dev/null; then
    kill -TERM "$gateway"
    wait "$gateway" || true
  fi
  ((status == 0)) || [[ ! -s $work/gateway.log ]] || cat "$work/gateway.log" >&2
  rm -rf "$work"
  exit "$status"
}
trap stop_all EXIT

# The first model of a running Ollama; nothing where there is none.
ollama_model() {
  command -v curl >/dev/null || return 0
  curl --silent --fail --max-time 1 "$ollama/api/tags" 2>/dev/null | sed -n 's/.*"models":\[{"name":"\([^"]*\)".*/\1/p' || true
}

write_gateway_configuration() {
  local model
  model=$(ollama_model)
  if [[ -n $model ]]; then
    say "Ollama answers on this machine: $model"
    printf 'providers:\n  - {name: ollama, base_url: "%s/v1", model: "%s"}\n' "$ollama" "$model"
  else
    say "no Ollama on this machine: the scripted provider answers"
    printf 'providers:\n  - {name: scripted, base_url: "scripted:", model: scripted}\n'
  fi >"$work/gateway.yaml"
}

start_gateway() {
  : >"$work/gateway.log"
  "$torii" serve --config "$work/gateway.yaml" --host 127.0.0.1 --port 0 --admin-port 0 2>"$work/gateway.log" &
  gateway=$!
  base=$(await_line "$work/gateway.log" 'listening on (http://127\.0\.0\.1:[0-9]+)([^0-9.]|$)' "$gateway" 20) ||
    fail "the gateway did not come up"
  say "the gateway listens on $base"
}

ask() {
  printf 'providers:\n  - {name: torii, base_url: "%s/v1"}\n' "$base" >"$work/client.yaml"
  say "torii --provider torii \"$prompt\""
  "$torii" --config "$work/client.yaml" --provider torii "$prompt" | tee "$work/answer"
  [[ -s $work/answer ]] || fail "the answer is empty"
}

show_log_line() {
  say "the gateway's log line for this request:"
  await_line "$work/gateway.log" '(.*"route":"POST .*)' "$gateway" 5 >&2 || fail "the gateway logged no request"
}

stop_gateway() {
  kill -TERM "$gateway"
  wait "$gateway" || fail "the gateway ended with status $?"
  gateway=
  say "stopped; nothing is left running"
}

torii=$(debug_torii)
# From here on nothing of this user's settings counts.
mkdir "$work/home"
export HOME=$work/home XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
unset OPENAI_API_KEY OPENAI_BASE_URL OLLAMA_BASE_URL TORII_CONFIG

write_gateway_configuration
start_gateway
ask
show_log_line
stop_gateway
