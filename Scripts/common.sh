# Shared by the scripts of this folder: where the project is, how to speak, how to stop.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
swift=${SWIFT:-swift}

say() { printf '%s\n' "==> $*" >&2; }

fail() {
  printf '%s\n' "error: $*" >&2
  exit 1
}

# Builds the debug executable and prints its path. A test run has built it already.
debug_torii() {
  "$swift" build --package-path "$root" --product torii >&2
  printf '%s\n' "$root/.build/debug/torii"
}

release_torii() {
  "$root/Scripts/release.sh" >&2
  printf '%s\n' "$root/.build/release/torii"
}

# One of the benchmarks' C programs, built where it has changed:  load_tool NAME
load_tool() {
  local name=$1 folder=$root/Benchmarks/load/$1 work=$root/.bench
  mkdir -p "$work"
  if [[ ! -x $work/$name || -n $(find "$folder" -newer "$work/$name" -print -quit) ]]; then
    say "building $name"
    gcc -O2 -Wall -Wextra -Wno-unused-result -o "$work/$name" "$folder"/*.c
  fi
}

# Waits until a line of a file matches, while a process lives:  await_line FILE REGEX PID SECONDS
# Prints the first capture group.
await_line() {
  local file=$1 regex=$2 pid=$3 ends=$((SECONDS + $4)) line
  while ((SECONDS < ends)); do
    while IFS= read -r line; do
      if [[ $line =~ $regex ]]; then
        printf '%s\n' "${BASH_REMATCH[1]}"
        return 0
      fi
    done <"$file"
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}
