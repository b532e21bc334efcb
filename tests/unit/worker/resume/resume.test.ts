/** Streams that outlive the connection, over HTTP, with the engine in the same process. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RuntimeClient } from "../../../../mod.ts";
import { definition as openai } from "../../../../connectors/openai/definition.gen.ts";
import { serveHttp } from "../../../../src/platform/serve.ts";
import type { HttpServer } from "../../../../src/core/serve/http_server.ts";
import { apiKeys, createKey, createWorker } from "../../../../src/worker/mod.ts";
import { type GatedApi, gatedApi } from "../../../e2e/support/resuming.ts";
import { CHAT, readUntil, until } from "../../../e2e/worker/worker_support.ts";

const EVENTS = 10;

describe("a stream", () => {
  let api: GatedApi;
  let runtime: RuntimeClient;
  let server: HttpServer;
  const keys: string[] = [];

  beforeAll(async () => {
    api = await gatedApi(EVENTS);
    runtime = new RuntimeClient({
      address: "embedded:",
      engine: { egress: { allow: [new URL(api.server.url).host] } },
    });
    const made = await Promise.all([0, 1].map(() => createKey({ tenant: "acme" }, new Date())));
    keys.push(...made.map(({ text }) => text));
    const worker = createWorker({
      connectors: [openai],
      runtime,
      access: [apiKeys(made.map(({ key }) => key))],
      config: { openai: { apiKey: "sk", baseURL: `${api.server.url}/v1` } },
    });
    server = await serveHttp({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      fetch: (request) => worker.fetch(request),
    });
  });
  afterAll(async () => {
    await server.stop(0);
    await runtime.close();
    await api.server.stop(0);
  });

  const ask = (from?: string, by = 0, extra: object = {}, given: Record<string, string> = {}) =>
    fetch(server.url + CHAT, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${keys[by]}`,
        ...(from !== undefined && { "last-event-id": from }),
        ...given,
      },
      body: JSON.stringify({
        model: "m",
        messages: [{ role: "user", content: "x" }],
        stream: true,
        user: "u",
        ...extra,
      }),
    });
  const refusal = async (from: string, by = 0, extra: object = {}) => {
    const response = await ask(from, by, extra);
    const { code, sent } = await response.json() as { code: string; sent: string };
    return [response.status, code, sent];
  };
  const idsOf = (text: string) => [...text.matchAll(/^id: (\S+)\ndata: \{/gm)].map(([, id]) => id);
  const contentsOf = (text: string) =>
    [...text.matchAll(/"content":"u:(\d+)"/g)].map(([, n]) => Number(n));
  const stop = (id: string, by = 0) =>
    fetch(`${server.url}${CHAT}/streams/${id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${keys[by]}` },
    });

  test("is gone on with by its own key, from the id of any event, and makes no new call", async () => {
    api.allow(4);
    const first = await readUntil(await ask(), (text) => idsOf(text).length >= 3);
    const [, second = ""] = idsOf(first);
    expect(await refusal(second, 1)).toEqual([410, "stream.gone", "committed"]);
    expect(await refusal(second, 0, { stream: false })).toEqual([400, "input.last_event_id", "no"]);
    expect(await refusal("7")).toEqual([400, "input.last_event_id", "no"]);
    expect(await refusal(second.replace(/^./, (a) => a === "A" ? "B" : "A"))).toEqual([
      410,
      "stream.gone",
      "committed",
    ]);
    api.allow(EVENTS);
    const rest = await (await ask(second)).text();
    expect(contentsOf(rest)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rest).toMatch(/\nid: \S+\ndata: \[DONE\]\n\n$/);
    // Whoever missed the end alone gets the end alone.
    const last = await (await ask(idsOf(rest).at(-1))).text();
    expect([contentsOf(last), last.includes("[DONE]")]).toEqual([[], true]);
    expect(api.asked()).toBe(1);
  });

  test("is stopped at once by its own key", async () => {
    api.allow(2);
    const [asked, left] = [api.asked(), api.left()];
    const text = await readUntil(await ask(), (seen) => idsOf(seen).length >= 1);
    const [id = ""] = idsOf(text);
    expect((await stop(id, 1)).status).toBe(410);
    expect((await stop("x")).status).toBe(400);
    expect(api.left()).toBe(left);
    expect((await stop(id)).status).toBe(204);
    await until(() => api.left() === left + 1);
    expect(await refusal(id)).toEqual([410, "stream.gone", "committed"]);
    expect(api.asked()).toBe(asked + 1);
  });
  test("under an idempotency key is joined, gone on with, and given again", async () => {
    api.allow(4);
    const asked = api.asked();
    const keyed = { "idempotency-key": "k-1" };
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const first = await readUntil(
      await ask(undefined, 0, {}, keyed),
      (text) => idsOf(text).length >= 3,
    );
    // The first has lost its connection; the second gets everything, over a connection that it loses, too.
    const second = await readUntil(
      await ask(undefined, 0, {}, keyed),
      (text) => idsOf(text).length >= 2,
    );
    expect(contentsOf(second).slice(0, 2)).toEqual([0, 1]);
    const other = await ask(undefined, 0, { user: "another" }, keyed);
    expect([other.status, (await other.json() as { code: string }).code])
      .toEqual([422, "idempotency.mismatch"]);
    const lines = await ask(undefined, 0, {}, { ...keyed, accept: "application/x-ndjson" });
    api.allow(EVENTS);
    const rest = [
      await (await ask(idsOf(first)[2])).text(),
      await (await ask(idsOf(second)[1])).text(),
    ];
    expect(rest.map(contentsOf)).toEqual([all.slice(3), all.slice(2)]);
    expect(contentsOf(await lines.text())).toEqual(all);
    const again = await (await ask(undefined, 0, {}, keyed)).text();
    expect(contentsOf(again)).toEqual(all);
    expect(contentsOf(await (await ask(idsOf(again)[7])).text())).toEqual([8, 9]);
    expect(api.asked()).toBe(asked + 1);
  });
});
