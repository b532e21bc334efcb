import { describe, expect, test } from "bun:test";
import { ConnectorError, ErrorClass } from "../../../../src/core/errors.ts";
import type { UpstreamRequest } from "../../../../src/core/platform.ts";
import type { CredentialOptions } from "../../../../src/engine/credentials/credential.ts";
import { answer, callTo, failure, rig } from "../support.ts";

const SECRET = "s3cr3t/with+signs";
const KEY: CredentialOptions = {
  name: "shop",
  secret: SECRET,
  connectors: ["shop", "http"],
  hosts: ["a.example", "127.0.0.1", "localhost"],
  headers: { Authorization: "Bearer ${secret}" },
};
const ok = () => Promise.resolve(answer(200, "hello"));

function header({ headers }: UpstreamRequest, name: string): string[] {
  return headers.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value);
}

async function sentWith(
  key: Partial<CredentialOptions>,
  part: object = {},
  url = "https://a.example/",
) {
  const made = rig(ok, { credentials: [{ ...KEY, ...key }], egress: { allow: ["127.0.0.0/8"] } });
  await made.engine.call(callTo(url, part));
  const [request] = made.requests;
  if (request === undefined) throw new Error("nothing was sent");
  return request;
}

describe("a credential", () => {
  test("is added to calls of its connector and host, replacing the caller's value", async () => {
    const request = await sentWith({}, { headers: [["AUTHORIZATION", "mine"], ["x-a", "1"]] });
    expect(header(request, "authorization")).toEqual([`Bearer ${SECRET}`]);
    expect(header(request, "x-a")).toEqual(["1"]);
  });

  test.each(
    [
      ["connector", {}, { connector: "other" }, "https://a.example/"],
      ["host", {}, {}, "https://b.example/"],
      ["port", { hosts: ["a.example:443"] }, {}, "https://a.example:444/"],
      ["tenant", { tenants: ["acme*"] }, {}, "https://a.example/"],
    ] as const,
  )("goes into no call of another %s", async (_, key, part, url) => {
    const request = await sentWith(key, part, url);
    expect(JSON.stringify(request.headers)).not.toContain(SECRET);
  });

  test("is sent as it is, whatever characters it has", async () => {
    const secret = "a$$b$&c$'d$`e";
    const request = await sentWith({ secret });
    expect(header(request, "authorization")).toEqual([`Bearer ${secret}`]);
  });

  test("goes into the query, as the only one of its name", async () => {
    const only = { headers: {}, query: { api_key: "${secret}" } };
    const request = await sentWith(only, {}, "https://a.example/x?b=%20c&api_key=mine&api%5Fkey=2");
    expect(request.url.href).toBe(
      `https://a.example/x?b=%20c&api_key=${encodeURIComponent(SECRET)}`,
    );
  });

  test("goes out as a user's password", async () => {
    const request = await sentWith({ headers: {}, basic: "${secret}:" });
    expect(header(request, "authorization")).toEqual([`Basic ${btoa(`${SECRET}:`)}`]);
  });

  test("goes over plain http on loopback alone, unless that is allowed", async () => {
    const loopback = await sentWith({}, {}, "http://127.0.0.1:8080/");
    expect(header(loopback, "authorization")).toHaveLength(1);
    const { engine, requests } = rig(ok, { credentials: [KEY] });
    expect(await failure(engine.call(callTo("http://a.example/")))).toMatchObject({
      code: "credential.plain_http",
      errorClass: ErrorClass.Permanent,
      origin: "local",
      sent: "no",
    });
    expect(requests).toHaveLength(0);
    const allowed = await sentWith({ plainHttp: true }, {}, "http://a.example/");
    expect(header(allowed, "authorization")).toHaveLength(1);
  });

  test("comes after the egress decision", async () => {
    const { engine, requests, zone } = rig(ok, { credentials: [KEY] });
    zone["a.example"] = ["10.0.0.1"];
    expect((await failure(engine.call(callTo("https://a.example/")))).code).toBe("egress.denied");
    expect(requests).toHaveLength(0);
  });

  test("is kept for redirects on its origin, and dropped for good at the first other one", async () => {
    const hops = ["/2", "https://b.example/3", "https://a.example/4"];
    const { engine, requests } = rig((request) => {
      const to = hops[Number(request.url.pathname.slice(1)) - 1];
      return Promise.resolve(to ? answer(307, "", [["location", to]]) : answer(200));
    }, { credentials: [KEY] });
    const reply = await engine.call(callTo("https://a.example/1"));
    expect(reply.status).toBe(200);
    expect(requests.map((request) => header(request, "authorization").length)).toEqual([
      1,
      1,
      0,
      0,
    ]);
  });

  test("is put in anew for each attempt", async () => {
    let count = 0;
    const { engine, requests } = rig(
      () => Promise.resolve(answer(count++ === 0 ? 408 : 200)),
      { credentials: [KEY], retry: false },
    );
    for (const status of [408, 200]) {
      expect((await engine.call(callTo("https://a.example/"))).status).toBe(status);
    }
    expect(requests.map((request) => header(request, "authorization").length)).toEqual([1, 1]);
  });
});

describe("what an API repeats of a credential", () => {
  const query = { ...KEY, headers: {}, query: { key: "${secret}" } };

  test("is not in the head of its answer, nor in where it came from", async () => {
    const { engine } = rig((request) =>
      Promise.resolve(
        request.url.pathname === "/"
          ? answer(302, "", [["location", `/next${request.url.search}`]])
          : answer(200, "", [["x-asked", request.url.href], ["link", `<${request.url.href}>`]]),
      ), { credentials: [query] });
    const reply = await engine.call(callTo("https://a.example/"));
    expect(reply.url).toBe("https://a.example/next?key=[redacted]");
    expect(JSON.stringify(reply.headers)).not.toContain(encodeURIComponent(SECRET));
    expect(JSON.stringify(reply.headers)).toContain("[redacted]");
  });

  test("is not in errors, nor in what caused them", async () => {
    const { engine } = rig(() =>
      Promise.reject(
        new ConnectorError({
          errorClass: ErrorClass.Permanent,
          code: "response.malformed",
          message: `it said Bearer ${SECRET}`,
          cause: new Error(`and ${btoa(`x${SECRET}`)}`),
        }),
      ), { credentials: [KEY] });
    const error = await failure(engine.call(callTo("https://a.example/")));
    expect(error.message).toBe("it said Bearer [redacted]");
    expect((error.cause as Error).message).toBe("and eH[redacted]");
  });
});

test("an invalid credential is refused, without showing the secret", () => {
  for (
    const wrong of [
      { secret: "" },
      { secret: "two\nlines" },
      { headers: { authorization: "Bearer" } },
      { headers: {} },
      { hosts: ["*"] },
      { hosts: ["*:443"] },
      { hosts: ["10.0.0.0/8"] },
    ] as Partial<CredentialOptions>[]
  ) {
    let message = "";
    try {
      rig(ok, { credentials: [{ ...KEY, ...wrong }] });
    } catch (error) {
      message = error instanceof ConnectorError ? error.message : "";
    }
    expect(message).not.toBe("");
    expect(message).not.toContain("lines");
    expect(message).not.toContain(SECRET);
  }
});
