#!/bin/sh
# Installs the FHIR server by others that tests/peers/fhir runs: Medplum's router, on Node 20.19 or newer.
set -eu
cd "$(dirname "$0")"

command -v npm >/dev/null 2>&1 || { echo "tests/peers/fhir: Node and npm are needed" >&2; exit 1; }
stamp=node_modules/.installed
if [ ! -e "$stamp" ] || [ package.json -nt "$stamp" ]; then
    echo "Installing Medplum's FHIR router …"
    npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel error
    touch "$stamp"
fi
