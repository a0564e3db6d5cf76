#!/bin/sh
# The main job, as a person would do it: `make demo` runs this against a sandbox that it serves on loopback.
set -eu
PATH="$PWD/.venv/bin:$PATH"

show() {
    printf '\n\033[1m$ %s\033[0m\n' "$*"
    "$@"
}

plan=$(mktemp -d)/plan.json
trap 'rm -r "${plan%/*}"' EXIT

show sra-bootstrap plan --out "$plan"
show sra-bootstrap apply "$plan" --yes
show sra-bootstrap plan --detailed-exitcode
