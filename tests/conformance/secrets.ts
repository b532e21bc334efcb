/** Anything derived from a configured secret reaches the API and no other origin. */
import { expect } from "bun:test";
import {
  ApiError,
  apiKey,
  type AuthStep,
  awsSigV4,
  basic,
  bearer,
  call,
  ConnectorClient,
  type ConnectorData,
  fetchRuntime,
  hmac,
  hookAuth,
  jsonResult,
  linkHeader,
  nextUrl,
  oauth2,
  type OperationData,
  pages,
} from "../../src/connector/mod.ts";
import type { ReceivedRequest } from "../support/upstream.ts";
import { type Behaviour, type Context, failure } from "./context.ts";

const CANARY = "canary-7f3a91c2d5";
const KEY = [{ get: ["config", "key"] }];

const AUTH: Readonly<Record<string, readonly AuthStep[]>> = {
  bearer: [bearer(KEY)],
  basic: [basic(["user"], KEY)],
  "API key in a header": [apiKey("header", "X-Shop-Key", KEY)],
  "API key in the query": [apiKey("query", "shop_key", KEY)],
  "API key in a cookie": [apiKey("cookie", "sid", KEY)],
  "AWS signature": [awsSigV4({
    accessKeyId: ["AKID"],
    secretAccessKey: KEY,
    sessionToken: KEY,
    region: ["eu-west-1"],
    service: "s3",
  })],
  HMAC: [hmac({
    algorithm: "sha256",
    secret: KEY,
    sign: [{ get: ["request", "path"] }],
    encoding: "hex",
    header: "X-Signature",
    value: [{ get: ["signature"] }],
    extra: [["X-Signed-With", KEY], ["X-Again", [{ get: ["signature"] }]]],
  })],
  hook: [hookAuth((request, config) => {
    request.headers["x-made"] = btoa(String(config["key"]));
  })],
};

const GET: OperationData = { id: "things.get", method: "GET", path: "", result: jsonResult };

function spec(url: string, part: Partial<ConnectorData> = {}): ConnectorData {
  return {
    id: "shop",
    version: "1.0.0",
    servers: { default: { url } },
    config: [{ name: "key", secret: true }, { name: "team" }],
    headers: [["X-Template", ["v1 ", ...KEY]], ["X-Team", [{ get: ["config", "team"] }]]],
    errors: { error: ApiError },
    ...part,
  };
}

function made(context: Context, part: Partial<ConnectorData>, runtime = context.client as object) {
  const options = { key: CANARY, team: "blue", runtime: runtime as never };
  return new ConnectorClient(spec(context.upstream.url, part), options);
}

/** Everything that may show where a request came from. */
function shown({ target, headers }: ReceivedRequest): string {
  return JSON.stringify([target, headers]);
}

const MADE = [CANARY, btoa(CANARY), btoa(`user:${CANARY}`), "Signature=", "x-signature", "x-again"];

function expectNoSecret(request: ReceivedRequest): void {
  const text = shown(request).toLowerCase();
  for (const secret of MADE) expect(text).not.toContain(secret.toLowerCase());
  // Headers that are not secret are kept, which shows that it is the intended request.
  expect(request.header("x-team")).toBe("blue");
}

async function redirected(context: Context): Promise<void> {
  for (const [name, auth] of Object.entries(AUTH)) {
    for (const status of [302, 307]) {
      const path = `/request?run=${encodeURIComponent(`${name}${status}`)}`;
      const to = encodeURIComponent(context.second.url + path);
      const client = made(context, { auth });
      await call(client, { ...GET, path: `/redirect?status=${status}&to=${to}` });
      const first = await context.upstream.request("/redirect");
      expect(first.header("x-template")).toBe(`v1 ${CANARY}`);
      const second = await context.second.request("/request");
      expect(second.target).toBe(path);
      expectNoSecret(second);
    }
  }
}

export const secrets: readonly Behaviour[] = [
  {
    name: "a redirect to another origin gets no secret of a connector, whatever its auth",
    run: (context) => redirected(context),
  },
  {
    name: "neither does it by fetch alone, which follows where only authorization is secret",
    async run(context) {
      const { second } = context;
      const path = `/redirect?to=${encodeURIComponent(`${second.url}/request`)}`;
      for (const auth of Object.values(AUTH)) {
        const before = second.requests.length;
        const work = call(made(context, { auth }, fetchRuntime()), { ...GET, path });
        expect(await failure(work)).toMatchObject({ code: "api.error", status: 302 });
        expect(second.requests.length).toBe(before);
      }
      for (const auth of [AUTH["bearer"], AUTH["basic"], AUTH["API key in the query"]]) {
        const plain = { ...spec(context.upstream.url, { auth: auth ?? [] }), headers: [] };
        const options = { key: CANARY, team: "blue", runtime: fetchRuntime() };
        await call(new ConnectorClient(plain, options), { ...GET, path });
        const text = shown(await second.request("/request"));
        for (const secret of MADE) expect(text).not.toContain(secret);
      }
    },
  },
  {
    name: "a next page on another origin gets none either, whatever says where it is",
    async run(context) {
      const { upstream, second } = context;
      const hooked = (request: { headers: Record<string, string> }, _: unknown, config: object) => {
        request.headers["x-hooked"] = JSON.stringify(config);
      };
      for (const [name, auth] of Object.entries(AUTH)) {
        const next = `${second.url}/request?page=${encodeURIComponent(name)}`;
        const answer = { items: [1], next };
        const link = encodeURIComponent(`<${next}>; rel="next"`);
        const path = `/answer?json=${encodeURIComponent(JSON.stringify(answer))}&link=${link}`;
        for (const style of [nextUrl(["next"]), linkHeader("next")]) {
          const operation: OperationData = {
            ...GET,
            path,
            onRequest: hooked,
            idempotency: { header: "X-Once", generate: true },
            page: { items: ["items"], next: style, maxPages: 2 },
          };
          const headers = { Authorization: `Bearer ${CANARY}`, "X-Shop-Key": CANARY };
          const client = made(context, { auth });
          const list = await pages(client, operation, {}, { headers });
          expect((await upstream.request("/answer")).header("x-hooked")).toContain(CANARY);
          await list.nextPage();
          const request = await second.request("/request");
          expect(request.query.get("page")).toBe(name);
          expect(request.header("x-once")).toBeUndefined();
          if (name === "API key in a header") expect(request.header("x-shop-key")).toBeUndefined();
          const own = request.headers.filter(([key]) => key.toLowerCase() !== "x-shop-key");
          expectNoSecret({ ...request, headers: own, header: (key) => request.header(key) });
        }
      }
    },
  },
  {
    name: "a token endpoint that redirects gets the client's secret sent nowhere else",
    async run(context) {
      for (const runtime of [context.client, fetchRuntime()]) {
        for (const clientAuth of ["basic", "body"] as const) {
          const before = context.second.requests.length;
          const to = encodeURIComponent(`${context.second.url}/request`);
          const step = oauth2({
            flow: "clientCredentials",
            tokenUrl: [`${context.upstream.url}/redirect?status=307&to=${to}`],
            clientId: ["id"],
            clientSecret: KEY,
            clientAuth,
          });
          const client = made(context, { auth: [step] }, runtime);
          const error = await call(client, { ...GET, path: "/json" }).catch((e: unknown) => e);
          expect(error).toMatchObject({ code: "auth.token" });
          expect(context.second.requests.length).toBe(before);
        }
      }
    },
  },
];
