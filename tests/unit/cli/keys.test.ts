/** Keys in a file: made, listed, taken back, and what a worker sees of it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { keysCreateCommand, keysListCommand, keysRevokeCommand } from "../../../cli/keys/keys.ts";
import { changeKeys, keyFile } from "../../../src/platform/entry/key_file.ts";
import { parseKeys } from "../../../src/platform/entry/key_list.ts";
import { runInProcess } from "./in_process.ts";
import { folder } from "./support.ts";

const COMMANDS = {
  "keys create": () => Promise.resolve(keysCreateCommand),
  "keys list": () => Promise.resolve(keysListCommand),
  "keys revoke": () => Promise.resolve(keysRevokeCommand),
};

describe("vastar keys", () => {
  let dir: Awaited<ReturnType<typeof folder>>;
  beforeAll(async () => {
    dir = await folder();
  });
  afterAll(() => dir.remove());

  const keys = async (...argv: string[]) => {
    const ran = runInProcess(COMMANDS, ["keys", ...argv], dir.path, { VASTAR_KEYS: "keys.json" });
    return { code: await ran.code, stdout: ran.stdout(), stderr: ran.stderr() };
  };

  test("makes a key that is shown once and kept as a hash, for its owner's eyes", async () => {
    const { code, stdout, stderr } = await keys(
      ..."create --tenant acme --connector openai --operation openai.chat.* --read-only --days 1 --name ci"
        .split(" "),
    );
    expect(code).toBe(0);
    const text = stdout.trim();
    expect(text).toMatch(/^vsk_[0-9a-f]{16}_[\w-]{43}$/);
    const secret = text.slice(-43);
    const kept = await readFile(join(dir.path, "keys.json"), "utf8");
    expect(kept + stderr).not.toContain(secret);
    expect(JSON.parse(kept)).toMatchObject({
      keys: [{
        tenant: "acme",
        name: "ci",
        connectors: { allow: ["openai"] },
        operations: { allow: ["openai.chat.*"] },
        methods: { allow: ["GET", "HEAD", "QUERY"] },
      }],
    });
    expect((await stat(join(dir.path, "keys.json"))).mode & 0o777).toBe(0o600);
    const listed = await keys("list");
    expect(listed.stdout).toMatch(
      /^id +tenant +may use +expires +name\n[0-9a-f]{16}  acme .* ci\n$/,
    );
    const json = await keys("list", "--json");
    expect(json.stdout).not.toContain("hash");
  });

  test("made at the same time, all are kept", async () => {
    const before = (await keyLines()).length;
    await Promise.all([1, 2, 3, 4].map(() => keys("create", "--tenant", "many")));
    expect((await keyLines()).length).toBe(before + 4);
  });

  const keyLines = async () => (await keys("list")).stdout.trim().split("\n");

  test("revokes by id or key, and otherwise lists the known ids", async () => {
    const text = (await keys("create", "--tenant", "gone")).stdout.trim();
    expect(await keys("revoke", text)).toMatchObject({
      code: 0,
      stdout: `Key ${text.slice(4, 20)} is revoked.\n`,
    });
    const again = await keys("revoke", text);
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringMatching(/There is no key "[0-9a-f]{16}" in .*: there are .*keys\.unknown/),
    ]);
  });

  test("a file that says in other words what a key may not do is refused, not read as a key for everything", async () => {
    const key = { id: "0123456789abcdef", tenant: "acme", hash: "0".repeat(64) };
    for (
      const [more, message] of [
        [{ expiresAt: "31/12/2026" }, "expiresAt of the key 0123456789abcdef is not a date"],
        [{ expiresAt: 20261231 }, "expiresAt of the key 0123456789abcdef is not a date"],
        [{ connectors: ["openai"] }, "what the key 0123456789abcdef may use cannot be read"],
        [{ operations: { allow: "openai.*" } }, "may use cannot be read"],
        [{ methods: { only: ["GET"] } }, "may use cannot be read"],
      ] as const
    ) {
      expect(() => parseKeys(JSON.stringify([{ ...key, ...more }]), "keys.json")).toThrow(message);
    }
    expect(parseKeys(JSON.stringify([{ ...key, expiresAt: "2026-12-31" }]), "keys.json").length)
      .toBe(1);
  });

  test("refuses invalid options", async () => {
    for (
      const [argv, message] of [
        [["create"], "--tenant must name"],
        [["create", "--tenant", "a b"], "--tenant must name"],
        [["create", "--tenant", "a", "--days", "0"], "--days must be a number above 0"],
      ] as const
    ) {
      const { code, stderr } = await keys(...argv);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    await writeFile(join(dir.path, "other.json"), '{"keys":[{"id":5}]}');
    const { code, stderr } = await keys("list", "--keys", "other.json");
    expect([code, stderr]).toEqual([1, expect.stringContaining("other.json is not a file of API")]);
  });

  test("a worker sees the change within a second, and outlives a broken file", async () => {
    const path = join(dir.path, "live.json");
    let now = 0;
    const errors: string[] = [];
    await keys("create", "--tenant", "a", "--keys", "live.json");
    const [kept] = (JSON.parse(await readFile(path, "utf8")) as { keys: { id: string }[] }).keys;
    const id = kept?.id ?? "";
    const source = await keyFile(path, (text) => errors.push(text), () => now);
    expect(await source.find(id)).toMatchObject({ tenant: "a" });
    await writeFile(path, "{broken");
    now = 1_000;
    expect(await source.find(id)).toMatchObject({ tenant: "a" });
    expect(errors).toEqual([expect.stringContaining("it is not JSON")]);
    await writeFile(path, '{"keys":[]}');
    now = 1_999;
    expect(await source.find(id)).toBeDefined();
    now = 2_000;
    expect(await source.find(id)).toBeUndefined();
    await changeKeys(path, (all) => all);
  });
});
