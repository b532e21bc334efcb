#!/bin/sh
# Bun from PATH, else through npx or, where there is only Deno, through Deno: either alone can run every task.
command -v bun >/dev/null 2>&1 && exec bun "$@"
command -v npx >/dev/null 2>&1 && exec npx -y bun@1.4.5 "$@"
if command -v deno >/dev/null 2>&1; then
  bun=$(deno run --quiet --allow-all --no-check "$(dirname "$0")/fetch_runtime.ts" bun) || exit 1
  # Scripts of package.json call it by its name.
  PATH="${bun%/*}:$PATH" exec "$bun" "$@"
fi
echo "Bun 1.4.5 is needed, and PATH has neither bun nor npx or deno to bring it: see https://bun.com/docs/installation" >&2
exit 127
