import { expect, test } from "bun:test";
import { OpenAI } from "../../../connectors/openai/mod.gen.ts";
import { FakeRuntime } from "./support.ts";

test("withOptions makes a client of the same class with some options changed, on the same runtime", async () => {
  const runtime = new FakeRuntime(() => ({ body: { object: "list", data: [] } }));
  const first = new OpenAI({ runtime, apiKey: "one", timeoutMs: 1000, env: () => undefined });
  const second = first.withOptions({ apiKey: "two", headers: { "x-extra": "yes" } });
  expect(second).toBeInstanceOf(OpenAI);
  await second.models.list();
  expect(Object.fromEntries(runtime.last.headers)).toMatchObject({
    authorization: "Bearer two",
    "x-extra": "yes",
  });
  expect(runtime.last.timeoutMs).toBe(1000);
  await first.models.list();
  const headers = Object.fromEntries(runtime.last.headers);
  expect(headers["authorization"]).toBe("Bearer one");
  expect(headers["x-extra"]).toBeUndefined();
});

test("the runtime of the first client is not closed with the second one", async () => {
  const first = new OpenAI({ apiKey: "one", runtime: "embedded:", env: () => undefined });
  const second = first.withOptions({ baseURL: "http://127.0.0.1:1" });
  await second.close();
  // A runtime that is closed says so; this one says that it may not call there.
  await expect(Promise.resolve(second.models.list())).rejects.toMatchObject({
    code: "egress.denied",
  });
  await first.close();
  await expect(Promise.resolve(second.models.list())).rejects.toMatchObject({
    code: "client.closed",
  });
});

test("wrong changes are refused at once", () => {
  const first = new OpenAI({ apiKey: "one", runtime: new FakeRuntime(), env: () => undefined });
  expect(() => first.withOptions({ timeoutMs: 0 })).toThrow("timeoutMs is 0");
});
