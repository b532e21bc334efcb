#!/bin/sh
# Bun from PATH, else through npx: a machine with only Node and npm can run every task.
command -v bun >/dev/null 2>&1 && exec bun "$@"
exec npx -y bun@1.4.5 "$@"
