import { describe, expect, test } from "bun:test";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { readStream } from "../../../src/platform/shared/node_body.ts";

function incoming(): Readable & { complete: boolean } {
  return Object.assign(new Readable({ read() {} }), { complete: false });
}

function bodyOf(
  source: Readable,
  why: () => unknown = () => undefined,
): ReadableStream<Uint8Array> {
  return readStream(source as IncomingMessage, why);
}

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const closed = (source: Readable): Promise<void> =>
  new Promise((resolve) => source.once("close", () => resolve()));

describe("a body over a node stream", () => {
  test("what had arrived when the connection broke comes before the error", async () => {
    const source = incoming();
    const reader = bodyOf(source).getReader();
    source.push("one");
    expect(text((await reader.read()).value)).toBe("one");
    source.push("two");
    source.push("three");
    source.destroy(new Error("reset"));
    await closed(source);
    expect(text((await reader.read()).value)).toBe("twothree");
    await expect(reader.read()).rejects.toThrow("reset");
  });

  test("a reader that waits gets it too", async () => {
    const source = incoming();
    const reader = bodyOf(source).getReader();
    const first = reader.read();
    source.push("one");
    source.destroy(new Error("reset"));
    expect(text((await first).value)).toBe("one");
    await expect(reader.read()).rejects.toThrow("reset");
  });

  test("a connection that closes without an error breaks the body as well", async () => {
    const source = incoming();
    const reader = bodyOf(source).getReader();
    source.push("one");
    source.destroy();
    await closed(source);
    expect(text((await reader.read()).value)).toBe("one");
    await expect(reader.read()).rejects.toThrow("ended early");
  });

  test("a reason of our own ends it at once", async () => {
    const source = incoming();
    const reader = bodyOf(source, () => new Error("deadline")).getReader();
    source.push("one");
    source.destroy(new Error("aborted"));
    await closed(source);
    await expect(reader.read()).rejects.toThrow("deadline");
  });
});
