#!/usr/bin/env bash
# One build and one run: warnings are errors (Package.swift), imports are checked, every test runs.
# Arguments go to `swift test`, for example:  Scripts/test.sh --filter JSONTests
#
# Everything is in .build/test.log; shown are the build, what fails, and the end. A run that says nothing for five
# minutes hangs: where its threads stand is shown, and it ends with an error.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

log=.build/test.log
patience=300
mkdir -p .build
: >"$log"

# Shows a growing log without the lines of what starts and passes, until a process has ended.
show() { tail --pid="$1" -s 0.2 -n +1 -f "$log" | awk '/Test run with/ || !/^(◇|✔|↳)/ { print; fflush() }'; }

# Prints where each thread of the test process and of the programs it has started stands.
show_stacks() {
  local process
  for process in $(pgrep -f "$root/.build/.*(xctest|torii)"); do
    say "process $process: $(tr '\0' ' ' <"/proc/$process/cmdline" | cut -c1-200)"
    if command -v gdb >/dev/null; then
      timeout 120 gdb -p "$process" -batch -ex 'thread apply all backtrace 25' 2>/dev/null | cut -c1-200 >&2 || true
    else
      grep -H . "/proc/$process/task/"*/wchan >&2 || true
    fi
  done
}

# A process group of its own, so that its end is the end of all that it has started; no pipe that a program left behind
# could hold open. A few tests at a time: started all at once, those with deadlines wait behind those that compute.
set -m
"$swift" test --disable-xctest --explicit-target-dependency-import-check error \
  --experimental-maximum-parallelization-width 8 "$@" >"$log" 2>&1 </dev/null &
run=$!
set +m
trap 'kill -KILL -- "-$run" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM HUP
show "$run" &
shown=$!

size=-1
silence=0
while kill -0 "$run" 2>/dev/null; do
  sleep 1
  now=$(stat -c %s "$log")
  if ((now != size)); then
    size=$now
    silence=0
  elif ((++silence >= patience)); then
    show_stacks
    fail "the tests have said nothing for $patience seconds; their last words are at the end of $log"
  fi
done
status=0
wait "$run" || status=$?
wait "$shown" || true
exit "$status"
