#!/usr/bin/env bash
# The outside judges: llm-comply, the official SDKs, the ollama client and the real Codex CLI, through torii.
#
#   judges.sh [--torii BINARY | --direct] [--only model|llama|comply|sdk|ollama|codex ...] [--write]
#
# A whole run fails if docs/compatibility.md does not say what was measured; --write puts it there.
# Installs pinned Python packages into .judges/ the first time, and again when Judges/requirements.txt changes.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

home=$root/.judges
python=${PYTHON:-python3}
mkdir -p "$home"
rm -f "$home/total.txt"

install_packages() {
  local wanted
  wanted=$(sha256sum Judges/requirements.txt | cut -d ' ' -f 1)-$("$python" -c 'import sys; print(sys.version)' | sha256sum | cut -c 1-8)
  if [[ $(cat "$home/installed" 2>/dev/null) != "$wanted" ]]; then
    say "installing the judges' Python packages into .judges/ (once; about 650 MB)"
    rm -rf "$home/venv" "$home/installed"
    "$python" -m venv "$home/venv"
    "$home/venv/bin/pip" install --quiet --disable-pip-version-check --requirement Judges/requirements.txt
    printf '%s\n' "$wanted" >"$home/installed"
  fi
}

Scripts/setup.sh judges
install_packages

gateway=(--torii)
for word; do
  case $word in --torii | --torii=* | --direct) gateway=() ;; esac
done
if ((${#gateway[@]} > 0)); then
  torii=$(debug_torii)
  gateway+=("$torii")
fi

exec "$home/venv/bin/python" -B Judges/run.py --work "$home" "${gateway[@]}" "$@"
