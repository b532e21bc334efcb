import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe as describeRun } from "../../../codegen/generate/mod.ts";
import { generate, type GenerateResult, watchSpecs } from "../../../codegen/mod.ts";

const SPEC = `connector: 1
id: thing
version: 1.0.0
servers: { default: https://api.example.com }
operations:
  ping: { get: /ping }
`;
const FILES = [
  "client",
  "connector",
  "data",
  "definition",
  "errors",
  "mod",
  "operations",
  "schemas",
  "types",
].map((name) => `${name}.gen.ts`);

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "vastar-generate-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function run(
  options: { paths?: string[]; check?: boolean; runtime?: string } = {},
): GenerateResult {
  return generate({ paths: ["."], cwd: root, ...options });
}

function kinds(result: GenerateResult): Record<string, string> {
  return Object.fromEntries(
    result.changes.map(({ path, kind }) => [path.slice(root.length + 1), kind]),
  );
}

describe("what is written", () => {
  test("next to the spec, and nothing if nothing changed", () => {
    write("thing/connector.yaml", SPEC);
    expect(run().ok).toBe(true);
    expect(readdirSync(join(root, "thing")).sort()).toEqual([...FILES, "connector.yaml"].sort());
    const before = statSync(join(root, "thing/types.gen.ts")).mtimeMs;
    const again = run();
    expect([again.ok, again.changes, again.connectors]).toEqual([true, [], ["thing"]]);
    expect(statSync(join(root, "thing/types.gen.ts")).mtimeMs).toBe(before);
  });

  test("a path may be a spec, its folder, or the folder around", () => {
    write("a/thing/connector.yaml", SPEC);
    for (const path of ["a/thing/connector.yaml", "a/thing", "a"]) {
      expect(run({ paths: [path], check: true }).connectors).toEqual(["thing"]);
    }
    expect(run({ paths: ["a", "a/thing"], check: true }).connectors).toEqual(["thing"]);
  });

  test("the package is imported, or what is asked for", () => {
    write("thing/connector.yaml", SPEC);
    run();
    expect(read("thing/operations.gen.ts")).toContain('from "@vastar/connector/connector"');
    run({ runtime: "npm:@vastar/connector/connector" });
    expect(read("thing/operations.gen.ts")).toContain('from "npm:@vastar/connector/connector"');
  });

  test("each file says what it was generated from, and by what", () => {
    write("thing/connector.yaml", SPEC);
    run();
    for (const name of FILES) {
      const [first, second] = read(`thing/${name}`).split("\n");
      expect(first).toContain('connector.yaml of "thing" 1.0.0. Do not edit');
      expect(second).toMatch(/^\/\/ spec sha256-[0-9a-f]{64} generator \d+( operations \d+)?$/);
    }
    const hash = read("thing/types.gen.ts").split("\n")[1];
    write("thing/connector.yaml", SPEC.replace("/ping", "/pong"));
    run();
    expect(read("thing/types.gen.ts").split("\n")[1]).not.toBe(hash);
  });
});

describe("what is left alone", () => {
  test("nothing is written when any spec is wrong", () => {
    write("a/connector.yaml", SPEC);
    write("b/connector.yaml", SPEC.replace("get: /ping", "got: /ping"));
    const result = run();
    expect(result.ok).toBe(false);
    expect(result.diagnostics.some((one) => one.file.includes("b") && one.severity === "error"))
      .toBe(true);
    expect(existsSync(join(root, "a/mod.gen.ts"))).toBe(false);
  });

  test("a file without the header is never touched, and stops everything", () => {
    write("thing/connector.yaml", SPEC);
    write("thing/types.gen.ts", "export const mine = 1;\n");
    write("thing/extra.gen.ts", "export const mine = 2;\n");
    write("thing/notes.txt", "mine");
    const result = run();
    expect(result.ok).toBe(false);
    expect(kinds(result)["thing/types.gen.ts"]).toBe("foreign");
    expect(read("thing/types.gen.ts")).toBe("export const mine = 1;\n");
    expect(existsSync(join(root, "thing/mod.gen.ts"))).toBe(false);
    rmSync(join(root, "thing/types.gen.ts"));
    expect(run().ok).toBe(true);
    expect(read("thing/extra.gen.ts")).toBe("export const mine = 2;\n");
    expect(read("thing/notes.txt")).toBe("mine");
  });
});

