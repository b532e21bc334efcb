import { describe, expect, test } from "bun:test";
import { DELETE, GET, HEAD, PATCH, POST, PUT } from "../../../src/client/mod.ts";
import { clientOver, failure, fakeTransport } from "./helpers.ts";

describe("request builders", () => {
  test("each names its method", () => {
    const methods = [GET, POST, PUT, PATCH, DELETE, HEAD].map((build) => build("http://a/").method);
    expect(methods).toEqual(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]);
  });

  test("carry everything to the runtime", async () => {
    const transport = fakeTransport();
    const { signal } = new AbortController();
    await clientOver(transport).executeHTTP(
      POST(new URL("http://a/b"))
        .header("X-A", "1")
        .header("x-a", "2")
        .json({ k: "é" })
        .timeout(5)
        .tenant("t")
        .workspace("w")
        .trace("r")
        .idempotent("i")
        .abort(signal),
    );
    expect(transport.requests[0]).toMatchObject({
      method: "POST",
      url: "http://a/b",
      headers: [["x-a", "2"], ["content-type", "application/json"]],
      body: new TextEncoder().encode('{"k":"é"}'),
      timeoutMs: 5,
      tenantId: "t",
      workspaceId: "w",
      traceId: "r",
      idempotencyKey: "i",
      signal,
    });
  });

  test("leave what they came from as it was", async () => {
    const base = GET("http://a/").header("a", "1");
    base.header("b", "2").content("x");
    expect(base.headers).toEqual({ a: "1" });
    expect(base.body).toBe(undefined);
    expect(await failure(() => base.timeout(0))).toMatchObject({ code: "request.timeout" });
  });
});
