#!/bin/sh
# The main job, as a person would do it: `make demo` runs this against a sandbox that it serves on loopback.
set -eu
PATH="$PWD/.venv/bin:$PATH"

show() {
    printf '\n\033[1m$ %s\033[0m\n' "$*"
    "$@"
}

show sra-bootstrap plan
show sra-bootstrap apply --yes
show sra-bootstrap plan --detailed-exitcode
