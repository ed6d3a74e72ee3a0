#!/usr/bin/env bash
# What a browser says of finished HTML reports. Needs Chromium and python3 (Debian: apt install chromium python3).
#
# usage: checks/browser.sh results/2026-01-31/report.html...
set -euo pipefail
[ $# -gt 0 ] || { echo "error: name the HTML files: checks/browser.sh results/*/report.html" >&2; exit 2; }
for name in ${CHROMIUM:-chromium chromium-browser google-chrome chrome}; do
    if command -v "$name" >/dev/null; then
        browser=$name
        break
    fi
done
[ -n "${browser:-}" ] || { echo "skipped: no Chromium found; install one, or name it: CHROMIUM=/path/to/it $0 $*"; exit 0; }
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 0; }
exec python3 "$(dirname "$0")/browser.py" "$browser" "$@"
