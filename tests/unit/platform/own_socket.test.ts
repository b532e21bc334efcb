import { afterAll, beforeAll, expect, test } from "bun:test";
import { chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { defaultPlatform } from "../../../src/client/default_platform.ts";
import { titled } from "../../support/runtimes.ts";

const folder = mkdtempSync(join(tmpdir(), "vc-own-"));
const at = (name: string) => join(folder, name);
const server = createServer();
beforeAll(() => new Promise<void>((resolve) => server.listen(at("own.sock"), resolve)));
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const owns = (name: string) => defaultPlatform.ownsSocket?.(at(name));

test("a socket of one's own is trusted; files, links and nothing are not", async () => {
  writeFileSync(at("file"), "");
  symlinkSync(at("own.sock"), at("link"));
  expect(await Promise.all(["own.sock", "file", "link", "nothing"].map(owns)))
    .toEqual([true, false, false, false]);
});

const isRoot = process.geteuid?.() === 0;
const missing = isRoot ? undefined : "only root can give a socket away";
test.skipIf(!isRoot)(titled("a socket of another user is not", missing), async () => {
  chownSync(at("own.sock"), 65534, 65534);
  expect(await owns("own.sock")).toBe(false);
});
