/** examples/runtime.yaml shows every setting that there is, with its default, and a daemon starts with it. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import schema from "../../../schemas/runtime-config.schema.json" with { type: "json" };
import { startDaemonProcess } from "../../e2e/support/daemon_process.ts";
import { OWN_RUNTIME } from "../../support/process.ts";

const FILE = "examples/runtime.yaml";
const text = readFileSync(new URL(`../../../${FILE}`, import.meta.url), "utf8");
const example = parse(text) as Record<string, unknown>;

interface Node {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly $ref?: string;
}

const DEFS = schema.$defs as unknown as Readonly<Record<string, Node>>;

/** Every setting by its name: `limits.maxCalls`, `tokens[].tenant`. */
function settings(node: Node, path = ""): [string, Node][] {
  const name = node.$ref?.replace("#/$defs/", "");
  const { properties, items } = name === undefined ? node : { ...DEFS[name], ...node };
  const deeper = properties ?? items?.properties;
  if (deeper === undefined) return [[path, node]];
  return Object.entries(deeper).flatMap(([key, inner]) =>
    settings(inner, `${path}${items ? "[]" : ""}${path === "" ? "" : "."}${key}`)
  );
}

function shown(value: unknown, path = ""): [string, unknown][] {
  if (Array.isArray(value)) {
    return [[path, value], ...value.flatMap((item) => shown(item, `${path}[]`))];
  }
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) =>
    shown(inner, path === "" ? key : `${path}.${key}`)
  );
}

/** Whole settings that are commented out, since what they name is not there everywhere. */
const optional = [...text.matchAll(/^# \w+:\n(?:# {3}.*\n)+/gm)]
  .map(([block]) => parse(block.replaceAll(/^# /gm, "")) as Record<string, unknown>);
const { profiles, ...base } = example as { profiles: Record<string, unknown> };
const values = new Map(shown(base));
const known = settings(schema as unknown as Node).filter(([name]) => name !== "profiles");

describe(FILE, () => {
  test("has every setting of the schema", () => {
    const written = [
      ...values.keys(),
      ...Object.values(profiles).flatMap(shownNames),
      ...optional.flatMap(shownNames),
    ];
    // `tenants.acme.hosts` shows `tenants`; what is commented out is shown, too.
    const names = new Set(
      written.flatMap((name) =>
        name.split(".").map((_, at, parts) => parts.slice(0, at + 1).join("."))
      ),
    );
    for (const [, name] of text.matchAll(/^ +# (\w+): \S+/gm)) names.add(`credentials[].${name}`);
    expect(known.length).toBeGreaterThan(25);
    expect(known.map(([name]) => name).filter((name) => !names.has(name))).toEqual([]);
  });

  test("gives each its default", () => {
    const withDefault = known.filter(([, node]) => node.default !== undefined);
    expect(withDefault.length).toBeGreaterThan(20);
    expect(withDefault.map(([name]) => [name, values.get(name)]))
      .toEqual(withDefault.map(([name, node]) => [name, node.default]));
  });

  test("says something about each", () => {
    const lines = text.split("\n");
    const silent = lines.filter((line, at) =>
      /^ *[a-zA-Z]+: [^{]/.test(line) && at > 0 && at < lines.indexOf("profiles:") &&
      !/^ *#/.test(lines[at - 1] ?? "")
    );
    expect(silent).toEqual([]);
  });

  describe("starts a daemon", () => {
    const folder = mkdtempSync(join(tmpdir(), "vx-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    for (const profile of [undefined, ...Object.keys(profiles)]) {
      test(profile === undefined ? "as it stands" : `with the profile ${profile}`, async () => {
        const socket = join(folder, "runtime.sock");
        const daemon = await startDaemonProcess(OWN_RUNTIME, [
          ...["--config", FILE, "--listen", `unix:${socket}`],
          ...["--admin", "tcp://127.0.0.1:0"],
          ...profile === undefined ? [] : ["--profile", profile, "--listen", "tcp://127.0.0.1:0"],
        ], {
          ACME_TOKEN: "0123456789abcdef",
          OPENAI_API_KEY: "sk-0123456789",
          SHOP_DATABASE_URL: "postgres://shop:secret@db.example/shop",
          QUOTA_FILE: join(folder, "quotas.sqlite"),
        });
        daemon.signal("SIGTERM");
        expect(await daemon.exit).toBe(0);
      }, 60_000);
    }
  });
});

function shownNames(profile: unknown): string[] {
  return shown(profile).map(([name]) => name);
}
