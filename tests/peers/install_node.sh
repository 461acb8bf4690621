#!/bin/sh
# Installs the Node packages that a folder of peers names in its package.json: install_node.sh <folder>
set -eu
cd "$(dirname "$0")/$1"

command -v npm >/dev/null 2>&1 || { echo "tests/peers/$1: Node 20.19 and npm are needed" >&2; exit 1; }
stamp=node_modules/.installed
if [ ! -e "$stamp" ] || [ package.json -nt "$stamp" ]; then
    echo "Installing Node packages for tests/peers/$1 …"
    npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel error
    touch "$stamp"
fi
