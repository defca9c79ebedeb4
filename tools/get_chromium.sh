#!/usr/bin/env bash
# Finds a Chromium for the browser tests, or gets one: Debian's packages where apt may install them, else
# Playwright's own build. With CI=true it fails where none can be had; otherwise those tests are skipped.
# Usage: tools/get_chromium.sh PYTHON
set -u
python=${1:?the Python of the environment}

found() {
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && return 0
  done
  "$python" - <<'PY' >/dev/null 2>&1
import sys
from pathlib import Path
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(0 if Path(playwright.chromium.executable_path).exists() else 1)
PY
}

found && exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if command -v apt-get >/dev/null 2>&1; then
  echo "No Chromium found: installing Debian's." >&2
  $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >&2
fi
found && exit 0
echo "Getting Playwright's own Chromium." >&2
"$python" -m playwright install --with-deps chromium >&2 || "$python" -m playwright install chromium >&2
found && exit 0
echo "No Chromium could be had: install one (on Debian: apt-get install chromium) to run the browser tests." >&2
[ "${CI:-}" = true ] && exit 1
exit 0
