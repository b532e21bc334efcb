import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  HttpMessage,
  HttpTransport,
  httpTransport,
  JsonMessage,
  type MessageTransport,
  NotFoundError,
  RuntimeClient,
  TransportRegistry,
} from "../../../mod.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";
import { failure } from "../client/helpers.ts";

/** A transport of a program's own: what is sent comes back. */
class Loop implements MessageTransport<JsonMessage> {
  readonly name: string;
  readonly #waiting: JsonMessage[] = [];
  constructor({ name = "loop" }: { name?: string } = {}) {
    this.name = name;
  }
  async connect() {}
  async disconnect() {}
  async send(message: JsonMessage) {
    this.#waiting.push(JsonMessage.deserialize(message.serialize()));
  }
  async *receive() {
    yield* this.#waiting;
  }
}

describe("a registry of transports", () => {
  test("makes what was registered, with its defaults", async () => {
    const registry = new TransportRegistry()
      .register("loop", (options: { name?: string }) => new Loop(options), { name: "usual" })
      .register("http", httpTransport);
    expect(registry.names).toEqual(["loop", "http"]);
    const loop = registry.create("loop");
    expect([loop.name, registry.create("loop", { name: "own" }).name]).toEqual(["usual", "own"]);
    expect(registry.get("http")).toBe(httpTransport);
    await loop.send(new JsonMessage({}, "hello"));
    for await (const { payload } of loop.receive()) expect(payload).toBe("hello");
  });

  test("lists what it knows when it is asked for something else", () => {
    const registry = new TransportRegistry();
    const unknown = registry as TransportRegistry<
      Record<string, { factory: () => Loop; defaults: object }>
    >;
    expect(() => unknown.get("nope")).toThrow(`No transport "nope": none is registered`);
    registry.register("a", () => new Loop()).register("b", () => new Loop());
    expect(() => unknown.create("nope")).toThrow(`No transport "nope": there are a, b`);
    expect(() => registry.register("a", () => new Loop())).toThrow("already");
    expect(() => registry.register("", () => new Loop())).toThrow("empty");
    // Each is an object of its own.
    expect(new TransportRegistry().names).toEqual([]);
  });
});

describe("the HTTP transport", () => {
  let upstream: UpstreamServer;
  let client: RuntimeClient;
  beforeAll(async () => {
    upstream = await startUpstream();
    client = new RuntimeClient({ egress: { allow: [`127.0.0.1:${upstream.port}`] } });
  });
  afterAll(async () => {
    await client.close();
    await upstream.close();
  });

  test("sends messages and receives the answers", async () => {
    const transport = new HttpTransport({ client, baseURL: upstream.url });
    const early = await failure(transport.send(new HttpMessage()));
    expect(early.code).toBe("transport.unconnected");
    await transport.connect();
    await transport.connect();
    const content = Uint8Array.of(0, 255);
    await transport.send(new HttpMessage({ method: "POST", url: "/echo", content }));
    const received = transport.receive();
    const { value: answer } = await received.next();
    expect(answer?.payload).toMatchObject({ status: 200, content });
    expect(answer?.headers["content-type"]).toBe("application/octet-stream");

    await transport.send(new HttpMessage({ url: `${upstream.url}/not-found` }));
    expect(await failure(received.next())).toBeInstanceOf(NotFoundError);

    await transport.send(new HttpMessage({ url: "/hang" }));
    const hanging = await upstream.request("/hang");
    const waiting = transport.receive().next();
    await transport.disconnect();
    await transport.disconnect();
    expect((await waiting).done).toBe(true);
    await hanging.closed;
    // The client was given, so it is still there.
    expect((await client.executeHTTP({ url: `${upstream.url}/json` })).status).toBe(200);
  });
});
