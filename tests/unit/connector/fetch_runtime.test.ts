import { describe, expect, test } from "bun:test";
import { call, fetchRuntime } from "../../../src/connector/mod.ts";
import type { ConnectorRuntime, OperationData } from "../../../src/connector/mod.ts";
import { client, GET } from "./support.ts";

describe("a client on fetchRuntime()", () => {
  const plain = fetchRuntime(() => Promise.resolve(Response.json({})));
  const policy = {
    timeoutMs: 9_000,
    idleTimeoutMs: 1_000,
    retry: { attempts: 3 },
    rateLimit: { rate: { calls: 1, perMs: 1, burst: 1 } },
  };

  /** What is said about calls of these operations. */
  async function said(
    operations: readonly OperationData[],
    options: Parameters<typeof call>[3] = {},
    runtime: ConnectorRuntime = plain,
  ): Promise<string[]> {
    const lines: string[] = [];
    const logger = { warn: (line: string) => void lines.push(line) };
    const made = client(runtime, {}, { logger });
    for (const operation of operations) await call(made, operation, {}, options);
    return lines;
  }

  test("says once what its spec declares and fetch does not do", async () => {
    expect(await said([{ ...GET, policy }, { ...GET, policy }])).toEqual([
      expect.stringMatching(
        /: no effect with this runtime: policy\.idleTimeoutMs, policy\.retry, policy\.rateLimit;/,
      ),
    ]);
    expect(await said([GET, { ...GET, policy }])).toHaveLength(1);
  });

  test("says so about options of a call, too, and nothing where there is nothing to say", async () => {
    expect(await said([GET], { retries: 2 })).toEqual([
      expect.stringContaining(": no effect with this runtime: retries;"),
    ]);
    expect(await said([{ ...GET, policy: { timeoutMs: 9_000 } }])).toEqual([]);
  });

  test("other runtimes do it", async () => {
    expect(await said([{ ...GET, policy }], {}, { call: plain.call })).toEqual([]);
  });
});
