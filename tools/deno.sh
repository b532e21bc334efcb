#!/bin/sh
# Deno from PATH, else through npx: a machine with only Node and npm can run every task.
command -v deno >/dev/null 2>&1 && exec deno "$@"
exec npx -y deno@2.9.5 "$@"