describe("what goes", () => {
  test("files that the spec makes no more", () => {
    const hooks =
      `config:\n  secret: { type: string, secret: true }\nwebhooks:\n  verify: { type: token, header: X-Token, token: "\${config.secret}" }\n` +
      `  name: $.type\n  events: { a: { type: { type: object, properties: { type: { const: a } } } } }\n`;
    write("thing/connector.yaml", SPEC + hooks);
    run();
    expect(existsSync(join(root, "thing/webhooks.gen.ts"))).toBe(true);
    write("thing/connector.yaml", SPEC);
    const result = run();
    expect(kinds(result)["thing/webhooks.gen.ts"]).toBe("removed");
    expect(existsSync(join(root, "thing/webhooks.gen.ts"))).toBe(false);
  });

  test("files whose spec is gone", () => {
    write("a/connector.yaml", SPEC);
    write("b/connector.yaml", SPEC);
    write("b/mine.ts", "export {};\n");
    run();
    rmSync(join(root, "b/connector.yaml"));
    expect(Object.keys(kinds(run())).sort()).toEqual(FILES.map((name) => `b/${name}`).sort());
    expect(readdirSync(join(root, "b"))).toEqual(["mine.ts"]);
  });
});

describe("--check", () => {
  test("writes nothing and names what differs", () => {
    write("thing/connector.yaml", SPEC);
    expect(run({ check: true }).ok).toBe(false);
    expect(existsSync(join(root, "thing/mod.gen.ts"))).toBe(false);
    run();
    expect(run({ check: true }).ok).toBe(true);
    write("thing/client.gen.ts", `${read("thing/client.gen.ts")}\n`);
    rmSync(join(root, "thing/mod.gen.ts"));
    const drift = run({ check: true });
    expect(drift.ok).toBe(false);
    expect(kinds(drift)).toEqual({ "thing/client.gen.ts": "changed", "thing/mod.gen.ts": "added" });
    expect(existsSync(join(root, "thing/mod.gen.ts"))).toBe(false);
  });
});

describe("paths that lead nowhere", () => {
  for (const path of ["missing", "empty"]) {
    test(path, () => {
      mkdirSync(join(root, "empty"));
      expect(() => run({ paths: [path] })).toThrow(
        path === "missing" ? "does not exist" : "has no connector.yaml",
      );
    });
  }
});

