import { describe, expect, test } from "bun:test";
import {
  apiKey,
  type AuthStep,
  awsSigV4,
  basic,
  bearer,
  call,
  hmac,
  hookAuth,
  jsonBody,
  type OperationData,
} from "../../../../src/connector/mod.ts";
import type { OutgoingRequest } from "../../../../src/connector/data/request.ts";
import { headerBag } from "../../../../src/connector/request/outgoing.ts";
import { signV4 } from "../../../../src/connector/auth/sigv4.ts";
import { fakeClock } from "../../../support/clock.ts";
import { client, FakeRuntime, GET, header, rejection } from "../support.ts";

const CONFIG = ["key", "user", "password", "token"].map((
  name,
) => ({ name, optional: true } as const));
const KEY = [{ get: ["config", "key"] }];

async function sent(
  auth: readonly AuthStep[],
  spec: Partial<OperationData> = {},
  input: object = {},
) {
  const runtime = new FakeRuntime();
  const options = {
    key: "s3 cret",
    user: "u",
    password: "p:ä",
    clock: fakeClock(Date.UTC(2030, 0, 1)),
  };
  await call(client(runtime, { auth, config: CONFIG }, options), { ...GET, ...spec }, input);
  return runtime.last;
}

describe("simple kinds", () => {
  test("bearer, named as secret", async () => {
    const request = await sent([bearer(KEY)]);
    expect(header(request, "authorization")).toBe("Bearer s3 cret");
    expect(request.policy?.secretHeaders).toEqual(["authorization"]);
  });

  test("basic, in UTF-8", async () => {
    const request = await sent([
      basic([{ get: ["config", "user"] }], [{ get: ["config", "password"] }]),
    ]);
    expect(header(request, "authorization")).toBe("Basic dTpwOsOk");
  });

  test("API key in a header, the query, a cookie", async () => {
    const inHeader = await sent([apiKey("header", "X-API-Key", KEY)]);
    expect(header(inHeader, "x-api-key")).toBe("s3 cret");
    expect(inHeader.policy?.secretHeaders).toEqual(["x-api-key"]);
    expect((await sent([apiKey("query", "api key", KEY)])).url).toBe(
      "https://api.test/v1/things?api%20key=s3%20cret",
    );
    expect(header(await sent([apiKey("cookie", "sid", KEY)]), "cookie")).toBe("sid=s3%20cret");
  });

  test("several apply together; an operation's own replace them; none means none", async () => {
    const both = await sent([bearer(KEY), apiKey("header", "x-two", KEY)]);
    expect([header(both, "authorization"), header(both, "x-two")]).toEqual([
      "Bearer s3 cret",
      "s3 cret",
    ]);
    expect(header(await sent([bearer(KEY)], { auth: [] }), "authorization")).toBeUndefined();
  });

  test("a header of the call goes above auth", async () => {
    const runtime = new FakeRuntime();
    const made = client(runtime, { auth: [bearer(KEY)], config: CONFIG }, { key: "k" });
    await call(made, GET, {}, { headers: { Authorization: "Bearer mine" } });
    expect(header(runtime.last, "authorization")).toBe("Bearer mine");
    await call(made, GET, {}, { headers: { authorization: null } });
    expect(header(runtime.last, "authorization")).toBeUndefined();
  });

  test("a hook signs what it is given", async () => {
    const request = await sent([hookAuth(async (outgoing, config) => {
      await Promise.resolve();
      outgoing.headers["x-signed"] = `${outgoing.method} ${String(config["key"])}`;
    })]);
    expect(header(request, "x-signed")).toBe("GET s3 cret");
  });
});

