import { describe, expect, test } from "bun:test";
import {
  ConnectorException,
  DEFAULT_SOCKET_PATH,
  RuntimeClient,
  type RuntimeClientOptions,
} from "../../../src/client/mod.ts";
import { defaultPlatform } from "../../../src/client/default_platform.ts";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { FakeRuntime } from "../transport/fake_runtime.ts";
import { clientOver, failure, fakeTransport } from "./helpers.ts";

describe("RuntimeClient", () => {
  test("connects by itself, once for many callers, and tells what is spoken", async () => {
    const runtime = new FakeRuntime();
    const client = new RuntimeClient({ address: "unix:/fake.sock", platform: runtime.platform });
    expect(client.address).toBe("unix:/fake.sock");
    expect(client.protocol).toBe("unconnected");
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => client.executeHTTP({ url: "http://a/" })),
    );
    expect(responses.every((response) => response.statusCode === 200)).toBe(true);
    expect(runtime.dials).toBe(1);
    expect(client.protocol).toBe("session");
    expect((await client.health()).activeRequests).toBe(7);
    await client.close();
  });

  test("connect(address) rejects if nothing answers", async () => {
    const runtime = new FakeRuntime();
    const client = await RuntimeClient.connect("unix:/fake.sock", { platform: runtime.platform });
    expect(client.protocol).toBe("session");
    await client.close();
    runtime.refused.add("/fake.sock");
    const refused = RuntimeClient.connect("unix:/fake.sock", { platform: runtime.platform });
    expect(await failure(refused)).toMatchObject({ code: "connect.refused" });
  });

  test("options of the existing SDK lead to its socket", async () => {
    const runtime = new FakeRuntime();
    runtime.greets = "base";
    const client = new RuntimeClient({ socketPath: "/x.sock", platform: runtime.platform });
    await client.connect();
    expect(client.protocol).toBe("base");
    await client.close();
  });

  describe("without an address", () => {
    const using = (runtime: FakeRuntime, owned: boolean, env: Record<string, string> = {}) => ({
      platform: {
        ...runtime.platform,
        createUpstream: defaultPlatform.createUpstream,
        ownsSocket: async (path: string) => owned && path === DEFAULT_SOCKET_PATH,
        env: (name: string) => env[name],
      },
    });
    const addressOf = async (options: RuntimeClientOptions) => {
      await using client = new RuntimeClient(options);
      await client.connect();
      return client.address;
    };

    test("uses the daemon on the default socket, if that is this user's, and says so", async () => {
      const runtime = new FakeRuntime();
      const client = new RuntimeClient(using(runtime, true));
      expect(client.address).toBe("unconnected");
      expect((await client.executeHTTP({ url: "http://a/" })).statusCode).toBe(200);
      expect([client.address, client.protocol, runtime.dials])
        .toEqual([`unix:${DEFAULT_SOCKET_PATH}`, "session", 1]);
      await client.close();
    });

    test("makes its calls itself when the socket is another's, or nobody answers", async () => {
      const others = new FakeRuntime();
      expect(await addressOf(using(others, false))).toBe("embedded:");
      expect(others.dials).toBe(0);
      const gone = new FakeRuntime();
      gone.refused.add(DEFAULT_SOCKET_PATH);
      expect(await addressOf(using(gone, true))).toBe("embedded:");
    });

    test("looks for no daemon where something says that it is not to", async () => {
      const runtime = new FakeRuntime();
      const own = using(runtime, true);
      expect(await addressOf({ ...own, address: "embedded:" })).toBe("embedded:");
      expect(await addressOf({ ...own, egress: { allow: ["loopback"] } })).toBe("embedded:");
      expect(await addressOf({ ...own, engine: {} })).toBe("embedded:");
      for (const env of [{ VASTAR_RUNTIME: "embedded:" }, { VASTAR_ALLOW: "loopback" }]) {
        expect(await addressOf(using(runtime, true, env))).toBe("embedded:");
      }
      expect(runtime.dials).toBe(0);
    });
  });

  test("await using closes it", async () => {
    const runtime = new FakeRuntime();
    {
      await using client = new RuntimeClient({ address: "unix:/f", platform: runtime.platform });
      await client.connect();
      expect(runtime.last.closed).toBe(false);
    }
    expect(runtime.last.closed).toBe(true);
  });

  test("after close every use fails with client.closed; closing again is fine", async () => {
    const runtime = new FakeRuntime();
    const client = new RuntimeClient({ address: "unix:/f", platform: runtime.platform });
    await client.close();
    await client.close();
    for (
      const use of [
        () => client.executeHTTP({ url: "http://a/" }),
        () => client.streamHTTP({ url: "http://a/" }),
        () => client.connect(),
        () => client.health(),
      ]
    ) {
      expect(await failure(use())).toMatchObject({ code: "client.closed", origin: "caller" });
    }
    expect(runtime.dials).toBe(0);
  });

  test("a transport of the caller is used and never closed", async () => {
    const transport = fakeTransport();
    const client = clientOver(transport);
    await client.executeHTTP({ url: "http://a/" });
    await client.close();
    expect(transport.closes).toBe(0);
    expect(await failure(client.executeHTTP({ url: "http://a/" }))).toMatchObject({
      code: "client.closed",
    });
  });

  test("closing twice at once waits for the same end", async () => {
    const runtime = new FakeRuntime();
    const client = new RuntimeClient({ address: "unix:/f", platform: runtime.platform });
    await client.connect();
    void client.close();
    await client.close();
    expect(runtime.last.closed).toBe(true);
  });

  test("a body that was never read is released when its call fails", async () => {
    const runtime = new FakeRuntime();
    runtime.refused.add("/f");
    const client = new RuntimeClient({ address: "unix:/f", platform: runtime.platform });
    const reasons: unknown[] = [];
    const send = () =>
      client.executeHTTP({
        url: "http://a/",
        body: new ReadableStream({ cancel: (reason) => void reasons.push(reason) }),
      });
    const refused = await failure(send());
    expect(refused.code).toBe("connect.refused");
    await client.close();
    const closed = await failure(send());
    expect(closed.code).toBe("client.closed");
    expect(reasons).toEqual([refused, closed]);
  });

  test("a blob that cannot be read fails its call, also on a closed client", async () => {
    const client = clientOver(fakeTransport());
    const blob = new Blob(["x"]);
    blob.arrayBuffer = () => Promise.reject(new Error("the file is gone"));
    const send = () => client.executeHTTP({ url: "http://a/", body: blob });
    const gone = { code: "request.body_failed", origin: "caller", message: "the file is gone" };
    expect(await failure(send())).toMatchObject(gone);
    await client.close();
    expect(await failure(send())).toMatchObject(gone);
  });

  test("no HTTP answer is a ConnectorError, under both names", async () => {
    const client = clientOver(fakeTransport(() => {
      throw new ConnectorError({ errorClass: ErrorClass.Timeout, code: "x.y", message: "late" });
    }));
    const error = await failure(client.executeHTTP({ url: "http://a/" }));
    expect(error).toBeInstanceOf(ConnectorException);
    expect(error.isRetryable()).toBe(true);
    expect(error.getErrorClassName()).toBe("Timeout");
  });

  test("an exception made as in the existing SDK is one of ours", () => {
    const exception = new ConnectorException("no", ErrorClass.RateLimited, 42);
    expect(exception).toBeInstanceOf(ConnectorError);
    expect(exception).toBeInstanceOf(Error);
    expect(exception.requestId).toBe("42");
    expect(exception.isRetryable()).toBe(true);
    expect(exception.name).toBe("ConnectorException");
    expect(exception.toJSON()).toMatchObject({ errorClass: "RateLimited", message: "no" });
    expect(new Error("no") instanceof ConnectorException).toBe(false);
  });
});