describe("--watch", () => {
  interface Watched {
    readonly results: GenerateResult[];
    /** Waits for a matching run after the last one that matched. */
    readonly until: (
      fits: (result: GenerateResult) => boolean,
    ) => Promise<GenerateResult | undefined>;
  }

  async function watched(paths: string[], use: (watched: Watched) => Promise<void>): Promise<void> {
    const results: GenerateResult[] = [];
    let from = 0;
    const stop = watchSpecs({
      paths,
      cwd: root,
      onResult: (result) => results.push(result),
      onError: () => {},
    });
    const until: Watched["until"] = async (fits) => {
      const end = Date.now() + 30_000;
      for (;;) {
        const at = results.findIndex((result, index) => index >= from && fits(result));
        if (at >= 0) {
          from = at + 1;
          return results[at];
        }
        if (Date.now() > end) return undefined;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    try {
      await use({ results, until });
    } finally {
      stop();
    }
  }

  const ok = (result: GenerateResult): boolean => result.ok;
  const broken = (result: GenerateResult): boolean => !result.ok;

  test("follows a spec through mistakes and back", async () => {
    write("thing/connector.yaml", SPEC);
    await watched(["."], async ({ results, until }) => {
      expect(await until(ok)).toBeDefined();
      write("thing/connector.yaml", SPEC.replace("ping:", "pong:"));
      expect(await until(ok)).toBeDefined();
      expect(read("thing/operations.gen.ts")).toContain("function pong(");
      write("thing/connector.yaml", "connector: 1\n");
      expect(await until(broken)).toBeDefined();
      expect(read("thing/operations.gen.ts")).toContain("function pong(");
      write("thing/connector.yaml", SPEC);
      expect(await until(ok)).toBeDefined();
      // Its own output does not start another run.
      const { length } = results;
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(results.length).toBe(length);
    });
  }, 60_000);

  test("sees specs come and go, with their folders", async () => {
    write("one/connector.yaml", SPEC);
    const holds = (...ids: string[]) => (result: GenerateResult): boolean =>
      result.ok && result.connectors.join() === ids.join();
    const two = SPEC.replace("id: thing", "id: two");
    await watched(["."], async ({ until }) => {
      expect(await until(holds("thing"))).toBeDefined();
      write("two/connector.yaml", two);
      expect(await until(holds("thing", "two"))).toBeDefined();
      rmSync(join(root, "two"), { recursive: true });
      expect(await until(holds("thing"))).toBeDefined();
      // The same name, but a different folder than the watched one.
      mkdirSync(join(root, "two"));
      await new Promise((resolve) => setTimeout(resolve, 200));
      write("two/connector.yaml", two);
      expect(await until(holds("thing", "two"))).toBeDefined();
      write("two/connector.yaml", two.replace("ping:", "pong:"));
      expect(await until(holds("thing", "two"))).toBeDefined();
      expect(read("two/operations.gen.ts")).toContain("function pong(");
      write("one/connector.overlay.yaml", "operations: { pang: { get: /pang } }\n");
      expect(await until(holds("thing", "two"))).toBeDefined();
      expect(read("one/operations.gen.ts")).toContain("function pang(");
    });
  }, 60_000);

  test("survives the loss of the folder that it was given", async () => {
    write("all/thing/connector.yaml", SPEC);
    await watched(["all"], async ({ until }) => {
      expect(await until(ok)).toBeDefined();
      rmSync(join(root, "all"), { recursive: true });
      await new Promise((resolve) => setTimeout(resolve, 200));
      write("all/thing/connector.yaml", SPEC);
      expect(await until(ok)).toBeDefined();
      expect(read("all/thing/operations.gen.ts")).toContain("function ping(");
    });
  }, 60_000);

  test("follows imported files that are broken, or not there yet", async () => {
    write("thing/connector.yaml", `${SPEC}types: { $import: ./types.yaml }\n`);
    await watched(["."], async ({ until }) => {
      expect(await until(broken)).toBeDefined();
      write("thing/types.yaml", "Name: [");
      expect(await until(broken)).toBeDefined();
      write("thing/types.yaml", "Name: string\n");
      expect(await until(ok)).toBeDefined();
      write("thing/types.yaml", "Name: number\n");
      expect(await until(ok)).toBeDefined();
    });
  }, 60_000);
});

describe("what is in the way", () => {
  test("links, folders and other files are left alone, and nothing else is said to be done", () => {
    write("thing/connector.yaml", SPEC);
    expect(run().ok).toBe(true);
    const stale = "thing/old.gen.ts";
    write(stale, read("thing/errors.gen.ts"));
    const path = join(root, "thing/mod.gen.ts");
    const blocked = (): GenerateResult => {
      const result = run();
      expect(result.ok).toBe(false);
      expect(result.changes.filter((change) => change.kind === "foreign")).toEqual([
        { kind: "foreign", path },
      ]);
      expect(describeRun(result, { check: false, cwd: root })).toBe(
        "! thing/mod.gen.ts was not generated, so it is left alone: rename or remove it.\nNothing was written.\n",
      );
      expect(existsSync(join(root, stale))).toBe(true);
      rmSync(path, { recursive: true });
      return result;
    };
    rmSync(path);
    symlinkSync("../outside.ts", path);
    blocked();
    expect(existsSync(join(root, "outside.ts"))).toBe(false);
    write("outside.ts", read("thing/errors.gen.ts"));
    symlinkSync("../outside.ts", path);
    blocked();
    expect(read("outside.ts")).toBe(read("thing/errors.gen.ts"));
    mkdirSync(path);
    blocked();
    expect(run().ok).toBe(true);
  });

  test("line endings of the machine make no difference", () => {
    write("thing/connector.yaml", SPEC);
    run();
    write("thing/types.gen.ts", read("thing/types.gen.ts").replaceAll("\n", "\r\n"));
    expect(run({ check: true })).toMatchObject({ ok: true, changes: [] });
  });

  test("a failed write leaves every file as it was, without temporary files", () => {
    write("thing/connector.yaml", SPEC);
    run();
    write("thing/connector.yaml", SPEC.replace("ping:", "pong:"));
    // Its temporary file cannot be created; others come before and after it.
    mkdirSync(join(root, `thing/.errors.gen.ts.${process.pid}.tmp`));
    expect(() => run()).toThrow(/errors\.gen\.ts cannot be written/);
    rmSync(join(root, `thing/.errors.gen.ts.${process.pid}.tmp`), { recursive: true, force: true });
    expect(readdirSync(join(root, "thing")).sort()).toEqual([...FILES, "connector.yaml"].sort());
    for (const file of FILES) expect(read(`thing/${file}`)).not.toContain("pong");
  });

  test("two specs in one folder are refused", () => {
    write("thing/connector.yaml", SPEC);
    write("thing/connector.json", "{}");
    expect(() => run()).toThrow(/holds several specs/);
    rmSync(join(root, "thing/connector.json"));
    write("thing/other.yaml", SPEC);
    expect(() => run({ paths: ["thing", "thing/other.yaml"] })).toThrow(/holds several specs/);
    expect(run({ paths: ["thing", "thing/", "./thing/connector.yaml"] }).connectors).toEqual([
      "thing",
    ]);
  });
});

describe("mistakes", () => {
  test("are reported where they are from the current directory", () => {
    write("all/thing/connector.yaml", `${SPEC}typo: 1\n`);
    const files = (result: GenerateResult): string[] => result.diagnostics.map((one) => one.file);
    expect(files(run({ paths: ["all"] }))).toEqual(["all/thing/connector.yaml"]);
    expect(files(run({ paths: [join(root, "all")] }))).toEqual(["all/thing/connector.yaml"]);
    expect(files(generate({ paths: ["../thing"], cwd: join(root, "all/other") }))).toEqual([
      join(root, "all/thing/connector.yaml"),
    ]);
    expect(run({ paths: ["all"] }).inputs).toEqual([
      join(root, "all/thing/connector.yaml"),
    ]);
  });
});
