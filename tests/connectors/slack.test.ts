import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  AuthenticationError,
  definition,
  NotFoundError,
  PermissionDeniedError,
  PlatformError,
  RateLimitError,
  Slack,
} from "../../connectors/slack/mod.gen.ts";
import { ErrorClass } from "../../src/core/errors.ts";
import { systemClock } from "../../src/core/clock.ts";
import { collect, type MockServer, rejection, serveMock } from "./support.ts";

describe("slack", () => {
  let server: MockServer;
  let client: Slack;
  beforeAll(async () => {
    server = await serveMock(definition);
    client = new Slack({ ...server.options, token: "xoxb-test" });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("posts a message as JSON", async () => {
    const posted = await client.chat.postMessage({ channel: "C0123456789", text: "Hello" });
    expect(posted.ts).toBe("1503435956.000247");
    expect(server.lastHeader("authorization")).toBe("Bearer xoxb-test");
    expect(server.lastHeader("content-type")).toContain("application/json");
    expect(server.lastBody()).toBe('{"channel":"C0123456789","text":"Hello"}');
  });

  test("ok: false with status 200 is thrown, by class", async () => {
    const missing = await rejection(client.chat.postMessage({ channel: "C000", text: "Hello" }));
    expect(missing).toBeInstanceOf(NotFoundError);
    expect((missing as NotFoundError).apiCode).toBe("channel_not_found");
    expect((missing as NotFoundError).status).toBe(200);
    expect((missing as NotFoundError).errorClass).toBe(ErrorClass.Permanent);
    const scope = await rejection(client.chat.postMessage({ channel: "C0SCOPE", text: "Hello" }));
    expect(scope).toBeInstanceOf(PermissionDeniedError);
    expect((scope as PermissionDeniedError).body.needed).toBe("chat:write");
    const fast = await rejection(
      client.chat.postMessage({ channel: "C0FAST", text: "Hello" }, { retries: 0 }),
    );
    expect(fast).toBeInstanceOf(RateLimitError);
    expect((fast as RateLimitError).retryAfterMs).toBe(30_000);
  });

  test("every other word of Slack is a PlatformError", async () => {
    await using server = await serveMock({
      ...definition,
      operations: definition.operations.map((operation) => ({
        ...operation,
        examples: [{
          name: "no",
          input: {},
          status: 200,
          headers: [],
          output: { ok: false, error: operation.id === "auth.test" ? "token_revoked" : "too_long" },
        }],
      })),
    });
    const client = new Slack({ ...server.options, token: "xoxb-test" });
    const other = await rejection(client.chat.update({ channel: "C", ts: "1", text: "x" }));
    expect(other).toBeInstanceOf(PlatformError);
    expect((other as PlatformError).apiMessage).toBe("too_long");
    expect(await rejection(client.check())).toBeInstanceOf(AuthenticationError);
  });

  test("lists follow next_cursor until it is empty", async () => {
    const before = server.mock.requests().length;
    const channels = await collect(
      client.conversations.list({ types: ["public_channel", "im"], exclude_archived: true }),
    );
    expect(channels.map((channel) => channel.name)).toEqual(["general", "random", "support"]);
    expect(server.mock.requests().slice(before).map((request) => request.url)).toEqual([
      "/conversations.list?types=public_channel,im&exclude_archived=true",
      "/conversations.list?types=public_channel,im&exclude_archived=true&cursor=dGVhbTpDMDYxRkE1UEI%3D",
    ]);
    const messages = await collect(client.conversations.history({ channel: "C0123456789" }));
    expect(messages.length).toBe(3);
    expect((await collect(client.users.list())).map((user) => user.id)).toEqual(
      ["U0123456789", "USLACKBOT"],
    );
  });

  test("a page without items is followed by others", async () => {
    const page = (names: string[], next_cursor: string) => ({
      ok: true,
      channels: names.map((id) => ({ id })),
      response_metadata: { next_cursor },
    });
    const example = (name: string, input: Record<string, string>, output: object) =>
      ({ name, input, output: output as never, status: 200, headers: [] }) as const;
    await using server = await serveMock({
      ...definition,
      operations: definition.operations.map((operation) => ({
        ...operation,
        examples: [
          example("first", {}, page([], "two")),
          example("second", { cursor: "two" }, page(["C1"], "three")),
          example("last", { cursor: "three" }, page([], "")),
        ],
      })),
    });
    const slack = new Slack({ ...server.options, token: "xoxb-test" });
    expect((await collect(slack.conversations.list())).map(({ id }) => id)).toEqual(["C1"]);
  });

  test("uploads a file in three steps", async () => {
    const place = await client.files.getUploadURLExternal({ filename: "notes.txt", length: 53072 });
    expect(server.lastBody()).toBe("filename=notes.txt&length=53072");
    expect(server.lastHeader("content-type")).toBe("application/x-www-form-urlencoded");
    expect(place.file_id).toBe("F0123456789");
    const done = await client.files.completeUploadExternal({
      files: [{ id: place.file_id, title: "Notes" }],
      channel_id: "C0123456789",
    });
    expect(done.files[0]?.id).toBe("F0123456789");
  });

  test("events are verified and distinguished", async () => {
    const now = 1_531_420_618;
    const body = JSON.stringify({
      type: "event_callback",
      team_id: "T1",
      event: { type: "app_mention", user: "U1", text: "hi", ts: "1.2", channel: "C1" },
      event_id: "Ev1",
      event_time: now,
    });
    const webhooks = new Slack({
      ...server.options,
      token: "xoxb-test",
      signingSecret: "8f742231b10e8888abcd99yyyzzz85a5",
      clock: { ...systemClock, now: () => now * 1000 },
    }).webhooks;
    const message = (at: number, text = body) => ({
      headers: {
        "X-Slack-Request-Timestamp": String(at),
        "X-Slack-Signature": "v0=" +
          createHmac("sha256", "8f742231b10e8888abcd99yyyzzz85a5").update(`v0:${at}:${text}`)
            .digest("hex"),
      },
      body,
    });
    const event = await webhooks.verify(message(now));
    expect(event.name).toBe("event_callback");
    if (event.name === "event_callback" && event.payload.event.type === "app_mention") {
      expect(event.payload.event.channel).toBe("C1");
    } else throw new Error("Another event was read.");
    expect(await rejection(webhooks.verify(message(now, "{}")))).toMatchObject({
      code: "webhook.signature",
    });
    expect(await rejection(webhooks.verify(message(now - 400)))).toMatchObject({
      code: "webhook.timestamp",
    });
  });
});
