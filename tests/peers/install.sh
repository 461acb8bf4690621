#!/bin/sh
# Installs what the peer tests need and is not there yet: Kannel, Chromium, Playwright, Node packages.
set -eu
cd "$(dirname "$0")/../.."

missing=""
[ -x /usr/sbin/bearerbox ] && [ -x /usr/sbin/smsbox ] || missing="$missing kannel"
[ -x /usr/lib/kannel/test/fakesmsc ] || missing="$missing kannel-extras"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
[ -e /usr/share/doc/fonts-dejavu-core ] || missing="$missing fonts-dejavu-core"

if [ -n "$missing" ]; then
    command -v apt-get >/dev/null 2>&1 || {
        echo "tests/peers: install these by hand, there is no apt-get here:$missing" >&2; exit 1; }
    if [ "$(id -u)" -eq 0 ]; then as_root=""
    elif command -v sudo >/dev/null 2>&1; then as_root="sudo"
    else echo "tests/peers: as root, run: apt-get install$missing" >&2; exit 1; fi
    echo "Installing$missing …"
    log=$(mktemp)
    # RUNLEVEL=1 keeps the packages from starting daemons.
    { $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1 || {
        echo "tests/peers: apt-get could not install$missing: $(tail -n 1 "$log")" >&2; exit 1; }
    rm -f "$log"
fi

stamp=.venv/.installed-for-peers
if [ ! -e "$stamp" ] || [ requirements-peers.txt -nt "$stamp" ]; then
    echo "Installing Playwright …"
    .venv/bin/python -m pip --disable-pip-version-check install -qq --require-hashes \
        -r requirements-peers.txt
    touch "$stamp"
fi
for folder in fhir sms twilio ussd; do tests/peers/install_node.sh "$folder"; done
