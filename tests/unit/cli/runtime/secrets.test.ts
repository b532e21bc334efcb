import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandIo } from "../../../../cli/command.ts";
import { Mistakes } from "../../../../cli/runtime/mistakes.ts";
import { readSecrets } from "../../../../cli/runtime/secrets.ts";
import type { SecretConfig } from "../../../../src/config/mod.ts";
import { ConnectorError } from "../../../../src/core/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "vs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "key"), "from-a-file\n");
writeFileSync(join(folder, "short"), "12345\n");

const io = {
  cwd: folder,
  env: (name: string) => ({ KEY: "from-the-environment", EMPTY: "" })[name],
} as Partial<CommandIo> as CommandIo;

function read(secrets: Record<string, SecretConfig>): Promise<ReadonlyMap<string, string>> {
  return readSecrets(secrets, io, new Mistakes());
}

test("secrets come from the environment, from files and from programs", async () => {
  const found = await read({
    a: { env: "KEY" },
    b: { file: "key" },
    c: { command: ["echo", "from $HOME; a program"] },
  });
  expect([...found]).toEqual([
    ["a", "from-the-environment"],
    ["b", "from-a-file"],
    ["c", "from $HOME; a program"],
  ]);
});

test("each secret that is not available is reported with the reason, and without its value", async () => {
  const mistakes = new Mistakes();
  const found = await readSecrets(
    {
      unset: { env: "NOPE" },
      empty: { env: "EMPTY" },
      gone: { file: "nowhere" },
      short: { file: "short" },
      absent: { command: ["/no/such/program", "argument-with-secret"] },
      fails: { command: ["sh", "-c", "echo printed-secret; exit 3"] },
    },
    io,
    mistakes,
  );
  expect(found.size).toBe(0);
  let message = "";
  try {
    mistakes.throwIfAny();
  } catch (error) {
    message = error instanceof ConnectorError ? error.message : "";
  }
  const lines = [
    "the secret unset is not available: the environment variable NOPE is not set",
    "the secret empty is not available: the environment variable EMPTY has 0 characters; ",
    "the secret gone is not available: the file nowhere cannot be read: ENOENT",
    "the secret short is not available: the file short has 5 characters; ",
    "the secret absent is not available: /no/such/program failed: ENOENT",
    "the secret fails is not available: sh failed: exit code 3",
  ];
  expect(lines.filter((line) => !message.includes(line))).toEqual([]);
  for (const part of ["12345", "argument-with-secret", "printed-secret"]) {
    expect(message).not.toContain(part);
  }
});