describe("HMAC", () => {
  const sign = [
    { get: ["request", "method"] },
    "\n",
    { get: ["request", "path"] },
    "\n",
    { get: ["timestamp"] },
    "\n",
    { get: ["request", "body"] },
  ];
  const step = hmac({
    algorithm: "sha256",
    secret: KEY,
    sign,
    encoding: "hex",
    header: "X-Signature",
    value: ["v1=", { get: ["signature"] }],
    extra: [["X-Timestamp", [{ get: ["timestamp"] }]]],
  });
  const post: Partial<OperationData> = {
    method: "POST",
    body: { encode: jsonBody, contentType: "application/json", required: true },
  };

  test("signs method, path, time and body", async () => {
    const request = await sent([step], post, { a: 1 });
    // printf 'POST\n/v1/things\n1893456000\n{"a":1}' | openssl dgst -sha256 -hmac 's3 cret'
    expect(header(request, "x-timestamp")).toBe("1893456000");
    expect(header(request, "x-signature")).toBe(`v1=${EXPECTED_HMAC}`);
    expect(request.policy?.secretHeaders).toEqual(["x-signature"]);
  });

  test("a streamed body cannot be signed", async () => {
    const body = {
      encode: () => ({ body: new ReadableStream<Uint8Array>(), contentType: "x" }),
      contentType: "x",
    };
    expect(await rejection(sent([step], { method: "POST", body }, { a: 1 }))).toMatchObject({
      code: "auth.stream_body",
    });
  });
});

const EXPECTED_HMAC = "1366cd5afab5bb3fd7e76fe82ba4fb8e3b696a3ecb2836db8e6dd4322955931a";

describe("AWS signature version 4", () => {
  // From AWS's test suite (aws-sig-v4-test-suite) and the worked example of its documentation.
  const keys = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    region: "us-east-1",
    service: "service",
  };
  const at = new Date("2015-08-30T12:36:00Z");

  async function signature(
    request: Partial<OutgoingRequest>,
    service = "service",
    sessionToken?: string,
  ): Promise<string> {
    const outgoing: OutgoingRequest = {
      operation: "op",
      method: "GET",
      url: "https://example.amazonaws.com/",
      body: null,
      secretHeaders: new Set(),
      secrets: [],
      ...request,
      headers: headerBag(Object.entries(request.headers ?? {})),
    };
    await signV4(outgoing, { ...keys, service, sessionToken }, at);
    expect(outgoing.headers["x-amz-date"]).toBe("20150830T123600Z");
    return outgoing.headers["authorization"] ?? "";
  }

  test("get-vanilla", async () => {
    expect(await signature({})).toBe(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, " +
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    );
  });

  test("get-vanilla-query-order-key-case", async () => {
    expect(await signature({ url: "https://example.amazonaws.com/?Param2=value2&Param1=value1" }))
      .toContain(
        "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
      );
  });

  test("post-vanilla", async () => {
    expect(await signature({ method: "POST" })).toContain(
      "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    );
  });

  test("post-x-www-form-urlencoded", async () => {
    expect(
      await signature({
        method: "POST",
        headers: headerBag([["Content-Type", "application/x-www-form-urlencoded"]]),
        body: new TextEncoder().encode("Param1=value1"),
      }),
    ).toContain("Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
  });

  test("the documentation's ListUsers", async () => {
    const text = await signature({
      url: "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
      headers: headerBag([["content-type", "application/x-www-form-urlencoded; charset=utf-8"]]),
    }, "iam");
    expect(text).toContain("SignedHeaders=content-type;host;x-amz-date");
    expect(text).toContain(
      "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    );
  });

  test("a session token is signed, and S3 wants the hash of the body", async () => {
    expect(await signature({}, "service", "token")).toContain(
      "SignedHeaders=host;x-amz-date;x-amz-security-token",
    );
    expect(await signature({ body: new ReadableStream<Uint8Array>(), method: "PUT" }, "s3"))
      .toContain(
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date",
      );
    expect(await rejection(signature({ body: new ReadableStream<Uint8Array>(), method: "PUT" })))
      .toMatchObject({
        code: "auth.stream_body",
      });
  });

  test("as a step", async () => {
    const step = awsSigV4({
      accessKeyId: ["AKID"],
      secretAccessKey: KEY,
      region: ["eu-west-1"],
      service: "execute-api",
    });
    const request = await sent([step]);
    expect(header(request, "x-amz-date")).toBe("20300101T000000Z");
    expect(header(request, "authorization")).toContain(
      "Credential=AKID/20300101/eu-west-1/execute-api/aws4_request",
    );
  });
});
