#!/usr/bin/env bash
# Installs the release build below a prefix, with its man page and completions:  install.sh PREFIX
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"

prefix=${1:?install.sh PREFIX}
torii=$root/.build/release/torii
[[ -x $torii ]] || fail "no release build: run make release"

# Installs what a command prints:  completion SHELL PATH
completion() {
  mkdir -p "$(dirname "$2")"
  "$torii" completions "$1" >"$2"
}

install -D -m 755 "$torii" "$prefix/bin/torii"
# Symbols stay, so that a crash can name its functions; debug information is a third of the file.
if command -v strip >/dev/null; then
  strip --strip-debug "$prefix/bin/torii"
fi
install -D -m 644 "$root/docs/torii.1" "$prefix/share/man/man1/torii.1"
completion bash "$prefix/share/bash-completion/completions/torii"
completion zsh "$prefix/share/zsh/site-functions/_torii"
completion fish "$prefix/share/fish/vendor_completions.d/torii.fish"
say "installed $prefix/bin/torii"
