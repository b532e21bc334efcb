import { describe, expect, test } from "bun:test";
import { platform } from "#platform";
import type { Platform, Upstream, UpstreamRequest } from "../../../src/core/platform.ts";
import { selfTest } from "../../../src/daemon/self_test.ts";
import { listen } from "../../../src/platform/listen.ts";

/** This runtime's platform, except for what a broken version would do differently. */
function broken(
  exchange: (upstream: Upstream, request: UpstreamRequest) => ReturnType<Upstream["exchange"]>,
  options: object = {},
): Platform {
  return {
    ...platform,
    name: platform.name,
    async createUpstream(given) {
      const upstream = await platform.createUpstream({ ...given, ...options });
      return {
        exchange: (request) => exchange(upstream, request),
        close: () => upstream.close(),
      };
    },
  };
}

async function problem(injected: Platform): Promise<{ code: string; message: string }> {
  try {
    await selfTest({ platform: injected, listen });
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error("it passed");
}

describe("the self-test", () => {
  test("passes on this runtime", async () => {
    await selfTest({ platform, listen });
  });

  test("finds a runtime that connects elsewhere than to the address that was checked", async () => {
    const found = await problem(broken((upstream, request) => {
      const url = new URL(request.url);
      url.hostname = "127.0.0.1";
      return upstream.exchange({ ...request, url });
    }));
    expect(found.code).toBe("runtime.self_test");
    expect(found.message).toContain("a request goes to the address that was checked");
    expect(found.message).toContain(platform.name);
  });

  test("finds one that takes heads of any size", async () => {
    const found = await problem(
      broken((upstream, request) => upstream.exchange(request), { maxHeadBytes: 10_000_000 }),
    );
    expect(found.message).toContain("the head of an answer is cut at its limit");
  });

  test("finds one that inflates bodies without end", async () => {
    const found = await problem(
      broken((upstream, request) => upstream.exchange(request), { maxInflationRatio: 1_000_000 }),
    );
    expect(found.message).toContain("a body that inflates too much is refused");
  });

  test("finds one that does not end cancelled calls", async () => {
    const found = await problem(broken((upstream, request) =>
      upstream.exchange(
        request.url.pathname === "/hang"
          ? { ...request, signal: new AbortController().signal }
          : request,
      )
    ));
    expect(found.message).toContain("a call that is cancelled ends, along with its connection");
  }, 30_000);
});
