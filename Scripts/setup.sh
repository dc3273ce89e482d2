#!/usr/bin/env bash
# Installs the system packages that are missing, through apt, if this user may.
#
#   setup.sh build | judges | bench
#
# Quick and silent where everything is there. Elsewhere than on Debian and Ubuntu it only checks for Swift.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"

packages_for() {
  case $1 in
    build) echo ca-certificates git g++ libc6-dev zlib1g-dev ;;
    judges) echo ca-certificates git libgomp1 python3 python3-venv ;;
    bench) echo gcc libc6-dev nginx nodejs python3 wrk ;;
    *) fail "setup.sh build | judges | bench" ;;
  esac
}

missing_of() {
  local package
  for package; do
    dpkg-query --show --showformat '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || echo "$package"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "these packages are missing and neither root nor sudo is to be had: ${missing[*]}"
  fi
}

install_missing() {
  say "installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# Debian starts nginx as a service on installation; the benchmark wants only the program.
quiet_nginx() {
  [[ " ${missing[*]} " == *" nginx "* ]] || return 0
  command -v systemctl >/dev/null || return 0
  as_root systemctl disable --now nginx >/dev/null 2>&1 || true
}

check_swift() {
  command -v "$swift" >/dev/null || fail "Swift is missing: install 6.3 from https://www.swift.org/install"
  local version
  version=$("$swift" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
  local major=${version% *} minor=${version#* }
  [[ -n $version ]] || fail "'$swift --version' does not say which Swift this is"
  ((major > 6 || (major == 6 && minor >= 3))) || fail "Swift $major.$minor is too old: 6.3 is needed"
}

profile=${1:-build}
read -ra wanted <<<"$(packages_for "$profile")"
if command -v dpkg-query >/dev/null; then
  mapfile -t missing < <(missing_of "${wanted[@]}")
  if ((${#missing[@]} > 0)); then
    install_missing
    quiet_nginx
  fi
fi
[[ $profile != build ]] || check_swift
