/** What is left of quotas in their file. */
import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quotaFile } from "../../../src/daemon/quota_file.ts";

const DAY_MS = 86_400_000;

test("a clock that was ahead for a while takes away nothing that was used today", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vastar-quota-"));
  const open = () =>
    quotaFile(join(folder, "quotas.sqlite"), (error) => {
      throw error;
    });
  try {
    const now = Date.UTC(2026, 0, 15, 12);
    const row = {
      tenantId: "acme",
      period: "day",
      start: Date.UTC(2026, 0, 15),
      writer: "one",
      calls: 7,
      bytes: 0,
      cost: 0,
    } as const;
    const wrong = open();
    await wrong.save([row]);
    expect(await wrong.load(now + 2 * DAY_MS)).toEqual([]);
    await wrong.close();
    const right = open();
    expect(await right.load(now)).toEqual([row]);
    await right.close();
    // Not forever.
    const later = open();
    expect(await later.load(now + 4 * DAY_MS)).toEqual([]);
    await later.close();
    const last = open();
    expect(await last.load(now)).toEqual([]);
    await last.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});
