/** Implements `vastar keys`; loaded only when it runs. */
import { resolve } from "node:path";
import { invalidRequest } from "../../src/core/errors.ts";
import { changeKeys, readKeys } from "../../src/platform/entry/key_file.ts";
import { type ApiKey, createKey, keyId } from "../../src/worker/mod.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../command.ts";

/** Methods that change nothing. */
const READING = ["GET", "HEAD", "QUERY"];
const DAY_MS = 86_400_000;
const TENANT = /^[^\s\p{C}]{1,256}$/u;

export async function createKeyIn(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const path = pathOf(args, io);
  const tenant = args.string("tenant") ?? "";
  if (!TENANT.test(tenant)) {
    throw new UsageError(
      `--tenant must name the tenant that the key's calls belong to: 1 to 256 characters without spaces, found ${
        JSON.stringify(tenant.slice(0, 60))
      }.`,
    );
  }
  const days = args.number("days");
  if (days !== undefined && !(days > 0 && days <= 36_500)) {
    throw new UsageError(`--days must be a number above 0, at most 36500, found ${days}.`);
  }
  const [connectors, operations] = [args.list("connector"), args.list("operation")];
  const name = args.string("name");
  const now = new Date();
  const { key, text } = await createKey({
    tenant,
    ...(name !== undefined && { name }),
    ...(connectors.length > 0 && { connectors: { allow: connectors } }),
    ...(operations.length > 0 && { operations: { allow: operations } }),
    ...(args.flag("read-only") && { methods: { allow: READING } }),
    ...(days !== undefined && {
      expiresAt: new Date(now.getTime() + days * DAY_MS).toISOString(),
    }),
  }, now);
  await changeKeys(path, (keys) => [...keys, key]);
  io.stdout(`${text}\n`);
  io.stderr(
    `Key ${key.id} of ${tenant} is in ${path}, as a hash: it cannot be shown again.\n` +
      `Its owner calls with the header Authorization: Bearer ${text.slice(0, 8)}…\n`,
  );
  return 0;
}

export async function listKeys(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const keys = await readKeys(pathOf(args, io));
  if (args.flag("json")) {
    const shown = keys.map(({ hash: _, ...key }) => key);
    io.stdout(`${JSON.stringify(shown, null, 2)}\n`);
    return 0;
  }
  const rows = [
    ["id", "tenant", "may use", "expires", "name"],
    ...keys.map((key) => [
      key.id,
      key.tenant,
      mayUse(key),
      key.expiresAt?.slice(0, 10) ?? "never",
      key.name ?? "",
    ]),
  ];
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  for (const row of rows) {
    io.stdout(
      `${row.map((cell, at) => cell.padEnd(widths?.[at] ?? 0)).join("  ").trimEnd()}\n`,
    );
  }
  return 0;
}

export async function revokeKey(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const path = pathOf(args, io);
  const [given = ""] = args.positionals;
  const id = keyId(given) ?? given;
  let known: readonly string[] = [];
  let found = false;
  await changeKeys(path, (keys) => {
    known = keys.map((key) => key.id);
    found = known.includes(id);
    return keys.filter((key) => key.id !== id);
  });
  if (!found) {
    throw invalidRequest(
      "keys.unknown",
      `There is no key ${JSON.stringify(id.slice(0, 40))} in ${path}: there are ${
        known.join(", ") || "none"
      }.`,
    );
  }
  io.stdout(`Key ${id} is revoked.\n`);
  return 0;
}

function pathOf(args: CommandArgs, io: CommandIo): string {
  const file = args.string("keys");
  if (file === undefined) {
    throw new UsageError("--keys FILE, or VASTAR_KEYS, must say where the keys are stored.");
  }
  return resolve(io.cwd, file);
}

function mayUse({ connectors, operations, methods }: ApiKey): string {
  const lists = [connectors?.allow, operations?.allow, methods?.allow];
  const shown = lists.flatMap((list) => list === undefined ? [] : [list.join(" ")]);
  return shown.join(", ") || "everything";
}
