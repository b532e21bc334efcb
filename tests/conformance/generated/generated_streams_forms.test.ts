/**
 * Every form of an event stream that the standard allows, read by a generated client over HTTP, however the network cuts it.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ownOf } from "../../support/share.ts";
import { within } from "../context.ts";
import { type Chat, chunk, DONE, event, MESSAGES, startChat } from "./generated_streams_client.ts";

const encoder = new TextEncoder();
let chat: Chat;
beforeAll(async () => {
  chat = await startChat();
});
afterAll(() => chat.close());

describe("every form of an event stream", () => {
  const pretty = JSON.stringify(JSON.parse(chunk("漢字 and 😀")), null, 1).split("\n");
  const lines = [
    ": a comment",
    "retry: 10",
    "id: 1",
    "event: message",
    `data: ${chunk("é")}`,
    "",
    ":",
    "",
    "unknown: field",
    ...pretty.map((line) => `data:${line}`),
    "",
    `data: ${chunk("!")}`,
    "",
    "data: [DONE]",
  ];
  const forms = Object.entries({ LF: "\n", CRLF: "\r\n", CR: "\r" }).flatMap(([name, end]) => [
    { name, bytes: encoder.encode(lines.join(end) + end + end) },
    {
      name: `${name}, a byte order mark`,
      bytes: encoder.encode(`\uFEFF${lines.join(end)}${end}${end}`),
    },
    { name: `${name}, no final blank line`, bytes: encoder.encode(lines.join(end) + end) },
    { name: `${name}, no final line end`, bytes: encoder.encode(lines.join(end)) },
  ]);
  for (const { name, bytes } of ownOf(forms)) {
    test(`${name}: split at every byte`, async () => {
      // Which piece a connection gets is written in the request, since they run side by side.
      chat.api.script = async (answer, request) => {
        const at = Number(request.header("x-split"));
        answer.head().send(bytes.subarray(0, at));
        // The pieces must not leave in one packet; that they sometimes do makes the test weaker, not wrong.
        await new Promise((resolve) => setTimeout(resolve, 2));
        answer.send(bytes.subarray(at));
        answer.end();
      };
      const read = async (at: number): Promise<string> => {
        const input = { model: "m", messages: MESSAGES, stream: true } as const;
        const headers = { "x-split": String(at) };
        return `${at}: ${await chat.openai.chat.completions.create(input, { headers }).text()}`;
      };
      for (let at = 0; at <= bytes.length; at += 32) {
        const splits = Array.from(
          { length: Math.min(32, bytes.length + 1 - at) },
          (_, i) => at + i,
        );
        expect(await Promise.all(splits.map(read))).toEqual(
          splits.map((split) => `${split}: é漢字 and 😀!`),
        );
      }
    });

    test(`${name}: byte by byte`, async () => {
      const text = await chat.ask(async (answer) => {
        answer.head();
        for (const byte of bytes) {
          answer.send(Uint8Array.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
        answer.end();
      }).text();
      expect(text).toBe("é漢字 and 😀!");
    });
  }

  test("an event of 2 MB in pieces of 4 KB", async () => {
    const content = "0123456789abcdef".repeat(131_072);
    const bytes = encoder.encode(event(content) + DONE);
    const text = await chat.ask(async (answer) => {
      answer.head();
      for (let at = 0; at < bytes.length; at += 4096) {
        if (!answer.send(bytes.subarray(at, at + 4096))) await answer.drained();
      }
      answer.end();
    }).text();
    expect(text.length).toBe(content.length);
    expect(text === content).toBe(true);
  });

  test("what follows the sentinel is not read as an item", async () => {
    const text = await chat.ask((answer) => {
      answer.head().send(event("a") + DONE + event("b"));
      answer.end();
    }).text();
    expect(text).toBe("a");
  });

  test("the end is at the sentinel, not when the connection closes", async () => {
    const text = await within(
      chat.ask((answer) => void answer.head().send(event("a") + DONE)).text(),
      "the end of a stream whose connection stays open",
    );
    expect(text).toBe("a");
  });
});
