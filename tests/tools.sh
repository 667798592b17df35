#!/bin/sh
# Installs what tries the OpenAPI document: schemathesis and generators of clients.
#
# tests/tools.sh FOLDER — the tools' folder, such as target/tools. Does nothing if what
# tests/tools/ pins is installed there already. Needs python3 with venv, node and npm.
set -eu
folder=$1
pins=$(dirname "$0")/tools
say() { printf '\n== %s\n' "$*"; }

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# Whether the pins in a file are those that were installed, to the end.
installed() { cmp -s "$pins/$1" "$folder/$1.installed"; }

if ! installed requirements.txt; then
    say "Installing Python tools into $folder"
    rm -rf "$folder/python"
    python3 -m venv "$folder/python"
    "$folder/python/bin/pip" install --quiet --disable-pip-version-check \
        --requirement "$pins/requirements.txt"
    cp "$pins/requirements.txt" "$folder/requirements.txt.installed"
fi

if ! installed package-lock.json; then
    say "Installing TypeScript tools into $folder"
    mkdir -p "$folder/typescript"
    cp "$pins/package.json" "$pins/package-lock.json" "$folder/typescript/"
    npm ci --prefix "$folder/typescript" --no-audit --no-fund --loglevel error
    cp "$pins/package-lock.json" "$folder/package-lock.json.installed"
fi
