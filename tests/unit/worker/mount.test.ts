/** The worker inside other programs: mounted, with Hono's RPC client, and without HTTP. */
import { describe, expect, test } from "bun:test";
import { Hono } from "hono";
import { hc } from "hono/client";
import {
  callOperation,
  createWorker,
  InvalidInputError,
  type Worker,
} from "../../../src/worker/mod.ts";
import { BASE, get, post, testConnector, testWorker } from "./support.ts";

const worker = testWorker({ "notes.create": (input) => ({ got: input }) });

describe("a worker that another application mounts", () => {
  const app = new Hono().get("/own", (context) => context.text("mine")).route("/api/v1", worker);

  test("answers under the path, refusals included, and nowhere else", async () => {
    const answer = await post(app, "/api/v1/connectors/notes/notes.create", { text: "hi" });
    expect(await answer.json()).toEqual({ got: { text: "hi" } });
    expect(answer.headers.get("x-request-id")).not.toBe(null);
    const refused = await post(app, "/api/v1/connectors/notes/notes.create", {});
    expect(await refused.json()).toMatchObject({ code: "input.invalid", sent: "no" });
    expect((await get(app, "/api/v1/connectors", { method: "PUT" })).status).toBe(405);
    expect((await get(app, "/api/v1/openapi.json")).status).toBe(200);
    expect((await get(app, "/connectors")).status).toBe(404);
    expect(await (await get(app, "/own")).text()).toBe("mine");
  });

  test("reads the bindings that the application was given", async () => {
    const bound = new Hono().route(
      "/",
      createWorker({
        connectors: [testConnector({})],
        runtime: { call: () => Promise.reject(new Error("not used")) },
      }),
    );
    const configured = async (bindings?: object) => {
      const response = await bound.request(`${BASE}/connectors/notes`, {}, bindings);
      return (await response.json() as { configured: boolean }).configured;
    };
    expect(await configured({ NOTES_KEY: "sk-bound" })).toBe(true);
    expect(await configured()).toBe(false);
  });
});

test("Hono's RPC client knows the routes", async () => {
  const client = hc<Worker>(BASE, { fetch: worker.request });
  const { connectors } = await (await client.connectors.$get()).json();
  const ids: string[] = connectors.map(({ id }) => id);
  expect(ids).toEqual(["notes"]);
  const operation = client.connectors[":id"][":operation"];
  const param = { id: "notes", operation: "notes.create" };
  const answer = await operation.$post({ param, json: { text: "hi" } });
  expect(await answer.json()).toEqual({ got: { text: "hi" } });
  expect((await (await operation.$get({ param })).json()).call).toBe(
    "POST /connectors/notes/notes.create",
  );
  const ready = await client.readyz.$get();
  expect((await ready.json()).status).toBe("ready");
});

describe("callOperation", () => {
  const seen: unknown[] = [];
  const notes = testConnector({
    "notes.create": (input, options) => (seen.push([input, options]), { made: true }),
  });
  const client = notes.create({ apiKey: "sk" });

  test("calls by id, with a checked input", async () => {
    const value = await callOperation(notes, "notes.create", { text: "hi" }, {
      client,
      timeoutMs: 5,
    });
    expect(value).toEqual({ made: true });
    expect(seen).toEqual([[{ text: "hi" }, { timeoutMs: 5 }]]);
  });

  test("says what is wrong before anything is sent", () => {
    const thrown = (call: () => unknown) => {
      try {
        call();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const invalid = thrown(() => callOperation(notes, "notes.create", { text: 5 }, { client }));
    expect(invalid).toBeInstanceOf(InvalidInputError);
    expect(invalid).toMatchObject({ code: "input.invalid", errors: [{ path: "$.text" }] });
    expect(thrown(() => callOperation(notes, "notes.crate"))).toMatchObject({
      code: "operation.unknown",
      message: 'There is no operation of notes "notes.crate". Did you mean "notes.create"?',
    });
    expect(thrown(() => callOperation(notes, "notes.list"))).toMatchObject({
      code: "config.missing",
    });
    expect(seen).toHaveLength(1);
  });
});
