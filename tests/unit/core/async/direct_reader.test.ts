import { describe, expect, test } from "bun:test";
import { readerOf } from "../../../../src/core/async/direct_reader.ts";
import { BodyStream } from "../../../../src/http1/body.ts";

function rig() {
  const flow: string[] = [];
  const body = new BodyStream({
    pause: () => void flow.push("pause"),
    resume: () => void flow.push("resume"),
    cancel: (reason) => void flow.push(`cancel: ${String(reason)}`),
  });
  return { body, flow, reader: readerOf(body.stream) };
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("reading a body past its stream", () => {
  test("gives a piece in the turn in which it arrives, and what came before in one", () => {
    const { body, flow, reader } = rig();
    const seen: unknown[] = [];
    const next = (): void => void reader.read().then(({ value }) => seen.push(value));
    body.push(bytes(1));
    body.push(bytes(2));
    next();
    next();
    body.push(bytes(3));
    next();
    body.end();
    expect(seen).toEqual([bytes(1, 2), bytes(3), undefined]);
    expect(flow).toEqual(["resume"]);
  });

  test("delivers what had arrived before a failure, and drops it when aborted", async () => {
    const failed = rig();
    failed.body.push(bytes(1));
    failed.body.fail(new Error("cut"));
    expect(await failed.reader.read()).toEqual({ value: bytes(1) });
    expect(await failed.reader.read().then(() => "more", String)).toBe("Error: cut");
    expect(await failed.reader.read().then(() => "more", String)).toBe("Error: cut");
    const unread = rig();
    unread.body.fail(new Error("at once"));
    expect(await unread.reader.read().then(() => "more", String)).toBe("Error: at once");
    const aborted = rig();
    aborted.body.push(bytes(1));
    aborted.body.abort(new Error("no"));
    expect(await aborted.reader.read().then(() => "more", String)).toBe("Error: no");
  });

  test("pauses without a reader, and tells the source that nobody wants more", () => {
    const { body, flow, reader } = rig();
    let ended = false;
    body.push(new Uint8Array(65_536));
    reader.read();
    reader.read().then(({ value }) => void (ended = value === undefined));
    reader.cancel("enough");
    expect({ flow, ended }).toEqual({ flow: ["pause", "resume", "cancel: enough"], ended: true });
  });

  test("is for one: everybody else reads the stream itself", async () => {
    const { body } = rig();
    expect(() => readerOf(body.stream).read).not.toThrow();
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(bytes(1));
        controller.close();
      },
    });
    const reader = readerOf(stream);
    expect(stream.locked).toBe(true);
    expect((await reader.read()).value).toEqual(bytes(1));
    expect((await reader.read()).value).toBeUndefined();
  });
});
