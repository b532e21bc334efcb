import { describe, expect, test } from "bun:test";
import { ErrorClass } from "../../../../src/core/errors.ts";
import type { EngineOptions } from "../../../../src/engine/engine.ts";
import { pattern } from "../../../../src/core/rules/choice.ts";
import { answer, callTo, failure, never, rig, settle } from "../support.ts";

const ok = () => Promise.resolve(answer(200, "hello"));

function tenants(acme: NonNullable<EngineOptions["tenants"]>[string]): EngineOptions {
  return { tenants: { acme } };
}

const from = (tenantId: string, part: object = {}) => ({ tenantId, ...part });

describe("what a tenant may not do", () => {
  test.each(
    [
      [
        "methods",
        { methods: { allow: ["get", "HEAD"] } },
        { method: "post", body: new Uint8Array(1) },
        '"POST": it is not in tenants.acme.methods.allow',
      ],
      [
        "connectors",
        { connectors: { allow: ["open*"] } },
        { connector: "stripe", operation: "charges.create" },
        '"stripe": it is not in tenants.acme.connectors.allow',
      ],
      [
        "operations",
        { operations: { deny: ["stripe.*.delete"] } },
        { connector: "stripe", operation: "customers.delete" },
        '"stripe.customers.delete": it is in tenants.acme.operations.deny',
      ],
      [
        "hosts",
        { hosts: { allow: ["b.example", "*.c.example"] } },
        {},
        '"a.example": it is not in tenants.acme.hosts.allow',
      ],
      [
        "hosts, by port",
        { hosts: { allow: ["a.example:443"] } },
        { url: "https://a.example:8443/" },
        '"a.example:8443": it is not in tenants.acme.hosts.allow',
      ],
      [
        "hosts, however they are written",
        { hosts: { deny: ["a.example"] } },
        { url: "https://A.EXAMPLE./" },
        '"a.example.": it is in tenants.acme.hosts.deny',
      ],
    ] as const,
  )("is refused before anything is sent: %s", async (_, policy, part, words) => {
    const { engine, requests } = rig(ok, tenants(policy));
    const call = { ...callTo("https://a.example/x"), ...part };
    const error = await failure(engine.call({ ...call, tenantId: "acme" }));
    expect(error).toMatchObject({
      code: "tenant.denied",
      errorClass: ErrorClass.Permanent,
      origin: "local",
      sent: "no",
    });
    expect(error.message).toContain('the tenant "acme" may not use the');
    expect(error.message).toContain(words);
    expect(requests).toHaveLength(0);
    expect(engine.admission().denials).toEqual({ tenant: 1, egress: 0, reported: 0 });
    // Whom nothing is said about may do everything.
    expect(await engine.call({ ...call, url: "https://a.example/", tenantId: "other" }))
      .toMatchObject({ status: 200 });
  });

  test("does not follow from what stands under default, and is default's for all others", async () => {
    const { engine } = rig(ok, {
      tenants: { default: { methods: { allow: [] } }, acme: {} },
    });
    expect((await engine.call(callTo("https://a.example/", from("acme")))).status).toBe(200);
    const error = await failure(engine.call(callTo("https://a.example/", from("x"))));
    expect(error.message).toBe(
      'the tenant "x" may not use the method "GET": it is not in tenants.default.methods.allow of ' +
        "the runtime's configuration, or give the tenant an entry of its own",
    );
    expect((await failure(engine.call(callTo("https://a.example/", from("__proto__"))))).code)
      .toBe("tenant.denied");
  });

  test.each(
    [
      [{ hosts: { allow: ["a.example"] } }, "https://b.example/", '"b.example"'],
      [{ methods: { allow: ["POST"] } }, "https://a.example/y", '"GET"'],
    ] as const,
  )("is refused behind a redirect, too: %j", async (policy, location, words) => {
    const { engine, requests } = rig(
      () => Promise.resolve(answer(303, "", [["location", location]])),
      tenants(policy),
    );
    const call = callTo("https://a.example/", {
      tenantId: "acme",
      method: "POST",
      body: new Uint8Array(1),
    });
    const error = await failure(engine.call(call));
    expect(error).toMatchObject({ code: "tenant.denied", errorClass: ErrorClass.Permanent });
    expect(error.message).toContain(words);
    expect(requests).toHaveLength(1);
  });

  test("is said when the engine is made, where the operator has made a mistake", () => {
    for (
      const policy of [
        { hosts: { allow: ["http://a.example"] } },
        { hosts: { allow: ["10.0.0.0/8"] } },
        { methods: { allow: ["GET POST"] } },
        { egress: { mode: "report" } },
        { maxCallMs: 0 },
        { places: { perHost: 0.5 } },
        { rateLimits: [{ calls: 0, perMs: 1 }] },
      ] as const
    ) {
      expect(() => rig(ok, tenants(policy))).toThrow();
    }
  });
});

