#!/usr/bin/env bash
# Draws each row of the dashboards into docs/pictures/, from what a real Prometheus knows of a gateway in trouble.
#
#   pictures.sh [--torii BINARY]        without one it is the release build
#
# It is the run of Judges/judge_metrics.py, and fails where that does. matplotlib goes into .judges/pictures, once.
set -euo pipefail
# shellcheck source=Scripts/common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

Scripts/setup.sh judges
home=$root/.judges/pictures
wanted=$(sha256sum Judges/metrics/requirements.txt)
if [[ $(cat "$home/installed" 2>/dev/null) != "$wanted" ]]; then
  say "installing matplotlib into .judges/pictures (once; about 100 MB)"
  rm -rf "$home"
  "${PYTHON:-python3}" -m venv "$home"
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check --requirement Judges/metrics/requirements.txt
  printf '%s\n' "$wanted" >"$home/installed"
fi

if [[ ${1:-} == --torii ]]; then
  torii=${2:?a binary behind --torii}
else
  torii=$(release_torii)
fi
exec "$home/bin/python" -B Judges/judge_metrics.py --torii "$torii" --pictures docs/pictures
