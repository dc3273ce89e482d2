#!/usr/bin/env bash
# The outside judges: llm-comply, the official SDKs, the ollama client, the real Codex CLI and the real Claude Code,
# through torii.
#
#   judges.sh [--torii BINARY | --debug | --direct] [--only model|codex|claude|launch|llama|admin|metrics|tls|comply|sdk|ollama ...] [--long] [--write]
#
# They judge the release build, which is what people run, or with --debug the one that the tests have made.
# --long adds the older Codex CLIs, and the agents over every kind of upstream. A whole run fails if
# docs/compatibility.md does not say what was measured; --write puts it there.
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
    say "installing the judges' Python packages into .judges/ (once; about 1 GB)"
    rm -rf "$home/venv" "$home/installed"
    "$python" -m venv "$home/venv"
    "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement Judges/requirements.txt
    printf '%s\n' "$wanted" >"$home/installed"
  fi
}

# Each older Codex in a folder of its own, as it is named in Judges/older-codex.txt.
install_older() {
  local pin folder
  while IFS= read -r pin; do
    [[ $pin == *==* ]] || continue
    folder=$home/codex-${pin##*==}
    if [[ ! -x $folder/codex_cli_bin/bin/codex ]]; then
      say "installing $pin into .judges/ (once; about 300 MB)"
      rm -rf "$folder" "$folder.new"
      "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder.new" "$pin"
      mv "$folder.new" "$folder"
    fi
  done <Judges/older-codex.txt
}

Scripts/setup.sh judges
install_packages
for word; do
  [[ $word != --long ]] || install_older
done

build=release_torii
words=()
for word; do
  case $word in
    --debug) build=debug_torii && continue ;;
    --torii | --torii=* | --direct) build= ;;
  esac
  words+=("$word")
done
if [[ -n $build ]]; then
  torii=$("$build")
  words=(--torii "$torii" "${words[@]}")
fi

exec "$home/venv/bin/python" -B Judges/run.py --work "$home" "${words[@]}"
