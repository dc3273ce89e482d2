#!/usr/bin/env bash
# Installs the system packages that are missing, through apt, if this user may.
#
#   setup.sh build | judges | bench
#
# Quick and silent where everything is there. What counts is the thing itself, not the package that would bring it: a
# program found elsewhere is as good. Without apt it names what is missing.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"

# PACKAGE=WHAT, where WHAT is a program, a path (may have wildcards) or a Python module.
needs_of() {
  case $1 in
    build)
      echo ca-certificates=/etc/ssl/certs/ca-certificates.crt git=git libc6-dev=/usr/include/stdio.h
      echo "g++=/usr/include/c++/*/vector" zlib1g-dev=/usr/include/zlib.h libzstd-dev=/usr/include/zstd.h
      echo libsqlite3-dev=/usr/include/sqlite3.h
      ;;
    judges)
      echo curl=curl git=git python3=python3 python3-venv=module:ensurepip "libgomp1=/usr/lib/*/libgomp.so.1"
      echo prometheus=prometheus openssl=openssl
      ;;
    bench)
      echo gcc=gcc libc6-dev=/usr/include/stdio.h python3=python3
      echo nginx=nginx nodejs=node wrk=wrk valgrind=valgrind
      ;;
    *) fail "setup.sh build | judges | bench" ;;
  esac
}

is_there() {
  case $1 in
    /*) compgen -G "$1" >/dev/null ;;
    module:*) python3 -c "import ${1#module:}" 2>/dev/null ;;
    *) PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$1" >/dev/null ;;
  esac
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "neither root nor sudo is to be had to install: ${missing[*]}"
  fi
}

install_missing() {
  command -v apt-get >/dev/null || fail "missing, and there is no apt here: ${missing[*]} (Debian's names)"
  say "installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  local service
  for service in nginx prometheus; do
    if [[ " ${missing[*]} " == *" $service "* ]] && command -v systemctl >/dev/null; then
      # Debian starts it as a service; here only the program is wanted.
      as_root systemctl disable --now "$service" >/dev/null 2>&1 || true
    fi
  done
}

check_swift() {
  command -v "$swift" >/dev/null || fail "Swift is missing: install 6.3 from https://www.swift.org/install"
  local version major minor
  version=$("$swift" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
  [[ -n $version ]] || fail "'$swift --version' does not say which Swift this is"
  read -r major minor <<<"$version"
  ((major > 6 || (major == 6 && minor >= 3))) || fail "Swift $major.$minor is too old: 6.3 is needed"
}

profile=${1:-build}
missing=()
set -f # the wildcards are for is_there
for need in $(needs_of "$profile"); do
  is_there "${need#*=}" || missing+=("${need%%=*}")
done
set +f
((${#missing[@]} == 0)) || install_missing
[[ $profile != build ]] || check_swift