describe("the egress rules of a tenant", () => {
  const zone = { "x.internal": ["10.0.0.1"], "y.internal": ["10.0.0.2"] };
  function engineWith(egress: object, rest: EngineOptions = {}) {
    const made = rig(ok, { ...rest, tenants: { acme: { egress } } });
    Object.assign(made.zone, zone);
    return (tenantId: string, host: string) =>
      made.engine.call(callTo(`https://${host}/`, { tenantId })).then(
        ({ status }) => status,
        (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
      );
  }

  test("narrow those of the engine", async () => {
    const to = engineWith({ allow: ["10.0.0.1", "10.0.0.3"] }, {
      egress: { allow: ["10.0.0.0/8"] },
    });
    expect(await to("acme", "x.internal")).toBe(200);
    expect(await to("acme", "a.example")).toBe(200);
    expect(await to("other", "y.internal")).toBe(200);
    expect(await to("acme", "y.internal")).toContain(
      'add "y.internal:443" to tenants.acme.egress.allow, which narrows egress.allow',
    );
  });

  test("open nothing that the engine does not, unless they are to extend it", async () => {
    const narrow = engineWith({ allow: ["10.0.0.1"] });
    expect(await narrow("acme", "x.internal")).toContain("egress.denied");
    const wide = engineWith({ allow: ["10.0.0.1"], extend: true });
    expect(await wide("acme", "x.internal")).toBe(200);
    expect(await wide("other", "x.internal")).toContain("egress.denied");
    expect(await wide("acme", "y.internal")).toContain("tenants.acme.egress.allow");
  });

  test("may only report, which is counted", async () => {
    const made = rig(ok, { tenants: { acme: { egress: { mode: "report", extend: true } } } });
    Object.assign(made.zone, zone);
    const call = (tenantId: string) =>
      made.engine.call(callTo("https://x.internal/", { tenantId }));
    expect((await call("acme")).status).toBe(200);
    expect((await failure(call("other"))).code).toBe("egress.denied");
    expect(made.engine.admission().denials).toEqual({ tenant: 0, egress: 1, reported: 1 });
  });
});

describe("the times of a tenant", () => {
  test("take the place of the engine's", async () => {
    const { engine, clock } = rig(never, {
      retry: false,
      tenants: { acme: { firstByteTimeoutMs: 100, maxCallMs: 5_000 } },
    });
    const slow = failure(engine.call(callTo("https://a.example/", from("acme"))));
    await settle();
    clock.advance(100);
    expect(await slow).toMatchObject({ code: "timeout.first_byte" });
    const other = failure(engine.call(callTo("https://a.example/", from("other"))));
    await settle();
    clock.advance(9_999);
    await settle();
    expect(engine.stats().active).toBe(1);
    clock.advance(1);
    expect((await other).code).toBe("deadline.exceeded");
  });

  test("limit streams", async () => {
    const { engine, clock } = rig(
      () => Promise.resolve({ status: 200, headers: [], body: new ReadableStream({}) }),
      { tenants: { acme: { idleTimeoutMs: 50, maxCallMs: 5_000 } } },
    );
    const reply = await engine.call(callTo("https://a.example/", from("acme")));
    const reading = failure((reply.body as ReadableStream).getReader().read());
    await settle();
    clock.advance(50);
    expect((await reading).code).toBe("timeout.idle");
  });
});

describe("limits and places of a tenant", () => {
  test("are those under its name, of default for each that has none", async () => {
    const rule = { perMs: 60_000, maxWaitMs: 0 };
    const { engine } = rig(ok, {
      tenants: {
        default: { rateLimits: [{ ...rule, calls: 1 }] },
        acme: { rateLimits: [{ ...rule, calls: 2 }] },
        free: {},
      },
    });
    async function passed(tenantId: string): Promise<number> {
      let count = 0;
      for (let i = 0; i < 4; i++) {
        const code = await engine.call(callTo("https://a.example/", { tenantId }))
          .then(() => "", (error: { code: string }) => error.code);
        if (code === "") count++;
        else expect(code).toBe("rate.limited");
      }
      return count;
    }
    expect(await Promise.all(["acme", "x", "y", "free"].map(passed))).toEqual([2, 1, 1, 4]);
  });

  test("of calls in progress", async () => {
    const { engine, requests } = rig(never, {
      tenants: { acme: { places: { perTenant: 2, queue: 0 } } },
    });
    const calls = (tenantId: string) =>
      Array.from(
        { length: 3 },
        () => failure(engine.call(callTo("https://a.example/", { tenantId }))),
      );
    const [, , third] = calls("acme");
    const others = calls("other");
    expect(await third).toMatchObject({ code: "bulkhead.full" });
    expect((await third)?.message).toContain("(2, 64 to a.example), and 0 waiting");
    await settle();
    expect(requests).toHaveLength(5);
    await engine.close();
    for (const one of others) expect((await one).code).toBe("client.closed");
  });
});

test("twenty thousand names of tenants leave nothing behind that grows", async () => {
  const { engine } = rig(
    () =>
      Promise.resolve(answer(200, "", [["ratelimit-remaining", "5"], ["ratelimit-reset", "9"]])),
    { cache: true, rateLimits: [{ tenant: "*", calls: 9, perMs: 1_000 }] },
  );
  const policy = { rateLimit: { rate: { calls: 9, perMs: 1_000, burst: 9 } } };
  for (let i = 0; i < 20_000; i++) {
    const call = engine.call(callTo("https://a.example/", { tenantId: `tenant-${i}`, policy }));
    if (i % 100 === 0) await call;
  }
  await settle();
  const { tenants } = engine.admission();
  expect(tenants).toBeGreaterThan(0);
  expect(tenants).toBeLessThanOrEqual(256);
}, 60_000);

test("a name of a tenant that is a book is refused", async () => {
  const { engine } = rig(ok);
  expect(await failure(engine.call(callTo("https://a.example/", from("x".repeat(257))))))
    .toMatchObject({ code: "tenant.name", errorClass: ErrorClass.InvalidRequest, sent: "no" });
});

describe("a pattern", () => {
  test.each(
    [
      ["a", "a", true],
      ["a", "ab", false],
      ["*", "", true],
      ["a*", "a", true],
      ["a*c", "abc", true],
      ["a*a", "a", false],
      ["*b*", "abc", true],
      ["a*b*c", "aXbYc", true],
      ["a*b*c", "acb", false],
      ["a*bc*bc", "abc", false],
      ["a.c", "abc", false],
      ["A", "a", false],
    ] as const,
  )("%s and %s: %p", (entry, text, fits) => {
    expect(pattern(entry)(text)).toBe(fits);
  });

  test("of many stars takes no longer for it", () => {
    expect(pattern("a*".repeat(2_000) + "b")("a".repeat(100_000))).toBe(false);
  });
});
