/** What some APIs send where a stream was asked for: a page, JSON, an error with a good status. */
import { describe, expect, test } from "bun:test";
import { type OperationData, sse, stream, type StreamCall } from "../../../../src/connector/mod.ts";
import { collect } from "../../../support/streams.ts";
import { client, FakeRuntime, GET, rejection, TestError } from "../support.ts";

function open(body: string, done?: string): StreamCall<unknown> {
  const end = done === undefined ? {} : { done };
  const spec: OperationData = { ...GET, stream: { format: sse, error: ["error"], ...end } };
  return stream(client(new FakeRuntime(() => ({ body }))), spec);
}

describe("a body that is not a stream", () => {
  // Without an end marker it would pass for a stream of nothing.
  for (const done of [undefined, "[DONE]"]) {
    test(`is an error that shows it, with the end marker ${done}`, async () => {
      expect(await rejection(collect(open("<html>\n<p>Sign in</p>", done)))).toMatchObject({
        code: "response.not_events",
        status: 200,
        message: String.raw`The API should have answered with events, but the body starts with ` +
          String.raw`"<html>\n<p>Sign in</p>\n"`,
      });
      expect(await rejection(collect(open('{"choices": []}', done)))).toMatchObject({
        code: "response.not_events",
      });
    });

    test(`is the API's error where it is one, with the end marker ${done}`, async () => {
      const body = JSON.stringify({ error: { message: "no such model" } }, null, 2);
      const failure = await rejection(collect(open(body, done)));
      expect(failure).toBeInstanceOf(TestError);
      expect(failure).toMatchObject({ apiMessage: "no such model" });
    });
  }

  test("shows no secret", async () => {
    const runtime = new FakeRuntime(() => ({ body: "<p>key-123456 is blocked</p>" }));
    const spec: OperationData = { ...GET, stream: { format: sse } };
    const headers = { authorization: "Bearer key-123456" };
    const failure = await rejection(collect(stream(client(runtime), spec, {}, { headers })));
    expect(String(failure)).toContain("[redacted] is blocked");
  });

  test("is not looked for once there was an event, nor in comments and fields that count", async () => {
    const body = ': hello\nretry: 5\nid: 1\n\ndata: {"n":1}\n\n{"error": "late"}\n';
    expect(await collect(open(body))).toEqual([{ n: 1 }]);
    expect(await collect(open(": nothing to say\n\nretry: 5\n\n"))).toEqual([]);
  });
});

describe("an error field that holds no error", () => {
  for (const none of ["", false, 0, null]) {
    test(JSON.stringify(none), async () => {
      const item = { n: 1, error: none };
      expect(await collect(open(`data: ${JSON.stringify(item)}\n\n`))).toEqual([item]);
    });
  }
});
